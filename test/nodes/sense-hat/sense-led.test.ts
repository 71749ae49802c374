import assert from 'node:assert/strict';
import { readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { acquireDisplay, releaseDisplay } from '../../../lib/sense-hat/led/display-registry';
import { encodeFrame, fill } from '../../../lib/sense-hat/led/frame';
import { DEFAULT_OPTIONS } from '../../../lib/sense-hat/led/options';
import { timesOpen } from '../../support/device-file';
import { startFlow, type TestFlow } from '../../support/flow';
import { makeFolder } from '../../support/folder';
import { Inbox } from '../../support/inbox';

const NO_LINUX = process.platform === 'linux' ? false : 'a device of Linux';
const FAST = 0.01;

/** A file in place of a framebuffer. */
function makeDevice(bytes = 128): string {
  const folder = makeFolder();
  const path = join(folder, 'fb1');
  writeFileSync(path, Buffer.alloc(bytes));
  return path;
}

/** A flow of one sense-led node that writes into a file. */
async function startDisplay(t: TestContext, properties: object = {}): Promise<{ flow: TestFlow; frame(): Buffer }> {
  const device = makeDevice();
  const flow = await startFlow(t, [
    { id: 'led', type: 'sense-led', device, secondsPerColumn: FAST, wires: [['out']], ...properties },
    { id: 'out', type: 'helper' },
  ]);
  return { flow, frame: () => readFileSync(device) };
}

/** The bytes of 64 pixels of one colour in RGB565, little-endian. */
const filled = (pixel: string) => Buffer.from(pixel.repeat(64), 'hex');

test('all forms of 64 pixels show the same picture', async (t) => {
  const { flow, frame } = await startDisplay(t);
  const row = Array(8).fill('rgb(50, 100, 40)');
  const forms: [string, unknown][] = [
    ['colours', Array(64).fill('#326428')],
    ['arrays', Array(64).fill([50, 100, 40])],
    ['numbers', Array(64).fill(0x326428)],
    ['rows', Array(8).fill(row)],
    ['192 numbers', Array(64).fill([50, 100, 40]).flat()],
    ['192 bytes', Buffer.from(Array(64).fill([50, 100, 40]).flat())],
    ['128 bytes', filled('2533')],
  ];
  for (const [name, payload] of forms) {
    flow.send('led', { payload: null });
    await flow.next('out');
    assert.deepEqual(frame(), filled('0000'), 'cleared');
    flow.send('led', { payload });
    await flow.next('out');
    assert.deepEqual(frame(), filled('2533'), name);
  }
});

test('a text scrolls in and out, and completes after it has been shown in full', async (t) => {
  const { flow, frame } = await startDisplay(t, { color: 'red' });
  const startedAt = performance.now();
  flow.send('led', { payload: 'Hi', topic: 'kept' });
  const msg = await flow.next('out');
  const elapsed = performance.now() - startedAt;
  assert.equal(msg.payload, 'Hi');
  assert.equal(msg.topic, 'kept');
  assert.equal((await flow.completed()).payload, 'Hi');
  // 8 columns, then 4 and 1 of the letters, each with a blank one after it.
  assert(elapsed >= (8 + 5 + 2) * 10 - 5, `${elapsed} ms`);
  assert.deepEqual(frame(), filled('0000'));
});

test('a single character stands still and stays, in the colours of the message', async (t) => {
  const { flow, frame } = await startDisplay(t);
  flow.send('led', { payload: 7, color: '#ff0000', background: [0, 0, 255] });
  await flow.next('out');
  const pixels = new Set(frame().toString('hex').match(/..../g));
  assert.deepEqual(pixels, new Set(['00f8', '1f00']));
});

test('messages are shown one at a time, in order', async (t) => {
  const { flow } = await startDisplay(t);
  const texts = ['one', 'two', 'x', '', 'three'];
  for (const payload of texts) flow.send('led', { payload });
  for (const text of texts) assert.equal((await flow.next('out')).payload, text);
});

test('node and message rotate the picture clockwise', async (t) => {
  const { flow, frame } = await startDisplay(t, { rotation: '90' });
  const corner = Array(64).fill('black');
  corner[0] = 'white';
  const litPixel = async (msg: object) => {
    flow.send('led', { payload: corner, ...msg });
    await flow.next('out');
    return frame().indexOf(0xff) / 2;
  };
  assert.equal(await litPixel({}), 7);
  assert.equal(await litPixel({ rotation: 0 }), 0);
  assert.equal(await litPixel({ rotation: 180 }), 63);
  assert.equal(await litPixel({ rotation: '270' }), 56);
  assert.equal(await litPixel({ rotation: 0, flipH: true }), 7);
  assert.equal(await litPixel({ rotation: 0, flipV: true }), 56);
});

test('an invalid message ends with an error, and nothing is drawn', async (t) => {
  const { flow, frame } = await startDisplay(t);
  flow.send('led', { payload: filled('2108') });
  await flow.next('out');
  const cases: [Record<string, unknown>, string][] = [
    [{ payload: Array(63).fill('red') }, 'BAD_PIXELS'],
    [{ payload: [] }, 'BAD_PIXELS'],
    [{ payload: Array(64).fill('reddish') }, 'BAD_PIXELS'],
    [{ payload: [...Array(191).fill(0), 256] }, 'BAD_PIXELS'],
    [{ payload: Buffer.alloc(127) }, 'BAD_PIXELS'],
    [{}, 'BAD_PAYLOAD'],
    [{ payload: { words: 'hello' } }, 'BAD_COMMAND'],
    [{ payload: 'text', color: 'reddish' }, 'BAD_COLOR'],
    [{ payload: 'text', direction: 'north' }, 'BAD_CHOICE'],
    [{ payload: 'text', brightness: 101 }, 'BAD_NUMBER'],
    [{ payload: 'text', busy: 'wait' }, 'BAD_CHOICE'],
    [{ payload: 'text', action: 'play' }, 'BAD_ACTION'],
    [{ payload: 'text', rotation: 45 }, 'BAD_ROTATION'],
    [{ payload: 'text', secondsPerColumn: -1 }, 'BAD_NUMBER'],
    [{ payload: 'text', flipH: 'yes' }, 'BAD_SWITCH'],
  ];
  for (const [msg, code] of cases) {
    flow.send('led', msg);
    assert.equal((await flow.caught()).error.code, code);
  }
  assert.deepEqual(frame(), filled('2108'));
  assert.equal(flow.waiting('out'), 0);
});

test('a variable that is not set is an error in each setting', async (t) => {
  const settings = ['device', 'color', 'rotation', 'brightness', 'busy', 'whenMissing', 'commands'];
  const nodes = settings.map((setting) => ({ id: setting, type: 'sense-led', [setting]: '${NATSHAT_UNSET}' }));
  const flow = await startFlow(t, nodes);
  for (const setting of settings) {
    flow.send(setting, { payload: 'text' });
    const { error } = await flow.caught();
    assert.equal(error.code, 'BAD_ENV', setting);
    assert.match((await flow.status(setting, () => true)).text, /BAD_ENV/);
  }
});

test('while the display is busy a message is queued, replaces or is dropped, as the node says', async (t) => {
  const device = makeDevice();
  const led = (busy: string) => ({
    id: busy,
    type: 'sense-led',
    device,
    busy,
    secondsPerColumn: FAST,
    wires: [['out']],
  });
  const flow = await startFlow(t, [led('queue'), led('replace'), led('drop'), { id: 'out', type: 'helper' }]);
  flow.send('queue', { payload: 'a long text that is replaced' });
  flow.send('drop', { payload: 'dropped' });
  assert.equal((await flow.caught()).error.code, 'BUSY');
  flow.send('replace', { payload: 'new' });
  const replaced = await flow.caught();
  assert.equal(replaced.error.code, 'REPLACED');
  assert.equal(replaced.error.source.id, 'queue');
  assert.equal((await flow.next('out')).payload, 'new');
});

test('a deploy ends the shown and the waiting messages', async (t) => {
  const device = makeDevice();
  const led = { id: 'led', type: 'sense-led', device, wires: [['out']] };
  const flow = await startFlow(t, [led, { id: 'out', type: 'helper' }]);
  flow.send('led', { payload: 'a text that takes many seconds' });
  flow.send('led', { payload: 'and another' });
  await flow.deploy([
    { ...led, secondsPerColumn: FAST },
    { id: 'out', type: 'helper' },
  ]);
  flow.send('led', { payload: 'x' });
  assert.equal((await flow.next('out')).payload, 'x');
});

test('without a HAT the node says so and shows only the preview', async (t) => {
  const flow = await startFlow(t, [
    { id: 'led', type: 'sense-led', wires: [['out']] },
    { id: 'out', type: 'helper' },
  ]);
  const status = await flow.status('led', () => true);
  assert.deepEqual(status, { fill: 'grey', shape: 'dot', text: 'status.preview' });
  flow.send('led', { payload: null });
  await flow.next('out');
});

test('a path that is no framebuffer is refused and left alone', async (t) => {
  const file = makeDevice(127);
  const target = makeDevice();
  const link = `${target}-link`;
  symlinkSync(target, link);
  const flow = await startFlow(t, [
    { id: 'file', type: 'sense-led', device: file },
    { id: 'link', type: 'sense-led', device: link },
    { id: 'missing', type: 'sense-led', device: `${target}-missing` },
    { id: 'folder', type: 'sense-led', device: tmpdir() },
  ]);
  for (const id of ['file', 'link', 'missing', 'folder']) {
    flow.send(id, { payload: Array(64).fill('red') });
    assert.equal((await flow.caught()).error.code, 'DEVICE', id);
    await flow.status(id, ({ fill }) => fill === 'red');
  }
  assert.equal(readFileSync(file).length, 127);
  assert.deepEqual(readFileSync(target), filled('0000'));
});

test('a command of node-red-node-pi-sense-hat is text, unless the node interprets commands', async (t) => {
  const device = makeDevice();
  const led = { type: 'sense-led', device, secondsPerColumn: 0.001, wires: [['out']] };
  const flow = await startFlow(t, [
    { ...led, id: 'text' },
    { ...led, id: 'commands', commands: true },
    { id: 'out', type: 'helper' },
  ]);
  const corner = { x: 0, y: 0, color: 'white' };
  for (const [payload, place] of [
    ['R180', 63],
    ['0,0,#ffffff', 0],
    ['FH', 7],
  ] as const) {
    for (const id of ['text', 'commands']) {
      flow.send('text', { payload: [{ clear: true }, payload.startsWith('0') ? { clear: true } : corner] });
      await flow.next('out');
      flow.send(id, { payload });
      await flow.next('out');
      // After a text its background stays.
      assert.equal(readFileSync(device).indexOf(0xff) / 2, id === 'text' ? -0.5 : place, `${payload} as ${id}`);
      flow.send('commands', { payload: 'R0' });
      await flow.next('out');
    }
  }
});

test('single pixels, ranges and fills change the picture', async (t) => {
  const { flow, frame } = await startDisplay(t);
  const lit = async (payload: unknown) => {
    flow.send('led', { payload });
    await flow.next('out');
    return (frame().toString('hex').match(/..../g) as string[]).flatMap((pixel, at) => (pixel === '0000' ? [] : [at]));
  };
  assert.deepEqual(await lit({ x: 3, y: 1, color: 'red' }), [11]);
  assert.deepEqual(await lit({ x: '6-7', y: 7 }), [11, 62, 63]);
  assert.deepEqual(
    await lit([
      { x: '*', y: 0 },
      { x: 3, y: 1, color: 'off' },
    ]),
    [0, 1, 2, 3, 4, 5, 6, 7, 62, 63],
  );
  assert.equal((await lit({ fill: 'navy' })).length, 64);
  assert.deepEqual(await lit({ clear: true }), []);
});

test('the picture is rotated by the next message', async (t) => {
  const { flow, frame } = await startDisplay(t);
  const place = async (msg: object) => {
    flow.send('led', msg as Record<string, unknown>);
    await flow.next('out');
    return frame().indexOf(0xff) / 2;
  };
  assert.equal(await place({ payload: { x: 0, y: 0, color: 'white' } }), 0);
  assert.equal(await place({ payload: { rotation: 90 } }), 7);
  assert.equal(await place({ payload: { x: 4, y: 4, color: 'off' }, rotation: 180 }), 63);
  assert.equal(await place({ payload: { flip: 'horizontal' } }), 7);
});

test('the shown colours can be read and shown again', async (t) => {
  const { flow, frame } = await startDisplay(t, { rotation: 270, brightness: 50 });
  const picture = Array.from({ length: 64 }, (_, n) => [4 * n, 255 - 3 * n, n]);
  flow.send('led', { payload: picture });
  await flow.next('out');
  const before = frame();
  flow.send('led', { action: 'get', topic: 'kept' });
  const { payload, topic } = await flow.next('out');
  assert.equal(topic, 'kept');
  flow.send('led', { payload: null });
  await flow.next('out');
  flow.send('led', { payload });
  await flow.next('out');
  assert.deepEqual(frame(), before);
});

test('an animation shows all frames, repeated as the message says', async (t) => {
  const device = makeDevice();
  const flow = await startFlow(t, [
    { id: 'led', type: 'sense-led', device, frameMs: 100, wires: [['out']] },
    { id: 'out', type: 'helper' },
  ]);
  const display = acquireDisplay(device);
  t.after(() => releaseDisplay(display));
  const shown: string[] = [];
  display.on('frame', (frame) => shown.push(frame.toString('hex', 0, 2)));
  const startedAt = performance.now();
  flow.send('led', { payload: ['red', 'lime', 'blue'].map((color) => Array(64).fill(color)), repeat: 2 });
  await flow.next('out');
  const elapsed = performance.now() - startedAt;
  assert(elapsed >= 6 * 100 - 5, `${elapsed} ms`);
  // On a busy machine frames are skipped, but never the last one.
  const rest = ['00f8', 'e007', '1f00', '00f8', 'e007', '1f00'];
  assert.equal(shown.at(-1), '1f00');
  for (const frame of shown) {
    const place = rest.indexOf(frame);
    assert(place >= 0, `${shown}`);
    rest.splice(0, place + 1);
  }
  assert.deepEqual(rest, [], `${shown}`);
  assert(shown.length > 3, `${shown}`);
});

test('an endless animation completes after its first round and repeats until the next message', async (t) => {
  const device = makeDevice();
  const flow = await startFlow(t, [
    { id: 'led', type: 'sense-led', device, frameMs: 10, repeat: 0, wires: [['out']] },
    { id: 'out', type: 'helper' },
  ]);
  const display = acquireDisplay(device);
  t.after(() => releaseDisplay(display));
  const rounds = new Inbox<string>();
  flow.send('led', { payload: ['red', 'lime'].map((color) => Array(64).fill(color)) });
  await flow.next('out');
  display.on('frame', (frame) => rounds.put(frame.toString('hex', 0, 2)));
  for (let frames = 0; frames < 6; frames++) await rounds.take();
  flow.send('led', { payload: filled('1f00') });
  await flow.next('out');
  assert.deepEqual(readFileSync(device), filled('1f00'));
});

test('stop ends the messages of all nodes, and the picture stays', async (t) => {
  const device = makeDevice();
  const led = { type: 'sense-led', device, wires: [['out']] };
  const flow = await startFlow(t, [
    { ...led, id: 'a' },
    { ...led, id: 'b' },
    { id: 'out', type: 'helper' },
  ]);
  flow.send('a', { payload: 'a text that takes many seconds', background: 'red' });
  flow.send('b', { payload: 'another' });
  flow.send('a', { payload: 'and one more' });
  flow.send('b', { action: 'stop' });
  assert.equal((await flow.next('out')).action, 'stop');
  const ended = [await flow.caught(), await flow.caught(), await flow.caught()];
  assert.deepEqual(
    ended.map(({ error, payload }) => [error.code, payload]),
    [
      ['STOPPED', 'a text that takes many seconds'],
      ['STOPPED', 'another'],
      ['STOPPED', 'and one more'],
    ],
  );
  assert.deepEqual(readFileSync(device), filled('00f8'));
});

test('a deploy of one node does not end the messages of another', async (t) => {
  const device = makeDevice();
  const other = { id: 'other', type: 'sense-led', device, wires: [['out']] };
  const led = { id: 'led', type: 'sense-led', device, secondsPerColumn: FAST, wires: [['out']] };
  const flow = await startFlow(t, [led, other, { id: 'out', type: 'helper' }]);
  flow.send('other', { payload: 'in the way' });
  flow.send('led', { payload: 'shown' });
  await flow.deploy([led, { id: 'out', type: 'helper' }], 'nodes');
  assert.equal((await flow.caught()).error.code, 'CLOSED');
  assert.equal((await flow.next('out')).payload, 'shown');
});

test('a deploy leaves no timers and no open files', { skip: NO_LINUX }, async (t) => {
  const out = { id: 'out', type: 'helper' };
  const flow = await startFlow(t, [out]);
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = timers();
  for (const type of ['full', 'nodes', 'flows'] as const) {
    const device = makeDevice();
    const led = { type: 'sense-led', wires: [['out']] };
    await flow.deploy([
      { ...led, id: 'text', device },
      { ...led, id: 'endless', device: makeDevice(), repeat: 0 },
      { ...led, id: 'missing', device: `${device}-missing`, whenMissing: 'wait' },
      { ...led, id: 'no HAT' },
      out,
    ]);
    flow.send('text', { payload: 'a text that takes many seconds' });
    flow.send('text', { payload: 'and another' });
    flow.send('missing', { payload: 'waits' });
    flow.send('no HAT', { payload: 'a text in the preview' });
    flow.send('endless', { payload: [filled('00f8'), filled('1f00')] });
    await flow.next('out');
    assert(timers() > before);
    assert.equal(timesOpen(device), 1);
    await flow.deploy([out], type);
    assert.equal(timers(), before, type);
    assert.equal(timesOpen(device), 0, type);
  }
});

test('a message cannot select a device', async (t) => {
  const { flow, frame } = await startDisplay(t);
  const other = makeDevice();
  flow.send('led', { payload: filled('00f8'), device: other });
  await flow.next('out');
  flow.send('led', { payload: { fill: 'red', device: other } });
  assert.equal((await flow.caught()).error.code, 'BAD_COMMAND');
  assert.deepEqual(frame(), filled('00f8'));
  assert.deepEqual(readFileSync(other), filled('0000'));
});

test('while the device is missing messages fail, and once it appears it is used', async (t) => {
  const device = makeDevice();
  rmSync(device);
  const flow = await startFlow(t, [
    { id: 'fails', type: 'sense-led', device, wires: [['out']] },
    { id: 'waits', type: 'sense-led', device, whenMissing: 'wait', wires: [['out']] },
    { id: 'out', type: 'helper' },
  ]);
  for (const id of ['fails', 'waits']) await flow.status(id, ({ fill }) => fill === 'red');
  flow.send('waits', { payload: filled('00f8') });
  flow.send('fails', { payload: filled('e007') });
  const { error } = await flow.caught();
  assert.equal(error.code, 'DEVICE');
  assert.equal(error.source.id, 'fails');
  assert.equal(flow.waiting('out'), 0);
  writeFileSync(device, Buffer.alloc(128));
  await flow.next('out');
  assert.deepEqual(readFileSync(device), filled('00f8'));
  for (const id of ['fails', 'waits']) await flow.status(id, ({ fill, text }) => fill === 'green' && text === device);
});

test('when the flow stops the picture stays, or is cleared', async (t) => {
  const flows = [false, true].map((clearOnClose) => {
    const device = makeDevice();
    return { id: `clear ${clearOnClose}`, type: 'sense-led', device, clearOnClose, wires: [['out']] };
  });
  const flow = await startFlow(t, [...flows, { id: 'out', type: 'helper' }]);
  for (const { id } of flows) {
    flow.send(id, { payload: filled('1f00') });
    await flow.next('out');
  }
  await flow.deploy([]);
  assert.deepEqual(
    flows.map(({ device }) => readFileSync(device).toString('hex', 0, 2)),
    ['1f00', '0000'],
  );
});

test('a thousand messages to ten nodes of one display complete in order, and the next one is refused', async (t) => {
  const device = makeDevice();
  const leds = Array.from({ length: 10 }, (_, n) => ({
    id: `led${n}`,
    type: 'sense-led',
    device,
    secondsPerColumn: 0.001,
    wires: [['out']],
  }));
  const flow = await startFlow(t, [...leds, { id: 'out', type: 'helper' }]);
  const MESSAGES = 1000;
  // All others have to wait for this one, however slow the machine is.
  flow.send('led0', { payload: 'wait', secondsPerColumn: 1000 });
  for (let number = 0; number <= MESSAGES; number++) {
    const payload = number % 10 === 0 ? 'x' : { x: number % 8, y: 0, color: [number % 256, 0, 1] };
    flow.send(`led${number % 10}`, { payload, number });
  }
  assert.equal((await flow.caught()).error.code, 'QUEUE_FULL');
  flow.send('led0', { payload: 'x', busy: 'replace', number: -1 });
  assert.equal((await flow.caught()).error.code, 'REPLACED');
  for (let number = -1; number < MESSAGES; number++) assert.equal((await flow.next('out')).number, number);
  assert.equal(flow.waiting('out') + flow.waiting('caught'), 0);
});

test('commands of node-red-node-pi-sense-hat: rotation stays for all nodes, dimming does not interrupt a text', async (t) => {
  const device = makeDevice();
  const led = { type: 'sense-led', device, commands: true, busy: 'replace', wires: [['out']] };
  const flow = await startFlow(t, [
    { ...led, id: 'a' },
    { ...led, id: 'b' },
    { id: 'out', type: 'helper' },
  ]);
  const show = async (id: string, payload: string, properties = {}) => {
    flow.send(id, { payload, ...properties });
    await flow.next('out');
    return readFileSync(device);
  };
  await show('a', 'R180');
  assert.equal((await show('b', '0,0,#ffffff')).indexOf(0xff) / 2, 63);
  assert.equal((await show('b', 'FH')).indexOf(0xff) / 2, 56);

  const display = acquireDisplay(device);
  t.after(() => releaseDisplay(display));
  const colours = new Inbox<string>();
  display.on('frame', (frame) => colours.put(frame.toString('hex', 0, 2)));
  const dimmed = encodeFrame(fill([0, 0, 255]), { ...DEFAULT_OPTIONS, lowLight: true });
  flow.send('a', { payload: 'Hello', background: '0,0,255', color: 'blue', speed: 5 });
  await show('b', 'D0');
  while ((await colours.take()) !== dimmed.toString('hex', 0, 2));
  assert.equal((await flow.next('out')).payload, 'Hello');
  assert.deepEqual(readFileSync(device), dimmed);
  dimmed.fill(0, 0, 2);
  assert.deepEqual(await show('b', '7,7,white\n7,7,off'), dimmed);
  flow.send('b', { payload: '0,*,reddish' });
  assert.equal((await flow.caught()).error.code, 'BAD_COMMAND');
});
