import assert from 'node:assert/strict';
import { test } from 'node:test';
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
  ];
  for (const [value, expected] of cases) assert.equal(shown(value), expected);
});

test('a shown value is cut to 80 characters', () => {
  const fits = 'x'.repeat(78);
  assert.equal(shown(fits), `"${fits}"`);
  assert.equal(shown(`${fits}y`), `"${fits}y…`);
  assert.equal(shown('x'.repeat(100_000)).length, 81);
});
