import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { startFlow, type TestFlow } from '../support/flow';

const FAST = 0.01;

/** A file where the framebuffer of a HAT would be. */
function makeDevice(t: TestContext, bytes = 128): string {
  const folder = mkdtempSync(join(tmpdir(), 'natshat-device-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'fb1');
  writeFileSync(path, Buffer.alloc(bytes));
  return path;
}

/** A flow of one sense-led node that writes into a file. */
async function startDisplay(t: TestContext, properties: object = {}): Promise<{ flow: TestFlow; frame(): Buffer }> {
  const device = makeDevice(t);
  const flow = await startFlow(t, [
    { id: 'led', type: 'sense-led', device, secondsPerColumn: FAST, wires: [['out']], ...properties },
    { id: 'out', type: 'helper' },
  ]);
  return { flow, frame: () => readFileSync(device) };
}

/** The bytes of 64 pixels of one colour in RGB565, little-endian. */
const filled = (pixel: string) => Buffer.from(pixel.repeat(64), 'hex');

test('64 pixels in each form are the same picture', async (t) => {
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

test('a text scrolls from dark to dark and is complete after it has been shown in full', async (t) => {
  const { flow, frame } = await startDisplay(t, { color: 'red' });
  const startedAt = performance.now();
  flow.send('led', { payload: 'Hi', topic: 'kept' });
  const msg = await flow.next('out');
  const elapsed = performance.now() - startedAt;
  assert.equal(msg.payload, 'Hi');
  assert.equal(msg.topic, 'kept');
  assert.equal((await flow.completed()).payload, 'Hi');
  // 8 columns, then 4 and 1 of the letters with a blank one behind each.
  assert(elapsed >= (8 + 5 + 2) * 10 - 5, `${elapsed} ms`);
  assert.deepEqual(frame(), filled('0000'));
});

test('a single character stands and stays, in the colours of the message', async (t) => {
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

test('the picture turns clockwise, by the node or by the message', async (t) => {
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

test('a bad payload is an error with the reason, and nothing is drawn', async (t) => {
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

test('a busy display queues, is taken over, or drops, as the node says', async (t) => {
  const device = makeDevice(t);
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

test('a deploy ends what is shown and what waits', async (t) => {
  const device = makeDevice(t);
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

test('without a HAT the node says so and shows the preview alone', async (t) => {
  const flow = await startFlow(t, [
    { id: 'led', type: 'sense-led', wires: [['out']] },
    { id: 'out', type: 'helper' },
  ]);
  const status = await flow.status('led', () => true);
  assert.deepEqual(status, { fill: 'yellow', shape: 'dot', text: 'status.preview' });
  flow.send('led', { payload: null });
  await flow.next('out');
});

test('a path that is no framebuffer is refused and left as it was', async (t) => {
  const file = makeDevice(t, 127);
  const target = makeDevice(t);
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
