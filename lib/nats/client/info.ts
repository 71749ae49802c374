import { ConnectionError, INFO, type ServerInfo } from 'nats';

/** A server's description of itself is an object with a few lists. */
const MAX_BRACKETS = 100;

/** Servers send some 20 characters; signing 1 MiB would take a tenth of a second. */
const MAX_NONCE_LENGTH = 1024;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const BRACKETS = [0x5b, 0x7b];

/** Throws for JSON with very many arrays or objects: 1 MiB of nothing else takes a second to parse. */
export function checkFlat(json: Uint8Array): void {
  let brackets = 0;
  let isInString = false;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at] as number;
    if (byte === QUOTE) isInString = !isInString;
    else if (isInString && byte === BACKSLASH) at++;
    else if (!isInString && BRACKETS.includes(byte)) brackets++;
  }
  if (brackets > MAX_BRACKETS) throw new ConnectionError('the server describes itself in too much detail');
}

/** Parses the first line that a server sends. Throws if it is not that of a NATS server. */
export function parseGreeting(line: Uint8Array): ServerInfo {
  const [, json] = INFO.exec(Buffer.from(line).toString()) ?? [];
  if (json === undefined) throw new ConnectionError('the greeting is not that of a NATS server');
  checkFlat(line);
  const info = JSON.parse(json);
  if (typeof info !== 'object' || info === null || String(info.nonce ?? '').length > MAX_NONCE_LENGTH) {
    throw new ConnectionError('the greeting is not that of a NATS server');
  }
  return info;
}
