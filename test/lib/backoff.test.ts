import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backoffMs } from '../../lib/backoff';

const RETRIES = { firstMs: 250, longestMs: 8000 };

test('each delay is twice the previous one, up to the longest', () => {
  const waits = Array.from({ length: 8 }, (_, attempt) => backoffMs(attempt, RETRIES));
  assert.deepEqual(waits, [250, 500, 1000, 2000, 4000, 8000, 8000, 8000]);
});

test('the longest delay is a limit even if it is not a multiple of the first', () => {
  assert.deepEqual(
    [4, 5].map((attempt) => backoffMs(attempt, { firstMs: 1000, longestMs: 30_000 })),
    [16_000, 30_000],
  );
});

test('a retry that has failed for weeks waits for the longest delay', () => {
  for (const attempt of [100, 10_000, 1e9]) assert.equal(backoffMs(attempt, RETRIES), 8000);
});

test('jitter shortens a delay by up to its share', (t) => {
  const random = t.mock.method(Math, 'random');
  for (const [value, waits] of [
    [0, [250, 8000]],
    [0.5, [187.5, 6000]],
    [1 - Number.EPSILON, [125, 4000]],
  ] as const) {
    random.mock.mockImplementation(() => value);
    const found = [0, 9].map((attempt) => Math.round(1000 * backoffMs(attempt, { ...RETRIES, jitter: 0.5 })) / 1000);
    assert.deepEqual(found, waits, `random ${value}`);
  }
});

test('delays with jitter differ', () => {
  const waits = new Set(Array.from({ length: 100 }, () => backoffMs(3, { ...RETRIES, jitter: 0.5 })));
  assert(waits.size > 90, `${waits.size} different waits`);
  for (const wait of waits) assert(wait > 1000 && wait <= 2000, `${wait} ms`);
});
