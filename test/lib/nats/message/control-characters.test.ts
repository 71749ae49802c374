import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasControlCharacter } from '../../../../lib/nats/message/control-characters';

const CONTROL = /[^\t\n\r -~\x80-\uffff]/;

test('each byte is found or not, wherever it is', () => {
  for (let byte = 0; byte < 256; byte++) {
    const isControl = CONTROL.test(String.fromCharCode(byte));
    for (const length of [1, 2, 3, 4, 5, 6, 7, 64]) {
      for (const at of [0, length >> 1, length - 1]) {
        const bytes = new Uint8Array(length).fill(0x7e);
        bytes[at] = byte;
        assert.equal(hasControlCharacter(bytes), isControl, `${byte} at ${at} of ${length}`);
      }
    }
  }
});

test('lines, tabs and text of other scripts are no control characters', () => {
  const text = 'eins\r\n\tzwei äöü 日本語 🙂 \u0080\n'.repeat(50);
  assert(!hasControlCharacter(Buffer.from(text)));
  assert(!hasControlCharacter(Buffer.alloc(0)));
  assert(hasControlCharacter(Buffer.from(`${text}\0`)));
  assert(hasControlCharacter(Buffer.from(`${text}\u007f${text}`)));
});

test('random bytes are judged as a regular expression judges them', () => {
  for (let count = 0; count < 20_000; count++) {
    const bytes = Uint8Array.from({ length: Math.floor(40 * Math.random()) }, () =>
      Math.random() < 0.97 ? 0x20 + Math.floor(0x5f * Math.random()) : Math.floor(256 * Math.random()),
    );
    const text = Buffer.from(bytes).toString('latin1');
    assert.equal(hasControlCharacter(bytes), CONTROL.test(text), JSON.stringify(text));
  }
});
