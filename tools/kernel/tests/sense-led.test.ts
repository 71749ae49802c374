import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { startFlow } from '../../../test/support/flow';
import { actAs, DEVICE, filled, PERMITTED, STRANGER, shown } from './device';

/** The time-out is long because the emulated machine is slow. */
const SLOW = { timeout: 30_000 };

const FLOW = [
  { id: 'led', type: 'sense-led', secondsPerColumn: 0.05, wires: [['out']] },
  { id: 'out', type: 'helper' },
];

/** Colours, and the bytes of each on the device: RGB565, little-endian. */
const COLOURS = ['#ff0000', '#00ff00', '#0000ff', '#ffffff', '#000000', '#326428', '#080408', '#07030a'];
const PIXELS = ['00f8', 'e007', '1f00', 'ffff', '0000', '2533', '2108', '0100'];

/** Records each frame that the device shows, until it is stopped. */
function watchDevice(): { stop(): Buffer[] } {
  const frames: Buffer[] = [];
  const timer = setInterval(() => {
    const frame = shown();
    if (!frames.at(-1)?.equals(frame)) frames.push(frame);
  }, 5);
  return {
    stop: () => {
      clearInterval(timer);
      return frames;
    },
  };
}

for (const user of PERMITTED) {
  test(`${user.name} shows pictures and texts through Node-RED on the HAT`, SLOW, async (t) => {
    actAs(t, user);
    const flow = await startFlow(t, FLOW);
    const status = await flow.status('led', () => true);
    assert.deepEqual(status, { fill: 'green', shape: 'dot', text: DEVICE });

    await t.test('64 colours', async () => {
      flow.send('led', { payload: Array(8).fill(COLOURS).flat() });
      await flow.next('out');
      assert.equal(shown().toString('hex'), PIXELS.join('').repeat(8));
    });

    await t.test('a text from dark to dark', async () => {
      const device = watchDevice();
      flow.send('led', { payload: 'Hi', color: '#326428' });
      assert.equal((await flow.next('out')).payload, 'Hi');
      const frames = device.stop();
      assert(frames.length > 3, `${frames.length} different frames`);
      for (const frame of frames.slice(1)) assert.match(frame.toString('hex'), /^(0000|2533)+$/);
      assert.deepEqual(shown(), filled('0000'));
    });

    await t.test('nothing', async () => {
      flow.send('led', { payload: Buffer.from(filled('00f8')) });
      await flow.next('out');
      assert.deepEqual(shown(), filled('00f8'));
      flow.send('led', { payload: null });
      await flow.next('out');
      assert.deepEqual(shown(), filled('0000'));
    });
  });
}

test(
  'a user who is not in group video gets an error for each message, and the device is untouched',
  SLOW,
  async (t) => {
    writeFileSync(DEVICE, filled('2533'));
    actAs(t, STRANGER);
    const flow = await startFlow(t, FLOW);
    await flow.status('led', ({ fill }) => fill === 'red');
    for (const payload of ['text', null, Array(64).fill('red')]) {
      flow.send('led', { payload });
      assert.equal((await flow.caught()).error.code, 'DEVICE');
    }
    assert.equal(flow.waiting('out'), 0);
    assert.deepEqual(shown(), filled('2533'));
  },
);
