import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Form, showPayload } from '../../../../lib/nats/looking/shown-payload';

test('a payload is shown as text, as JSON in lines, or as bytes', () => {
  const shown: [payload: string | Buffer, form: Form, text: string][] = [
    ['', 'text', ''],
    ['<b>ö</b>\r\n', 'text', '<b>ö</b>\r\n'],
    [Buffer.of(0xff, 0x41), 'text', '\ufffdA'],
    ['{"a":[1]}', 'text', '{"a":[1]}'],
    ['{"a":[1]}', 'json', '{\n  "a": [\n    1\n  ]\n}'],
    ['{"a":', 'json', '{"a":'],
    ['', 'json', ''],
    [`${'['.repeat(33)}${']'.repeat(33)}`, 'json', `${'['.repeat(33)}${']'.repeat(33)}`],
    ['AB', 'hex', '41 42'],
    ['', 'hex', ''],
    [Buffer.alloc(17, 0xab), 'hex', `${Array(16).fill('ab').join(' ')}\nab`],
  ];
  for (const [payload, form, text] of shown) {
    const bytes = Buffer.from(payload as string);
    assert.deepEqual(showPayload(bytes, form), { text, size: bytes.length, isCut: false });
  }
});

test('what is shown of a large payload is short, whatever is in it', () => {
  const large = [
    'x'.repeat(1 << 20),
    '['.repeat(16_000),
    '[1,'.repeat(5000),
    `${'['.repeat(32)}${'1,'.repeat(8000)}`,
    '€'.repeat(9000),
  ];
  for (const form of ['text', 'json', 'hex'] as const) {
    for (const payload of large) {
      const { text, size, isCut } = showPayload(Buffer.from(payload), form);
      assert(text.length <= 2048 && isCut, `${form} ${payload.slice(0, 5)} ${text.length}`);
      assert.equal(size, Buffer.byteLength(payload));
    }
  }
});
