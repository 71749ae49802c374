import { Received } from '../../lib/nats/client/received';

/** The parts of a message. */
export interface Parts {
  subject?: string;
  reply?: string | undefined;
  headers?: Uint8Array | string | undefined;
  data?: Uint8Array | string;
}

/** A message from a server, whose bytes are a part of a larger chunk. */
export function received({ subject = '', reply = '', headers = '', data = '' }: Parts): Received {
  const parts = [subject, reply, headers, data].map((part) => Buffer.from(part as string));
  const all = Buffer.concat([Buffer.from('before'), ...parts, Buffer.from('behind')]);
  // In memory of its own.
  const chunk = Buffer.from(new Uint8Array(all).buffer);
  let end = 'before'.length;
  const [subjectEnd = 0, replyEnd = 0, dataAt = 0, dataEnd = 0] = parts.map(({ length }) => {
    end += length;
    return end;
  });
  const head = [chunk, 'before'.length, subjectEnd, subjectEnd, replyEnd] as const;
  return new Received(...head, chunk, replyEnd, dataAt, dataEnd);
}

/** The bytes that a message is a part of. */
export function chunkOf({ data }: Received): Buffer {
  return Buffer.from(data.buffer);
}
