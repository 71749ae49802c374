import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { openFramebuffer } from '../../../lib/sense-hat/led/framebuffer';
import { startFlow } from '../../../test/support/flow';
import { DEVICE, filled, shown } from './device';

const SLOW = { timeout: 60_000 };

const LED = { id: 'led', type: 'sense-led', wires: [['out']] };
const OUT = { id: 'out', type: 'helper' };
const SCREEN = 'mode_option=320x240MR-16';

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

test(
  'a HAT that was away for a moment while idle is no failure, and has its picture, which is turned',
  SLOW,
  async (t) => {
    const flow = await startFlow(t, [LED, OUT]);
    await flow.status('led', ({ text }) => text === DEVICE);
    const top = Buffer.concat([Buffer.alloc(16, 0xff), Buffer.alloc(112)]);
    flow.send('led', { payload: top });
    await flow.next('out');
    // Looked at, while nothing is shown.
    plug('unbind');
    plug('bind');
    writeFileSync(DEVICE, Buffer.alloc(128), { flag: 'r+' });
    while (!shown().equals(top)) await setTimeout(50);
    // Used before it is looked at.
    plug('unbind');
    plug('bind');
    writeFileSync(DEVICE, Buffer.alloc(128), { flag: 'r+' });
    flow.send('led', { payload: { rotation: 180 } });
    await flow.next('out');
    assert.deepEqual(shown(), Buffer.from(top).reverse());
    assert.equal(flow.waiting('caught'), 0);
    assert.equal((await flow.status('led', () => true)).text, DEVICE);
  },
);

test('what another program draws is the ground of a change', SLOW, async (t) => {
  const flow = await startFlow(t, [{ ...LED, commands: true }, OUT]);
  const change = async (payload: unknown) => {
    flow.send('led', { payload: { fill: 'red' } });
    await flow.next('out');
    const drawn = filled('1f00');
    drawn.writeUInt16LE(0xffff, 0);
    writeFileSync(DEVICE, drawn, { flag: 'r+' });
    flow.send('led', { payload });
    await flow.next('out');
    const frame = shown();
    const at = frame.indexOf(Buffer.from('ffff', 'hex')) / 2;
    assert.deepEqual(new Set(frame.toString('hex').match(/..../g)), new Set(['1f00', 'ffff']), JSON.stringify(payload));
    return at;
  };
  assert.equal(await change({ x: 3, y: 4, color: 'blue' }), 0);
  assert.equal(await change({ flip: 'horizontal' }), 7);
  assert.equal(await change({ rotation: 180 }), 63);
  assert.equal(await change('R90'), 7);
  // The rotation of the command before stays in force.
  assert.equal(await change('FV'), 7);
});

test(
  'a node that names the device and one that looks for the HAT, before it is there, share one queue',
  SLOW,
  async (t) => {
    plug('unbind');
    const flow = await startFlow(t, [
      { ...LED, device: DEVICE, whenMissing: 'wait' },
      { ...LED, id: 'finds', busy: 'drop' },
      OUT,
    ]);
    await flow.status('led', ({ fill }) => fill === 'red');
    flow.send('led', { payload: 'a text that takes many seconds' });
    plug('bind');
    for (const id of ['led', 'finds']) await flow.status(id, ({ text }) => text === DEVICE);
    flow.send('finds', { payload: filled('00f8') });
    assert.equal((await flow.caught()).error.code, 'BUSY');
  },
);

test('a screen of another size and other devices are refused, and a HAT in their place is used', SLOW, async (t) => {
  const load = (...parameters: string[]) => {
    execFileSync('rmmod', ['vfb']);
    execFileSync('insmod', ['/vfb.ko', 'vfb_enable=1', ...parameters]);
  };
  const hat = ['videomemorysize=128', 'mode_option=8x8MR-16'];
  t.after(() => existsSync(DEVICE) || load(...hat));
  load('videomemorysize=153600', SCREEN);
  assert.throws(() => openFramebuffer(DEVICE), {
    text: 'DEVICE-size',
    values: { path: DEVICE, width: 320, height: 240, bits: 16 },
  });
  assert.throws(() => openFramebuffer('/dev/null'), { text: 'DEVICE-kind' });
  const flow = await startFlow(t, [{ ...LED, device: DEVICE, whenMissing: 'wait' }, OUT]);
  await flow.status('led', ({ fill }) => fill === 'red');
  flow.send('led', { payload: filled('00f8') });
  load(...hat);
  await flow.next('out');
  assert.deepEqual(shown(), filled('00f8'));
});
