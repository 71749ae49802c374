/**
 * A command of a client: https://docs.nats.io/reference/reference-protocols/nats-protocol
 * Names are decoded as Latin-1, so that each byte is kept.
 */
export type ClientCommand =
  | { name: 'CONNECT'; options: Record<string, unknown> }
  | { name: 'PING' | 'PONG' }
  | { name: 'PUB' | 'HPUB'; subject: string; reply?: string; headers?: [string, string][]; payload: Buffer }
  | { name: 'SUB'; subject: string; queue?: string; sid: number }
  | { name: 'UNSUB'; sid: number; max?: number };

const CRLF = '\r\n';
const NAME = String.raw`[^ \t\r\n\0]+`;
const SIZE = String.raw`0|[1-9]\d*`;
const LINES = {
  CONNECT: /^CONNECT (\{.*\})$/,
  PING: /^PING$/,
  PONG: /^PONG$/,
  PUB: new RegExp(`^PUB (?<subject>${NAME})(?: (?<reply>${NAME}))? (?<size>${SIZE})$`),
  HPUB: new RegExp(`^HPUB (?<subject>${NAME})(?: (?<reply>${NAME}))? (?<head>${SIZE}) (?<size>${SIZE})$`),
  SUB: new RegExp(`^SUB (?<subject>${NAME})(?: (?<queue>${NAME}))? (?<sid>[1-9]\\d*)$`),
  UNSUB: /^UNSUB (?<sid>[1-9]\d*)(?: (?<max>[1-9]\d*))?$/,
};

/** Parses the bytes of a client, and throws if they deviate from the protocol. */
export function parseClientProtocol(bytes: Buffer): ClientCommand[] {
  const commands: ClientCommand[] = [];
  let at = 0;
  const take = (length: number): Buffer => {
    if (at + length > bytes.length) throw new Error(`It ends within ${length} bytes that begin at ${at}.`);
    at += length;
    return bytes.subarray(at - length, at);
  };
  const takeEnd = () => {
    const end = take(CRLF.length).toString('latin1');
    if (end !== CRLF) throw new Error(`${JSON.stringify(end)} at ${at - CRLF.length} is where a payload should end.`);
  };
  while (at < bytes.length) {
    const end = bytes.indexOf(CRLF, at);
    const line = take((end < 0 ? bytes.length : end) - at).toString('latin1');
    const fail = () => new Error(`${JSON.stringify(line.slice(0, 200))} at ${at - line.length} is no command.`);
    if (end < 0 || line.length > 4096) throw fail();
    takeEnd();
    const name = /^[A-Z]+/.exec(line)?.[0] as keyof typeof LINES;
    const match = LINES[name]?.exec(line);
    if (!match) throw fail();
    const { subject = '', reply, queue, size, head, sid, max } = match.groups ?? {};
    switch (name) {
      case 'CONNECT':
        commands.push({ name, options: JSON.parse(Buffer.from(match[1] as string, 'latin1').toString()) });
        break;
      case 'PING':
      case 'PONG':
        commands.push({ name });
        break;
      case 'PUB':
      case 'HPUB': {
        const headers = head === undefined ? undefined : parseHeaderBlock(take(Number(head)));
        const payload = take(Number(size) - Number(head ?? 0));
        takeEnd();
        commands.push({ name, subject, ...(reply && { reply }), ...(headers && { headers }), payload });
        break;
      }
      case 'SUB':
        commands.push({ name, subject, ...(queue && { queue }), sid: Number(sid) });
        break;
      case 'UNSUB':
        commands.push({ name, sid: Number(sid), ...(max && { max: Number(max) }) });
        break;
    }
  }
  return commands;
}

function parseHeaderBlock(bytes: Buffer): [string, string][] {
  const [version, ...lines] = bytes.toString('latin1').split(CRLF);
  const ends = lines.splice(-2);
  if (version !== 'NATS/1.0' || ends.join() !== ',')
    throw new Error(`${JSON.stringify(bytes.toString())} are no headers.`);
  return lines.map((line) => {
    const [, name, value] = /^([!-9;-~]+): ([^\r\n\0]*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) throw new Error(`${JSON.stringify(line)} is no header.`);
    return [name, value];
  });
}
