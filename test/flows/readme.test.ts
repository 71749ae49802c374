import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startScene } from '../support/scene';

const README = readFileSync(join(__dirname, '..', '..', '..', 'README.md'), 'utf8');

test('whatever the README publishes to the subject light is shown', async (t) => {
  const { flow, peer } = await startScene(t, [
    { id: 'subscribe', type: 'nats-subscribe', subject: 'light', wires: [['led']] },
    { id: 'led', type: 'sense-led', secondsPerColumn: 0.01, wires: [['out']] },
    { id: 'out', type: 'helper' },
  ]);
  const payloads = Array.from(README.matchAll(/^nats pub light '(.*)'$/gm), ([, payload]) => payload as string);
  assert(payloads.length >= 3);
  for (const payload of payloads) {
    peer.nc.publish('light', payload);
    assert.deepEqual((await flow.next('out')).payload, JSON.parse(payload));
  }
});
