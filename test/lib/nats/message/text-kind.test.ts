import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textKind } from '../../../../lib/nats/message/text-kind';
import { makeRandom } from '../../../../scripts/random';

test('text is ASCII, or UTF-8, without control characters other than tab, LF and CR', () => {
  const cases: [string | number[], string][] = [
    ['', 'ascii'],
    ['hello, world', 'ascii'],
    ['tab\tLF\nCR\r', 'ascii'],
    [' ~', 'ascii'],
    ['größe', 'utf8'],
    ['温度 🎉', 'utf8'],
    [[0], 'none'],
    [[0x1f], 'none'],
    [[0x7f], 'none'],
    [[0xff], 'none'],
    [[0xed, 0xa0, 0x80], 'none'],
    [[0xc3], 'none'],
  ];
  for (const [bytes, kind] of cases) {
    assert.equal(textKind(Buffer.from(bytes as number[])), kind, JSON.stringify(bytes));
  }
});

test('each byte counts, wherever it is and wherever the bytes lie in memory', () => {
  const memory = new Uint8Array(64);
  for (let offset = 0; offset < 8; offset++) {
    for (let length = 1; length <= 20; length++) {
      const bytes = memory.subarray(offset, offset + length);
      for (let at = 0; at < length; at++) {
        // What is beside them does not count.
        memory.fill(0);
        bytes.fill(0x61);
        assert.equal(textKind(bytes), 'ascii');
        bytes[at] = 0x1b;
        assert.equal(textKind(bytes), 'none');
        bytes[at] = 0x7f;
        assert.equal(textKind(bytes), 'none');
        bytes[at] = 0x80;
        assert.equal(textKind(bytes), 'none');
        bytes[at] = 0x0a;
        assert.equal(textKind(bytes), 'ascii');
      }
    }
  }
});

test('it agrees with a plain model on all kinds of bytes', () => {
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
    assert.equal(textKind(bytes), kind, bytes.toString('hex'));
    seen.add(kind);
  }
  assert.equal(seen.size, 3);
});
