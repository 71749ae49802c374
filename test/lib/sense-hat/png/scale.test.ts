import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Scaler } from '../../../../lib/sense-hat/png/scale';

const byIndex = (index: number) => index;

test('lines may come in any order and in parts', () => {
  const scaler = new Scaler({ width: 2, height: 2 }, { width: 1, height: 1 });
  scaler.add(1, Uint8Array.of(40, 0, 0, 255), () => 1);
  scaler.add(0, Uint8Array.of(0, 8, 0, 255, 0, 0, 12, 255), byIndex);
  scaler.add(1, Uint8Array.of(4, 0, 0, 255), byIndex);
  assert.deepEqual(scaler.pixelAt(0), [11, 2, 3, 1]);
});

test('a colour stays exact at any size, and so does its opacity', () => {
  for (const [from, to] of [
    [1, 64],
    [7, 8],
    [1024, 8],
    [1023, 64],
  ] as const) {
    const scaler = new Scaler({ width: from, height: 1 }, { width: to, height: 1 });
    scaler.add(0, Buffer.from('ff018033'.repeat(from), 'hex'), byIndex);
    for (let at = 0; at < to; at++) assert.deepEqual(scaler.pixelAt(at), [255, 1, 128, 0.2], `${from} to ${to}`);
  }
});

test('what is transparent has no colour', () => {
  const scaler = new Scaler({ width: 1, height: 1 }, { width: 1, height: 1 });
  scaler.add(0, Uint8Array.of(1, 2, 3, 0), byIndex);
  assert.deepEqual(scaler.pixelAt(0), [0, 0, 0, 0]);
});
