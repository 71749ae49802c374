import type { Random } from '../../scripts/random';

/** The error that getters of hostile values throw. */
export const THROWN = new Error('a getter that throws');

/** Pieces that end a line, a token or a string unexpectedly, or have a meaning in some syntax. */
const PIECES = [
  ...['\r\n', '\r', '\n', '\0', ' ', '\t', '\v', '\f', '\x1b', '\x7f', '\x80', '\x85', '\x9f'],
  ...['\u00a0', '\u1680', '\u2003', '\u2028', '\u2029', '\u202f', '\u205f', '\u3000', '\ufeff'],
  // These are allowed, and must arrive unchanged.
  ...[
    '\u200b',
    '\u202e',
    '\u0301',
    '\ufffd',
    '\ufffe',
    '😀',
    '温度',
    'é',
    '%0d%0a',
    '\\r\\n',
    '$',
    '_',
    '-',
    '/',
    '"',
    "'",
  ],
  ...['\ud83d', '\ude00', '\ude00\ud83d'],
  ...['.', '..', '*', '>', '.*', '.>', '*.', '>.', 'a*', 'a>', ':', ': ', '{', '}', '${HOME}', '__proto__'],
  ...['\r\nPUB stolen 0\r\n\r\n', ' stolen 0\r\n\r\nPUB x', '\r\nSUB > 99\r\n', '\r\nUNSUB 1\r\n', '\r\nPING\r\n'],
  ...[
    '\r\n+OK\r\n',
    '\r\nCONNECT {}\r\n',
    ' 5',
    ' 5 5',
    '\r\nHPUB stolen 12 12\r\nNATS/1.0\r\n\r\n\r\n',
    'NATS/1.0\r\n\r\n',
  ],
];

const WORDS = ['a', 'b', 'news', 'A1', 'größe', '__proto__', 'constructor', '$SYS', '_INBOX', 'PUB', '0', '-'];

/** A valid subject. */
export function plainSubject(random: Random): string {
  return Array.from({ length: 1 + random.below(4) }, () => random.of(WORDS)).join('.');
}

/** A text that is a subject, or almost one. */
export function hostileText(random: Random): string {
  const plain = plainSubject(random);
  const at = random.below(plain.length + 1);
  switch (random.below(8)) {
    case 0:
      return random.of(PIECES);
    case 1:
      return `${random.of(PIECES)}${random.of(PIECES)}`;
    case 2:
      return random.of(['*', '>', `${plain}.*`, `${plain}.>`, `*.${plain}`, `>.${plain}`, '*.*.>', '']);
    case 3: {
      const length = random.of([1000, 1899, 1900, 1901, 5000, 70_000]);
      return random.of(['x', 'x.y', 'é', '😀']).repeat(length).slice(0, length);
    }
    case 4:
    case 5:
      return plain.slice(0, at) + random.of(PIECES) + plain.slice(at);
    default:
      return plain;
  }
}

class Twin {
  toString() {
    return 'a';
  }
  toJSON() {
    return 'a';
  }
}

const revoked = Proxy.revocable({}, {});
revoked.revoke();

const throwing = (...names: string[]) =>
  names.reduce(
    (object, name) =>
      Object.defineProperty(object, name, {
        enumerable: true,
        get: () => {
          throw THROWN;
        },
      }),
    {},
  );

function nested(levels: number): unknown {
  let value: unknown = [];
  for (let level = 1; level < levels; level++) value = [value];
  return value;
}

const circular: Record<string, unknown> = {};
circular.self = circular;

/** Nested too deeply to be copied or turned into a string. */
const DEEP = nested(100_000);

/** Values that are no strings, or behave in unexpected ways. */
const VALUES: readonly (() => unknown)[] = [
  () => undefined,
  () => null,
  () => true,
  () => 0,
  () => -0,
  () => Number.NaN,
  () => 42n,
  () => Symbol('subject'),
  () => () => 'a',
  () => ['a'],
  () => ['a', ['b']],
  () => new Array(3),
  () => new Twin(),
  () => new String('a'),
  () => ({ length: 1, 0: 'a' }),
  () => ({ toString: 'a' }),
  () => ({ toJSON: () => undefined }),
  () => ({
    toJSON: () => {
      throw null;
    },
  }),
  () => Object.create(null),
  () => JSON.parse('{"__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": true}}}'),
  () => throwing('a', 'b'),
  () => throwing('toString', 'toJSON', 'length'),
  () => Object.defineProperty({}, Symbol.toStringTag, { get: () => 'String' }),
  () => throwing('toJSON', Symbol.toStringTag as unknown as string),
  () => revoked.proxy,
  () => new Date(0),
  () => new Date(Number.NaN),
  () => Number.NEGATIVE_INFINITY,
  () => new Map([['a', 'b']]),
  () => new Map([['a\r\nPUB stolen 0\r\n', 'b']]),
  () => new Set([['a', ['b', 'c\r\n']]]),
  () => new Headers({ a: 'b' }),
  () => new Error('a'),
  () => new ArrayBuffer(3),
  () => new DataView(Uint8Array.of(1, 13, 10, 2).buffer, 1, 2),
  () => Buffer.from('PUB stolen 0\r\n\r\n'),
  () => new Uint8Array([13, 10, 0, 255]),
  () => new Uint16Array([1, 2]),
  () => circular,
];

/** Any value that a message may have. */
export function hostileValue(random: Random): unknown {
  return random.of(VALUES)();
}

/** A payload, mostly small, but sometimes larger than a server accepts. */
export function hostilePayload(random: Random): unknown {
  if (random.chance(0.3)) return hostileValue(random);
  if (random.chance(0.002)) return DEEP;
  if (random.chance(0.002)) return 'é'.repeat(2 ** 19 + random.below(3) - 1);
  if (random.chance(0.002)) return Buffer.alloc(2 ** 20 + random.below(3) - 1);
  return hostileText(random);
}

/** Headers, some of them valid. */
export function hostileHeaders(random: Random): unknown {
  if (random.chance(0.3)) return undefined;
  if (random.chance(0.15)) return hostileValue(random);
  const value = () => {
    if (random.chance(0.1)) return hostileValue(random);
    return random.chance(0.5) ? random.of(PIECES) : random.of(['', ' padded ', 1.5, false, plainSubject(random)]);
  };
  const entries = Array.from({ length: random.below(4) }, () => [
    random.chance(0.2)
      ? hostileText(random)
      : random.of(['Kind', 'kind', 'Nats-Msg-Id', '__proto__', 'constructor', '!~']),
    random.chance(0.3) ? Array.from({ length: random.below(3) }, value) : value(),
  ]);
  return Object.fromEntries(entries);
}
