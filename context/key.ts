/** Where a value of a context is: a scope is `global`, the id of a flow, or `node:flow`, as Node-RED names them. */
export interface Place {
  scope: string;
  /** Any text. */
  key: string;
}

const ESCAPED = /=(?:u([\dA-F]{4})|([\dA-F]{2}))/g;
const EMPTY = '=';

/**
 * The key of a value in the bucket: `global.KEY`, `flow.FLOW.KEY` or `node.FLOW.NODE.KEY`. Letters, digits, `-`, `_` and
 * `/` are as they are; each other character is `=` and its UTF-16 code unit, two digits (`=2E`) or `u` and four
 * (`=u20AC`), as keys have few characters: https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-8.md
 */
export function bucketKey({ scope, key }: Place): string {
  if (scope === 'global') return `global.${escaped(key)}`;
  const colon = scope.indexOf(':');
  if (colon < 0) return `flow.${escaped(scope)}.${escaped(key)}`;
  const [node, flow] = [scope.slice(0, colon), scope.slice(colon + 1)];
  return `node.${escaped(flow)}.${escaped(node)}.${escaped(key)}`;
}

/** The inverse of `bucketKey`; `undefined` for a key that it cannot have made. */
export function placeOf(text: string): Place | undefined {
  const [kind, ...tokens] = text.split('.');
  const [first = '', second = '', third = ''] = tokens.map(unescaped);
  let place: Place | undefined;
  if (kind === 'global') place = { scope: 'global', key: first };
  else if (kind === 'flow') place = { scope: first, key: second };
  else if (kind === 'node') place = { scope: `${second}:${first}`, key: third };
  // What was written otherwise, such as `=61` for `a`, would be written under another key.
  return place && bucketKey(place) === text ? place : undefined;
}

function escaped(text: string): string {
  if (text === '') return EMPTY;
  return text.replace(/[^\w/-]/g, (character) => {
    const code = character.charCodeAt(0);
    const digits = code.toString(16).toUpperCase();
    return code < 0x100 ? `=${digits.padStart(2, '0')}` : `=u${digits.padStart(4, '0')}`;
  });
}

function unescaped(token: string): string {
  if (token === EMPTY) return '';
  return token.replace(ESCAPED, (_, long: string | undefined, short: string) =>
    String.fromCharCode(Number.parseInt(long ?? short, 16)),
  );
}
