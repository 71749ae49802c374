import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { headers as createHeaders } from 'nats';
import { readHeaders } from '../../../../lib/nats/client/headers';
import { decodeHeaders, encodeHeaders } from '../../../../lib/nats/message/headers';

test('strings, numbers, booleans and lists of them become headers, names as they are written', () => {
  const encoded = encodeHeaders({ 'X-Id': 'a', 'x-id': 'b', count: 3, last: false, many: ['a', 1, true], empty: '' });
  assert.deepEqual(
    [...readHeaders(encoded as Uint8Array)],
    [
      ['X-Id', ['a']],
      ['x-id', ['b']],
      ['count', ['3']],
      ['last', ['false']],
      ['many', ['a', '1', 'true']],
      ['empty', ['']],
    ],
  );
});

test('a Map, Headers and other pairs become headers in order, and a name may be repeated', () => {
  const web = new Headers({ kind: 'word', 'x-id': '7' });
  web.append('set-cookie', 'a');
  web.append('set-cookie', 'b');
  const received = createHeaders();
  received.append('Kind', 'word');
  received.append('many', 'a');
  received.append('many', 'b');
  const cases: [unknown, [string, string[]][]][] = [
    [
      new Map<string, unknown>([
        ['Kind', 'word'],
        ['many', ['a', 1, true]],
        ['none', []],
      ]),
      [
        ['Kind', ['word']],
        ['many', ['a', '1', 'true']],
      ],
    ],
    [
      web,
      [
        ['kind', ['word']],
        ['set-cookie', ['a', 'b']],
        ['x-id', ['7']],
      ],
    ],
    [
      received,
      [
        ['Kind', ['word']],
        ['many', ['a', 'b']],
      ],
    ],
    [
      [
        ['a', 'x'],
        ['b', 'y'],
        ['a', ['z']],
      ],
      [
        ['a', ['x', 'z']],
        ['b', ['y']],
      ],
    ],
    [new URLSearchParams('a=x&a=y'), [['a', ['x', 'y']]]],
    [Object.entries({ a: 'x' }).values(), [['a', ['x']]]],
    [runInNewContext('new Map([["a", ["x"]]])'), [['a', ['x']]]],
    [runInNewContext('({ a: ["x"] })'), [['a', ['x']]]],
  ];
  for (const [given, expected] of cases) {
    assert.deepEqual([...readHeaders(encodeHeaders(given) as Uint8Array)], expected, JSON.stringify(expected));
  }
});

test('a name that is repeated very often takes no longer than others', () => {
  const startedAt = performance.now();
  const encoded = encodeHeaders(Array.from({ length: 30_000 }, (_, n) => ['many', n]));
  const ms = performance.now() - startedAt;
  assert.equal(readHeaders(encoded as Uint8Array).values('many').length, 30_000);
  assert(ms < 1000, `${ms} ms`);
});

test('nothing to send is no headers', () => {
  for (const none of [undefined, null, {}, Object.create(null), { a: [] }, new Map(), new Headers(), []]) {
    assert.equal(encodeHeaders(none), undefined, JSON.stringify(none));
  }
});

test('headers that would break the protocol throw BAD_HEADERS and name what is at fault', () => {
  const cases: [unknown, string, Record<string, string>][] = [
    ['a: b', 'BAD_HEADERS-object', { value: '"a: b"' }],
    [['a'], 'BAD_HEADERS-object', { value: '["a"]' }],
    [7, 'BAD_HEADERS-object', { value: '7' }],
    [new Date(0), 'BAD_HEADERS-object', { value: '"1970-01-01T00:00:00.000Z"' }],
    [/a/, 'BAD_HEADERS-object', { value: '[object RegExp]' }],
    [new Error('a'), 'BAD_HEADERS-object', { value: '[object Error]' }],
    [new Blob(['a']), 'BAD_HEADERS-object', { value: '[object Blob]' }],
    [new (class Own {})(), 'BAD_HEADERS-object', { value: '[object Object]' }],
    [new Set(['a']), 'BAD_HEADERS-object', { value: '[object Set]' }],
    [Buffer.from('a'), 'BAD_HEADERS-object', { value: '{"type":"Buffer","data":[97]}' }],
    [new String('ab'), 'BAD_HEADERS-object', { value: '"ab"' }],
    [[['a']], 'BAD_HEADERS-object', { value: '[["a"]]' }],
    [[['a', 'b', 'c']], 'BAD_HEADERS-object', { value: '[["a","b","c"]]' }],
    [[['a', 'b'], 'cd'], 'BAD_HEADERS-object', { value: '[["a","b"],"cd"]' }],
    [new Map([[1, 'a']]), 'BAD_HEADERS-name', { name: '1' }],
    [new Map([[Symbol('a'), 'a']]), 'BAD_HEADERS-name', { name: 'Symbol(a)' }],
    [new Map([['a b', 'x']]), 'BAD_HEADERS-name', { name: '"a b"' }],
    [new Map([['a', 'x\r\nPUB b 0']]), 'BAD_HEADERS-value', { name: '"a"', value: '"x\\r\\nPUB b 0"' }],
    [{ a: new Set(['x']) }, 'BAD_HEADERS-value', { name: '"a"', value: '[object Set]' }],
    [{ '': 'x' }, 'BAD_HEADERS-name', { name: '""' }],
    [{ 'a b': 'x' }, 'BAD_HEADERS-name', { name: '"a b"' }],
    [{ 'a:b': 'x' }, 'BAD_HEADERS-name', { name: '"a:b"' }],
    [{ größe: 'x' }, 'BAD_HEADERS-name', { name: '"größe"' }],
    [{ 'a\r\nb': 'x' }, 'BAD_HEADERS-name', { name: '"a\\r\\nb"' }],
    [{ 'a\n': 'x' }, 'BAD_HEADERS-name', { name: '"a\\n"' }],
    [{ a: 'x\r\nPUB b 0' }, 'BAD_HEADERS-value', { name: '"a"', value: '"x\\r\\nPUB b 0"' }],
    [{ a: 'x\n' }, 'BAD_HEADERS-value', { name: '"a"', value: '"x\\n"' }],
    [{ a: 'x\0' }, 'BAD_HEADERS-value', { name: '"a"', value: '"x\\u0000"' }],
    [{ a: ['x', 'y\rz'] }, 'BAD_HEADERS-value', { name: '"a"', value: '"y\\rz"' }],
    [{ a: null }, 'BAD_HEADERS-value', { name: '"a"', value: 'null' }],
    [{ a: { b: 1 } }, 'BAD_HEADERS-value', { name: '"a"', value: '{"b":1}' }],
    [{ a: [['x']] }, 'BAD_HEADERS-value', { name: '"a"', value: '["x"]' }],
  ];
  for (const [plain, text, values] of cases) {
    assert.throws(() => encodeHeaders(plain), { code: 'BAD_HEADERS', text, values }, JSON.stringify(plain));
  }
});

test('received headers are a string a name, or a list where there are several', () => {
  const received = createHeaders();
  received.append('X-Id', 'a');
  received.append('many', 'a');
  received.append('many', 'b');
  received.append('empty', '');
  assert.deepEqual(decodeHeaders(received), { 'X-Id': 'a', many: ['a', 'b'], empty: '' });
});

test('without headers there is no object', () => {
  assert.equal(decodeHeaders(undefined), undefined);
  assert.equal(decodeHeaders(createHeaders()), undefined);
});

test('the status line of the server becomes Status and Description', () => {
  assert.deepEqual(decodeHeaders(createHeaders(503, 'No Responders')), {
    Status: '503',
    Description: 'No Responders',
  });
});

test('a header called __proto__ is only data', () => {
  const received = createHeaders();
  received.append('__proto__', 'polluted');
  const plain = decodeHeaders(received) as object;
  assert.equal(Object.getPrototypeOf(plain), Object.prototype);
  assert.deepEqual(Object.entries(plain), [['__proto__', 'polluted']]);
});

test('changing decoded headers does not change the message', () => {
  const received = createHeaders();
  received.append('many', 'a');
  received.append('many', 'b');
  const many = decodeHeaders(received)?.many;
  assert(Array.isArray(many));
  many.push('c');
  assert.deepEqual(received.values('many'), ['a', 'b']);
});
