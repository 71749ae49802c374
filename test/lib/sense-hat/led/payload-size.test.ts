import assert from 'node:assert/strict';
import { test } from 'node:test';
import { payloadBytes } from '../../../../lib/sense-hat/led/payload-size';

/** Whether a size is as expected within a factor of two. */
function assertAbout(payload: unknown, expected: number, what: string): void {
  const bytes = payloadBytes(payload);
  assert(bytes >= expected / 2 && bytes <= expected * 2, `${what}: ${bytes} bytes, expected ${expected}`);
}

test('a payload takes about the memory of its parts', () => {
  const colour = [1, 2, 3];
  const frame = Array(64).fill(colour);
  const rows = Array(8).fill(Array(8).fill(colour));
  const mebibyte = Buffer.alloc(2 ** 20);
  assertAbout(mebibyte, 2 ** 20, 'a Buffer');
  assertAbout([Buffer.alloc(10), mebibyte, Buffer.alloc(10)], 2 ** 20, 'Buffers of several sizes');
  assertAbout('x'.repeat(5000), 5000, 'a text');
  assertAbout(frame, 4800, 'colours');
  assertAbout(rows, 5000, 'rows of colours');
  assertAbout(Array(192).fill(7), 1600, 'numbers');
  assertAbout(Array(1000).fill(frame), 4_800_000, 'an animation');
  assertAbout({ pixels: Array(1000).fill(frame) }, 4_800_000, 'a command');
  assertAbout(Array(100).fill({ pixels: Array(10).fill(rows) }), 5_000_000, 'commands');
  assertAbout({ pixels: [mebibyte, mebibyte] }, 2 ** 21, 'a command with Buffers');
  assertAbout(Array(100).fill({ text: 'x'.repeat(50) }), 12_000, 'texts');
});

test('what is no payload takes next to nothing, however it is nested', () => {
  const circular: Record<string, unknown> = {};
  circular.pixels = circular;
  const list: unknown[] = [];
  list.push(list);
  for (const payload of [
    undefined,
    null,
    5,
    true,
    Symbol('s'),
    () => 1,
    {},
    [],
    circular,
    list,
    new Map(),
    new Array(3),
  ]) {
    assert(payloadBytes(payload) < 1000, String(typeof payload));
  }
});

test('a million frames are looked at quickly', () => {
  const frames = Array(1_000_000).fill(Array(64).fill([1, 2, 3]));
  const startedAt = performance.now();
  payloadBytes(frames);
  const tookMs = performance.now() - startedAt;
  // Each pixel by itself would take seconds.
  assert(tookMs < 1000, `${tookMs} ms`);
});
