import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { onAborted } from '../../../../lib/nats/core/aborted';

test('all who wait are told the reason, in order, and once', () => {
  const controller = new AbortController();
  const told: unknown[] = [];
  for (const name of ['a', 'b', 'c']) onAborted(controller.signal, (reason) => told.push([name, reason]));
  controller.abort('over');
  controller.abort('again');
  assert.deepEqual(told, [
    ['a', 'over'],
    ['b', 'over'],
    ['c', 'over'],
  ]);
});

test('who has stopped waiting is not told, also where one of them stops another', () => {
  const controller = new AbortController();
  const told: string[] = [];
  const stops = new Map<string, () => void>();
  for (const name of ['a', 'b', 'c']) {
    const listener = () => {
      told.push(name);
      stops.get('c')?.();
    };
    stops.set(name, onAborted(controller.signal, listener));
  }
  stops.get('a')?.();
  stops.get('a')?.();
  controller.abort();
  assert.deepEqual(told, ['b']);
});

test('a signal has one listener while somebody waits, and none when nobody does', () => {
  const { signal } = new AbortController();
  for (let round = 0; round < 2; round++) {
    const stops = Array.from({ length: 1000 }, () => onAborted(signal, () => {}));
    assert.equal(getEventListeners(signal, 'abort').length, 1);
    for (const stop of stops) stop();
    assert.equal(getEventListeners(signal, 'abort').length, 0);
  }
});
