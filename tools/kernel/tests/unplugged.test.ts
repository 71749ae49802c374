import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startFlow } from '../../../test/support/flow';
import { DEVICE, filled, shown } from './device';

const SLOW = { timeout: 60_000 };

/** Unbinds the framebuffer from its driver, or binds it again, as if the HAT were unplugged and plugged in. */
function plug(what: 'bind' | 'unbind'): void {
  writeFileSync(join('/sys/bus/platform/drivers/vfb', what), 'vfb.0');
}

test('when the HAT is unplugged the message on it fails, and when it is back it is used again', SLOW, async (t) => {
  const led = { type: 'sense-led', wires: [['out']] };
  const flow = await startFlow(t, [
    { ...led, id: 'fails' },
    { ...led, id: 'waits', whenMissing: 'wait' },
    { id: 'out', type: 'helper' },
  ]);
  await flow.status('fails', ({ text }) => text === DEVICE);
  flow.send('fails', { payload: 'a text that takes many seconds' });
  flow.send('waits', { payload: filled('00f8') });
  plug('unbind');
  assert(!existsSync(DEVICE));
  const { error } = await flow.caught();
  assert.deepEqual([error.code, error.source.id], ['DEVICE', 'fails']);
  for (const id of ['fails', 'waits']) await flow.status(id, ({ fill }) => fill === 'red');
  flow.send('fails', { payload: filled('e007') });
  assert.equal((await flow.caught()).error.code, 'DEVICE');
  assert.equal(flow.waiting('out'), 0);

  plug('bind');
  await flow.next('out');
  assert.deepEqual(shown(), filled('00f8'));
  for (const id of ['fails', 'waits']) await flow.status(id, ({ text }) => text === DEVICE);
  flow.send('fails', { payload: filled('e007') });
  await flow.next('out');
  assert.deepEqual(shown(), filled('e007'));
});
