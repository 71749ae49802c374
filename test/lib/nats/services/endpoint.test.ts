import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Endpoint } from '../../../../lib/nats/services/endpoint';

const SETTINGS = { name: 'get', subject: 'rooms.get', queue: 'q' };

/** Answers a request, as if the answer had this outcome. */
function answer(reply: string, error?: { code: number; description: string }, failure?: unknown): boolean {
  const takeBack = Endpoint.answer(reply, () => error);
  if (failure !== undefined) takeBack?.();
  return takeBack !== undefined;
}

test('a new endpoint has done nothing', () => {
  const described = { name: 'get', subject: 'rooms.get', queue_group: 'q', metadata: {} };
  const endpoint = new Endpoint(SETTINGS);
  assert.deepEqual(endpoint.info(), described);
  const counts = { num_requests: 0, num_errors: 0, processing_time: 0, average_processing_time: 0 };
  assert.deepEqual(endpoint.stats(), { ...described, ...counts, last_error: '' });
});

test('a request is timed until its answer, and the average is by all requests, errors and unanswered ones included', async (t) => {
  const endpoint = new Endpoint(SETTINGS);
  t.after(() => endpoint.close());
  const before = performance.now();
  for (const reply of ['a', 'b', 'c', undefined]) endpoint.received(reply);
  await delay(20);
  assert.equal(answer('a'), true);
  assert.equal(answer('b', { code: 404, description: 'no such room' }), true);
  const tookNs = (performance.now() - before) * 1e6;
  const stats = endpoint.stats();
  assert.deepEqual([stats.num_requests, stats.num_errors, stats.last_error], [4, 1, '404:no such room']);
  assert(stats.processing_time >= 2 * 19e6 && stats.processing_time <= 2 * tookNs, `${stats.processing_time} ns`);
  assert.equal(stats.average_processing_time, Math.trunc(stats.processing_time / 4));
  assert(Number.isSafeInteger(stats.processing_time));
});

test('a second answer, and one to nobody, counts for nothing', (t) => {
  const endpoint = new Endpoint(SETTINGS);
  t.after(() => endpoint.close());
  endpoint.received('a');
  assert.equal(answer('nobody'), false);
  assert.equal(answer('a'), true);
  assert.equal(answer('a', { code: 500, description: 'again' }), false);
  assert.equal(endpoint.stats().num_errors, 0);
});

test('an answer that was not sent counts for nothing, and another one may follow', (t) => {
  const endpoint = new Endpoint(SETTINGS);
  t.after(() => endpoint.close());
  endpoint.received('a');
  assert.equal(answer('a', { code: 500, description: 'lost' }, new Error('too large')), true);
  const { processing_time, num_errors, last_error } = endpoint.stats();
  assert.deepEqual([processing_time, num_errors, last_error], [0, 0, '']);
  assert.equal(answer('a', { code: 500, description: 'too large' }), true);
  assert.equal(endpoint.stats().last_error, '500:too large');
});

test('a closed endpoint remembers no request, also if an answer to one fails later', () => {
  const endpoint = new Endpoint(SETTINGS);
  endpoint.received('a');
  endpoint.received('b');
  const takeBack = Endpoint.answer('a', () => undefined);
  endpoint.close();
  takeBack?.();
  endpoint.received('c');
  for (const reply of ['a', 'b', 'c'])
    assert.equal(
      Endpoint.answer(reply, () => undefined),
      undefined,
      reply,
    );
});
