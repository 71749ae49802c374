import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NatsConnection } from 'nats';
import { TrafficCount } from '../../../../lib/nats/connection/traffic';

test('what ended connections have carried stays counted', () => {
  const carrying = (inMsgs: number) =>
    ({ stats: () => ({ inMsgs, inBytes: 1, outMsgs: 2, outBytes: 3 }) }) as NatsConnection;
  const count = new TrafficCount();
  const none = { inMessages: 0, inBytes: 0, outMessages: 0, outBytes: 0 };
  assert.deepEqual(count.with(undefined), none);
  count.add(carrying(5));
  count.add(carrying(6));
  assert.deepEqual(count.with(carrying(7)), { inMessages: 18, inBytes: 3, outMessages: 6, outBytes: 9 });
  assert.deepEqual(count.with(undefined), { inMessages: 11, inBytes: 2, outMessages: 4, outBytes: 6 });
});
