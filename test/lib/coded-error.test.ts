import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { CodedError, shown } from '../../lib/coded-error';

test('the code is the text without its variant', () => {
  for (const [text, code] of [
    ['TIMEOUT', 'TIMEOUT'],
    ['BAD_SUBJECT-publish', 'BAD_SUBJECT'],
    ['BAD_SUBJECT-a-b', 'BAD_SUBJECT'],
  ] as const) {
    const error = new CodedError(text);
    assert.deepEqual({ text: error.text, code: error.code, name: error.name }, { text, code, name: code });
  }
});

test('toString begins with the code and names all values', () => {
  assert.equal(
    String(new CodedError('MAX_PAYLOAD', { size: 2048, limit: 1024 })),
    'MAX_PAYLOAD: size 2048, limit 1024',
  );
  assert.equal(String(new CodedError('CLOSED')), 'CLOSED');
});

test('a coded error is an Error that keeps its values and its cause', () => {
  const cause = new Error('below');
  const error = new CodedError('BAD_JSON', { payload: '"{"' }, { cause });
  assert(error instanceof Error);
  assert.equal(error.cause, cause);
  assert.deepEqual(error.values, { payload: '"{"' });
  assert.deepEqual(new CodedError('CLOSED').values, {});
});

test('a value is shown as JSON if it has a JSON form', () => {
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const cases: [unknown, string][] = [
    ['a b', '"a b"'],
    ['a\r\nPUB x 0', '"a\\r\\nPUB x 0"'],
    ['\0', '"\\u0000"'],
    ['', '""'],
    [42, '42'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    [null, 'null'],
    [undefined, 'undefined'],
    [[1, 'a'], '[1,"a"]'],
    [{ a: 1 }, '{"a":1}'],
    [Symbol('s'), 'Symbol(s)'],
    [1n, '[object BigInt]'],
    [circular, '[object Object]'],
    [revoked.proxy, '[object]'],
    [new Date(0), '"1970-01-01T00:00:00.000Z"'],
    [[undefined, () => 1, Number.NaN], '[null,null,null]'],
    [new Array(3), '[null,null,null]'],
    [{ a: undefined, b: () => 1, c: 1 }, '{"c":1}'],
    [
      Object.fromEntries([...Array(100).keys(), 'last'].map((name) => [name, name === 'last' ? 1 : undefined])),
      '{"last":1}',
    ],
    [new String('a'), '"a"'],
    [Buffer.from('ab'), '{"type":"Buffer","data":[97,98]}'],
    [JSON.parse('{"__proto__": 1}'), '{"__proto__":1}'],
    [{ a: { toJSON: (key: string) => `as ${key}` } }, '{"a":"as a"}'],
    [new Map([['a', 1]]), '[object Map]'],
    [new (class Own {})(), '[object Object]'],
    [runInNewContext('({ a: 1 })'), '{"a":1}'],
    [runInNewContext('({})'), '{}'],
  ];
  for (const [value, expected] of cases) assert.equal(shown(value), expected);
});

test('a shown value is cut to 80 characters', () => {
  const fits = 'x'.repeat(78);
  assert.equal(shown(fits), `"${fits}"`);
  assert.equal(shown(`${fits}y`), `"${fits}y…`);
  assert.equal(shown('x'.repeat(100_000)).length, 81);
});

test('only the start of a large value is read', () => {
  const many = 2 ** 22;
  const bytes = `{"type":"Buffer","data":[${'0,'.repeat(100)}`.slice(0, 80);
  const wide = Array(80).fill(Array(80).fill(Array(80).fill(Array(80).fill(Array(80).fill(1)))));
  const deep = Array.from({ length: 100_000 }).reduce((inner) => [inner], []);
  const cases: [unknown, string][] = [
    ['x'.repeat(many), `"${'x'.repeat(79)}`],
    [new String('x'.repeat(many)), `"${'x'.repeat(79)}`],
    [Buffer.alloc(many), bytes],
    [{ a: Buffer.alloc(many) }, `{"a":${bytes}`.slice(0, 80)],
    [new Float64Array(many), '{"0":0,"1":0,"2":0,"3":0,"4":0,"5":0,"6":0,"7":0,"8":0,"9":0,"10":0,"11":0,"12":'],
    [Array(many).fill(7), `[${'7,'.repeat(100)}`.slice(0, 80)],
    [{ a: { b: Array(many).fill('x') } }, `{"a":{"b":[${'"x",'.repeat(100)}`.slice(0, 80)],
    [wide, `[[[[[${'1,'.repeat(100)}`.slice(0, 80)],
    [deep, '['.repeat(80)],
  ];
  for (const [value, expected] of cases) {
    // The best of several runs, because the machine may be busy.
    const tookMs = Array.from({ length: 5 }, () => {
      const startedAt = performance.now();
      assert.equal(shown(value), `${expected}…`);
      return performance.now() - startedAt;
    });
    assert(Math.min(...tookMs) < 10, `${tookMs} ms for ${expected}`);
  }
});
