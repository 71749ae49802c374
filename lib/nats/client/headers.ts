import { type MsgHdrs, MsgHdrsImpl, TD, TE } from 'nats';

/** Headers with checked names and values, as they are in a message. */
export function writeHeaders(values: Iterable<readonly [name: string, values: readonly string[]]>): Uint8Array {
  let text = 'NATS/1.0\r\n';
  for (const [name, all] of values) for (const value of all) text += `${name}: ${value}\r\n`;
  return Buffer.from(`${text}\r\n`);
}

/**
 * The headers of a received message, valid or not.
 *
 * The client's reader throws on an invalid name, and its connection reads nothing after that. It also compares each
 * name with all previous ones, so 1 MiB of headers blocks the process for minutes. Any publisher could cause either.
 */
export function readHeaders(bytes: Uint8Array): MsgHdrs {
  const [status = '', ...lines] = TD.decode(bytes).split('\r\n');
  const decoded = MsgHdrsImpl.decode(TE.encode(status));
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon < 0) continue;
    const name = line.slice(0, colon);
    const value = line.slice(colon + 1).trim();
    const values = decoded.headers.get(name);
    if (values) values.push(value);
    else decoded.headers.set(name, [value]);
  }
  return decoded;
}
