import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { decodePayload, encodePayload } from '../../../../lib/nats/message/payload';
import { makeRandom } from '../../../../scripts/random';

test('strings go out as UTF-8, nothing as an empty message, all else as JSON', () => {
  const cases: [unknown, string][] = [
    ['hello', 'hello'],
    ['größe 温度', 'größe 温度'],
    ['', ''],
    [undefined, ''],
    [null, 'null'],
    [0, '0'],
    [false, 'false'],
    [{ a: [1, 'b'] }, '{"a":[1,"b"]}'],
    [[], '[]'],
    [new Date(0), '"1970-01-01T00:00:00.000Z"'],
  ];
  for (const [payload, expected] of cases) {
    assert.equal(Buffer.from(encodePayload(payload)).toString(), expected, String(payload));
  }
});

test('bytes go out as they are, also those of a window on a larger buffer', () => {
  const all = Buffer.from([0, 1, 2, 0xff, 0xfe, 5]);
  assert.deepEqual([...encodePayload(all.subarray(2, 5))], [2, 0xff, 0xfe]);
  assert.deepEqual([...encodePayload(new Uint8Array([0, 0x80]))], [0, 0x80]);
});

test('bytes whose length says something else go out as what they are', () => {
  class Longer extends Uint8Array {
    override get length(): number {
      return 1000;
    }
  }
  const lying = (length: unknown) => Object.defineProperty(Buffer.from('hello'), 'length', { value: length });
  for (const payload of [lying(1000), lying(2), lying(-5), lying(Number.NaN), lying('5 x'), Longer.from([1, 2])]) {
    const encoded = encodePayload(payload);
    const expected = payload instanceof Longer ? [1, 2] : [...Buffer.from('hello')];
    assert.deepEqual([Object.hasOwn(encoded, 'length'), encoded.length], [false, expected.length]);
    assert.deepEqual([...encoded], expected);
  }
});

test('buffers and views of any kind and realm go out as their bytes, a view only with its part', () => {
  const memory = Uint8Array.from([
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23,
  ]);
  const shared = new SharedArrayBuffer(24);
  new Uint8Array(shared).set(memory);
  for (const buffer of [memory.buffer, shared]) {
    const views: [ArrayBufferView, number, number][] = [
      [new DataView(buffer), 0, 24],
      [new DataView(buffer, 3, 5), 3, 8],
      [new Int8Array(buffer, 1, 2), 1, 3],
      [new Uint8Array(buffer, 1, 2), 1, 3],
      [new Uint8ClampedArray(buffer, 5), 5, 24],
      [new Int16Array(buffer, 2, 3), 2, 8],
      [new Uint16Array(buffer), 0, 24],
      [new Int32Array(buffer, 4, 1), 4, 8],
      [new Uint32Array(buffer, 4, 0), 4, 4],
      [new Float32Array(buffer, 8, 2), 8, 16],
      [new Float64Array(buffer, 8, 2), 8, 24],
      [new BigInt64Array(buffer, 16), 16, 24],
      [new BigUint64Array(buffer, 0, 1), 0, 8],
    ];
    for (const [view, start, end] of views) {
      assert.deepEqual([...encodePayload(view)], [...memory.subarray(start, end)], view.constructor.name);
    }
    assert.deepEqual([...encodePayload(buffer)], [...memory]);
  }
  for (const made of ['new ArrayBuffer(2)', 'new DataView(new ArrayBuffer(3), 1)', 'new Uint16Array(1)']) {
    assert.deepEqual([...encodePayload(runInNewContext(made))], [0, 0], made);
  }
});

test('an object is written as JSON: plain, of a class, of another realm, or by its toJSON', () => {
  class Reading {
    constructor(readonly celsius: number) {}
  }
  class Money {
    readonly #cents = 150;
    toJSON() {
      return { cents: this.#cents };
    }
  }
  const cases: [unknown, string][] = [
    [new Reading(21.5), '{"celsius":21.5}'],
    [new Money(), '{"cents":150}'],
    [new URL('http://nats.lan/'), '"http://nats.lan/"'],
    [Object.assign(new Error('lost'), { toJSON: () => ({ message: 'lost' }) }), '{"message":"lost"}'],
    [{}, '{}'],
    [Object.create(null), '{}'],
    [{ nothing: undefined }, '{}'],
    [runInNewContext('({})'), '{}'],
    [runInNewContext('[1, { a: new Date(0) }]'), '[1,{"a":"1970-01-01T00:00:00.000Z"}]'],
    [new String('boxed'), '"boxed"'],
  ];
  for (const [payload, expected] of cases) assert.equal(Buffer.from(encodePayload(payload)).toString(), expected);
});

test('a value that JSON would write as {} or null throws BAD_PAYLOAD with its kind', () => {
  class Counter {
    readonly #count = 1;
    get count() {
      return this.#count;
    }
  }
  const cases: [unknown, string][] = [
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    [Number.NEGATIVE_INFINITY, '-Infinity'],
    [new Number(Number.NaN), 'Number'],
    [Object(Symbol('s')), 'Symbol'],
    [new Date(Number.NaN), 'Invalid Date'],
    [new Map([['a', 1]]), 'Map'],
    [new Set([1]), 'Set'],
    [new WeakMap(), 'WeakMap'],
    [new WeakSet(), 'WeakSet'],
    [new Map().entries(), 'Map Iterator'],
    [Promise.resolve(1), 'Promise'],
    [/a/, 'RegExp'],
    [new Error('lost'), 'Error'],
    [Object.assign(new TypeError('lost'), { code: 'E_LOST' }), 'Error'],
    [Object.assign(new Map([['a', 1]]), { note: 'has properties too' }), 'Map'],
    [new Blob(['a']), 'Blob'],
    [new Headers({ a: 'b' }), 'Headers'],
    [new URLSearchParams('a=b'), 'URLSearchParams'],
    [new FormData(), 'FormData'],
    [new ReadableStream(), 'ReadableStream'],
    [new Counter(), 'Counter'],
    [new Proxy(new Map(), {}), 'Map'],
    [runInNewContext('new Map([[1, 2]])'), 'Map'],
    [runInNewContext('new Error("lost")'), 'Error'],
    [runInNewContext('new (class Own { #a = 1 })()'), 'Own'],
  ];
  for (const [payload, kind] of cases) {
    const expected = { code: 'BAD_PAYLOAD', text: 'BAD_PAYLOAD-kind', values: { kind } };
    assert.throws(() => encodePayload(payload), expected, kind);
  }
});

test('within an object or an array the rules of JSON apply', () => {
  const payload = { celsius: Number.NaN, tags: new Set(['a']), list: [Number.NaN, undefined] };
  assert.equal(Buffer.from(encodePayload(payload)).toString(), '{"celsius":null,"tags":{},"list":[null,null]}');
});

test('what JSON cannot say throws BAD_PAYLOAD with a reason of one line', () => {
  const circular: Record<string, unknown> = {};
  circular.self = { circular };
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const moved = new ArrayBuffer(8);
  const throwing = (what: unknown) => ({
    toJSON: () => {
      throw what;
    },
  });
  const cases: [unknown, RegExp][] = [
    [circular, /^Converting circular structure to JSON[^\n]*$/],
    [1n, /^[^\n]*BigInt[^\n]*$/],
    [() => 1, /^function$/],
    [Symbol('s'), /^symbol$/],
    [throwing('why'), /^"why"$/],
    [throwing(null), /^null$/],
    [Object(1n), /^[^\n]*BigInt[^\n]*$/],
    [{ toJSON: () => undefined }, /^object$/],
    [revoked.proxy, /^[^\n]*revoked[^\n]*$/],
    [structuredClone(moved, { transfer: [moved] }) && moved, /^[^\n]*detached[^\n]*$/],
  ];
  for (const [payload, reason] of cases) {
    assert.throws(
      () => encodePayload(payload),
      (error: { code: string; values: { reason: string } }) => {
        assert.equal(error.code, 'BAD_PAYLOAD');
        assert.match(error.values.reason, reason);
        return true;
      },
    );
  }
});

test('auto makes a Buffer of what is no text, an object of JSON objects and arrays, a string of all else', () => {
  const cases: [Uint8Array | string, unknown][] = [
    ['', ''],
    ['hello', 'hello'],
    ['größe 温度 🎉', 'größe 温度 🎉'],
    ['a\tb\r\nc', 'a\tb\r\nc'],
    ['42', '42'],
    ['007', '007'],
    ['true', 'true'],
    ['null', 'null'],
    ['"quoted"', '"quoted"'],
    ['{"a":1}', { a: 1 }],
    [' \n[1,2]', [1, 2]],
    ['{not json', '{not json'],
    ['[INFO] started', '[INFO] started'],
    [new Uint8Array([0, 0, 0]), Buffer.from([0, 0, 0])],
    [new Uint8Array([0x61, 0x1b, 0x5b]), Buffer.from([0x61, 0x1b, 0x5b])],
    [new Uint8Array([0x61, 0x7f]), Buffer.from([0x61, 0x7f])],
    [new Uint8Array([0xff, 0xd8, 0xff]), Buffer.from([0xff, 0xd8, 0xff])],
    [new Uint8Array([0xed, 0xa0, 0x80]), Buffer.from([0xed, 0xa0, 0x80])],
  ];
  for (const [bytes, expected] of cases) {
    assert.deepEqual(decodePayload(Buffer.from(bytes as string), 'auto'), expected, JSON.stringify(bytes));
  }
});

test('text is UTF-8 without control characters other than tab, LF and CR', () => {
  for (const text of ['', 'hello, world', 'tab\tLF\nCR\r', ' ~', 'größe', '温度 🎉']) {
    assert.equal(decodePayload(Buffer.from(text), 'auto'), text, JSON.stringify(text));
  }
  for (const bytes of [[0], [0x1f], [0x7f], [0xff], [0xed, 0xa0, 0x80], [0xc3]]) {
    assert.deepEqual(decodePayload(Buffer.from(bytes), 'auto'), Buffer.from(bytes), JSON.stringify(bytes));
  }
});

test('each byte counts, wherever it is and wherever the bytes lie in memory', () => {
  const memory = Buffer.alloc(64);
  for (let start = 0; start < 8; start++) {
    for (let length = 1; length <= 36; length++) {
      const end = start + length;
      const bytes = memory.subarray(start, end);
      const decoded = () => {
        const whole = decodePayload(bytes, 'auto');
        assert.deepEqual(decodePayload(memory, 'auto', start, end), whole);
        return whole;
      };
      for (let at = 0; at < length; at++) {
        // What is beside them does not count.
        memory.fill(at % 2 === 0 ? 0 : 0x61);
        bytes.fill(0x61);
        assert.equal(decoded(), 'a'.repeat(length));
        for (const byte of [0x1b, 0x7f, 0x80]) {
          bytes[at] = byte;
          assert.deepEqual(decoded(), Buffer.from(bytes));
        }
        bytes[at] = 0x0a;
        assert.equal(decoded(), `${'a'.repeat(at)}\n${'a'.repeat(length - at - 1)}`);
      }
    }
  }
});

test('a part of the bytes comes in each form as if it were all of them', () => {
  const part = Buffer.from('{"größe":"温度"}');
  const bytes = Buffer.concat([Buffer.from('\0before'), part, Buffer.from('behind\0')]);
  for (const output of ['auto', 'string', 'buffer', 'json'] as const) {
    const start = '\0before'.length;
    assert.deepEqual(decodePayload(bytes, output, start, start + part.length), decodePayload(part, output), output);
  }
});

test('bytes of all kinds are text or a Buffer as a plain model has it', () => {
  const random = makeRandom(7);
  const isControl = (byte: number) => (byte < 0x20 && ![0x09, 0x0a, 0x0d].includes(byte)) || byte === 0x7f;
  const isUtf8 = (bytes: Buffer) => Buffer.from(bytes.toString()).equals(bytes);
  const seen = new Set<string>();
  for (let round = 0; round < 20_000; round++) {
    const text = Buffer.from('ab\n\tü温~ '.repeat(3)).subarray(random.below(4), 4 + random.below(20));
    const bytes = Buffer.from(text);
    for (let changes = random.below(3); changes > 0; changes--) bytes[random.below(bytes.length)] = random.below(256);
    const isText = !bytes.some(isControl) && isUtf8(bytes);
    const kind = !isText ? 'none' : bytes.some((byte) => byte > 0x7f) ? 'utf8' : 'ascii';
    assert.deepEqual(decodePayload(bytes, 'auto'), isText ? bytes.toString() : bytes, bytes.toString('hex'));
    seen.add(kind);
  }
  assert.equal(seen.size, 3);
});

test('string and buffer leave what they get as it is', () => {
  assert.equal(decodePayload(Buffer.from('{"a":1}'), 'string'), '{"a":1}');
  assert.equal(decodePayload(Buffer.from(''), 'string'), '');
  assert.deepEqual(decodePayload(Buffer.from('{"a":1}'), 'buffer'), Buffer.from('{"a":1}'));
});

test('json parses any value, and an empty message is undefined', () => {
  const cases: [string, unknown][] = [
    ['42', 42],
    ['"a"', 'a'],
    ['null', null],
    [' {"a":[1]} ', { a: [1] }],
    ['', undefined],
  ];
  for (const [text, expected] of cases) assert.deepEqual(decodePayload(Buffer.from(text), 'json'), expected);
});

test('json throws BAD_JSON with the start of what is no JSON', () => {
  const values = { payload: '"{not json"' };
  assert.throws(() => decodePayload(Buffer.from('{not json'), 'json'), { code: 'BAD_JSON', values });
  assert.throws(
    () => decodePayload(Buffer.from('x'.repeat(1000)), 'json'),
    (error: { values: { payload: string } }) => error.values.payload === `"${'x'.repeat(79)}…`,
  );
});

test('a Buffer of a message outlives the bytes that the client read', () => {
  for (const output of ['auto', 'buffer'] as const) {
    const read = new Uint8Array([9, 9, 0, 1, 2, 9]);
    const payload = decodePayload(read.subarray(2, 5), output);
    read.fill(7);
    assert.deepEqual(payload, Buffer.from([0, 1, 2]), output);
  }
});

test('what goes out as bytes, text or an object comes in the same', () => {
  for (const payload of ['text', '', { a: [1, null, 'ü'] }, [], Buffer.from([0, 255])]) {
    assert.deepEqual(decodePayload(encodePayload(payload), 'auto'), payload);
  }
});
