/** The part of a broker's protocol that a load needs: frames of one length, which can be counted without parsing. */
export interface Dialect {
  /** The bytes that open a connection, and the end of the answer. */
  hello: Buffer;
  helloEnds: Buffer;
  /** The bytes that subscribe, and the end of the answer. */
  subscribe(subject: string): Buffer;
  subscribeEnds: Buffer;
  /** The bytes of a message to the broker. */
  frame(subject: string, payload: Buffer): Buffer;
  /** The length of a message from the broker. */
  receivedLength(subject: string, payloadLength: number): number;
}

const PING = 'PING\r\n';
const PONG = Buffer.from('PONG\r\n');

/** https://docs.nats.io/reference/reference-protocols/nats-protocol */
const NATS: Dialect = {
  hello: Buffer.from(`CONNECT {"verbose":false,"pedantic":false,"lang":"bench","version":"0","protocol":1}\r\n${PING}`),
  helloEnds: PONG,
  subscribe: (subject) => Buffer.from(`SUB ${subject} 1\r\n${PING}`),
  subscribeEnds: PONG,
  frame: (subject, payload) =>
    Buffer.concat([Buffer.from(`PUB ${subject} ${payload.length}\r\n`), payload, Buffer.from('\r\n')]),
  receivedLength: (subject, length) => `MSG ${subject} 1 ${length}\r\n\r\n`.length + length,
};

/** At QoS 0: https://docs.oasis-open.org/mqtt/mqtt/v3.1.1/mqtt-v3.1.1.html */
const MQTT: Dialect = {
  hello: packet(0x10, Buffer.concat([text('MQTT'), Buffer.from([4, 2, 0, 0]), text(`bench${process.pid}`)])),
  helloEnds: Buffer.from([0x20, 2, 0, 0]),
  subscribe: (topic) => packet(0x82, Buffer.concat([Buffer.from([0, 1]), text(topic), Buffer.from([0])])),
  subscribeEnds: Buffer.from([0x90, 3, 0, 1, 0]),
  frame: (topic, payload) => packet(0x30, Buffer.concat([text(topic), payload])),
  receivedLength: (topic, length) => packet(0x30, Buffer.alloc(2 + topic.length + length)).length,
};

export const DIALECTS = { nats: NATS, mqtt: MQTT };
export type DialectName = keyof typeof DIALECTS;

function packet(type: number, body: Buffer): Buffer {
  const length: number[] = [];
  for (let rest = body.length; rest > 0 || length.length === 0; rest >>= 7) {
    length.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
  }
  return Buffer.concat([Buffer.from([type, ...length]), body]);
}

function text(value: string): Buffer {
  const head = Buffer.alloc(2);
  head.writeUInt16BE(Buffer.byteLength(value));
  return Buffer.concat([head, Buffer.from(value)]);
}
