import assert from 'node:assert/strict';
import { test } from 'node:test';
import { copyOf, decodeValue, encodeValue } from '../../context/value';

const hasCode = (code: string) => (error: { code?: string }) => error.code === code;
const textOf = (value: unknown) => Buffer.from(encodeValue(value, 'key')).toString();
const roundTrip = (value: unknown) => decodeValue(encodeValue(value, 'key'));

class Point {
  constructor(
    readonly x: number,
    readonly y: number,
  ) {}
}

test('what JSON can represent is JSON', () => {
  const values = [
    'text',
    '',
    '42',
    'null',
    '"',
    0,
    42,
    -1.5,
    true,
    false,
    null,
    [],
    {},
    [1, ['a', null]],
    { a: { b: [] } },
  ];
  for (const value of values) {
    assert.equal(textOf(value), JSON.stringify(value));
    assert.deepEqual(roundTrip(value), value);
  }
  assert.equal(textOf(new Point(1, 2)), '{"x":1,"y":2}');
  assert.equal(textOf({ toJSON: () => 'own' }), '"own"');
  assert.equal(textOf(Object(5)), '5');
});

test('what JSON cannot represent is marked, and survives', () => {
  const date = new Date('2026-01-31T08:00:00.000Z');
  assert.equal(textOf(Buffer.from('abc')), '{"$natshat":"buffer","data":"YWJj"}');
  assert.equal(textOf(date), '{"$natshat":"date","data":"2026-01-31T08:00:00.000Z"}');
  assert.equal(textOf([undefined]), '[{"$natshat":"undefined"}]');
  assert.equal(textOf({ $natshat: 1 }), '{"$natshat":"object","data":{"$natshat":1}}');
  const values = [
    Buffer.from([0, 255, 1]),
    date,
    [undefined, 1],
    { a: undefined },
    Number.NaN,
    Number.NEGATIVE_INFINITY,
    -0,
    2n ** 70n,
    new Map<unknown, unknown>([
      ['a', new Date(0)],
      [1, new Map()],
    ]),
    new Set([1, Buffer.from('x')]),
    { deep: [{ deeper: [date, { b: Buffer.alloc(3) }] }], plain: { a: 1 } },
    { $natshat: 'buffer', data: 'no Buffer' },
    { a: { $natshat: { $natshat: date } } },
    '{"$natshat":"undefined"}',
  ];
  for (const value of values) assert.deepEqual(roundTrip(value), value);
  assert(Number.isNaN((roundTrip(new Date(Number.NaN)) as Date).getTime()));
  assert.deepEqual(roundTrip(new Uint8Array([1, 2])), Buffer.from([1, 2]));
  const holes = roundTrip(new Array(2)) as unknown[];
  assert.deepEqual([holes.length, holes[0]], [2, undefined]);
});

test('encoding changes nothing in the value', () => {
  const inner = { date: new Date(0), list: [undefined] };
  const value = { inner, other: 1 };
  encodeValue(value, 'key');
  assert.equal(value.inner, inner);
  assert(inner.date instanceof Date);
  assert.deepEqual(inner.list, [undefined]);
});

test('the property __proto__ is one like any other', () => {
  const value = JSON.parse('{"__proto__":{"polluted":true},"at":1}') as Record<string, unknown>;
  for (const other of [roundTrip(value), roundTrip({ at: new Date(0), value }), copyOf(value)]) {
    const found = (Object.hasOwn(other as object, 'value') ? (other as typeof value).value : other) as object;
    assert(Object.hasOwn(found, '__proto__'));
    assert.equal((found as { polluted?: boolean }).polluted, undefined);
  }
});

test('a value that would not survive is BAD_VALUE', () => {
  const circular: { list: unknown[] } = { list: [] };
  circular.list.push(circular);
  const deep = JSON.parse(`${'['.repeat(5e4)}${']'.repeat(5e4)}`);
  const getter = {
    get broken() {
      throw new Error('no');
    },
  };
  const kinds = [
    () => {},
    Symbol('s'),
    new Error('e'),
    /r/,
    new WeakMap(),
    Promise.resolve(),
    new Float32Array(1),
    new ArrayBuffer(1),
  ];
  for (const value of [...kinds, { a: () => {} }, [Symbol.iterator], circular, deep, getter, new Map([[circular, 1]])])
    assert.throws(() => encodeValue(value, 'key'), hasCode('BAD_VALUE'));
  assert.deepEqual(roundTrip({ a: circular.list.length, twice: [inner, inner] }), { a: 1, twice: [inner, inner] });
});

const inner = { same: true };

test('an endless array ends in an error, not in the memory', () => {
  const sparse: unknown[] = [];
  sparse[4e9] = 1;
  assert.throws(() => encodeValue({ sparse }, 'key'), hasCode('BAD_VALUE'));
  assert.throws(() => encodeValue(new Array(5e6), 'key'), hasCode('BAD_VALUE'));
  const text = 'x'.repeat(40 * 1024 * 1024);
  assert.throws(() => encodeValue([text, text], 'key'), hasCode('BAD_VALUE'));
});

test('what another client has put is read as far as possible', () => {
  const read = (text: string | Buffer) => decodeValue(Buffer.from(text as string));
  assert.equal(read('42'), 42);
  assert.equal(read('"42"'), '42');
  assert.equal(read('plain text'), 'plain text');
  assert.equal(read(''), '');
  assert.equal(read('{broken'), '{broken');
  assert.deepEqual(read(Buffer.from([0xff, 0])), Buffer.from([0xff, 0]));
  for (const odd of [
    '{"$natshat":"buffer"}',
    '{"$natshat":"bigint","data":"x"}',
    '{"$natshat":"map","data":[1]}',
    '{"$natshat":"new"}',
  ])
    assert.deepEqual(read(odd), JSON.parse(odd), odd);
});

test('a copy shares nothing with the value', () => {
  const value = {
    list: [1, { a: 1 }],
    buffer: Buffer.from('abc'),
    date: new Date(5),
    map: new Map([['k', { v: 1 }]]),
    set: new Set([{ s: 1 }]),
  };
  const copy = copyOf(value) as typeof value;
  assert.deepEqual(copy, value);
  copy.buffer[0] = 0;
  copy.date.setTime(0);
  (copy.list[1] as { a: number }).a = 2;
  (copy.map.get('k') as { v: number }).v = 2;
  for (const entry of copy.set) entry.s = 2;
  assert.deepEqual(value, {
    list: [1, { a: 1 }],
    buffer: Buffer.from('abc'),
    date: new Date(5),
    map: new Map([['k', { v: 1 }]]),
    set: new Set([{ s: 1 }]),
  });
});
