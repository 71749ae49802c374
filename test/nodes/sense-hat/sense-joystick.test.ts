import assert from 'node:assert/strict';
import { chmodSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import helper from 'node-red-node-test-helper';
import { type JoystickState, readJoystick } from '../../../lib/sense-hat/joystick/joystick-reader';
import { simulator } from '../../../lib/sense-hat/simulator/simulator';
import { deviceFolder } from '../../support/device-file';
import { startFlow, type TestFlow, type TestNode } from '../../support/flow';
import { Inbox } from '../../support/inbox';
import {
  asStranger,
  CODES,
  children,
  HOLD,
  inputEvent,
  keyReport,
  MAINLINE_CODES,
  makePipe,
  NO_PYTHON,
  openFiles,
  openPipe,
  PRESS,
  pipePath,
  RELEASE,
  startEmulator,
  startTerminal,
  until,
} from '../../support/joystick';

const skip = process.platform === 'linux' ? false : 'a device of Linux';

/** Starts a flow. The timers of its nodes do not keep the process alive, so this adds one that does. */
function start(t: TestContext, nodes: TestNode[]): Promise<TestFlow> {
  const stayAlive = setInterval(() => {}, 1000);
  t.after(() => clearInterval(stayAlive));
  return startFlow(t, nodes);
}

const out = { id: 'out', type: 'helper' };

/** A flow of one sense-joystick node. */
function startJoystick(t: TestContext, properties: object = {}): Promise<TestFlow> {
  return start(t, [{ id: 'stick', type: 'sense-joystick', wires: [['out']], ...properties }, out]);
}

const ERROR_LEVEL = 20;

/** The errors that a node has logged. */
function errors(id: string): string[] {
  const entries = helper.log().args.map(([entry]) => entry);
  return entries.filter((entry) => entry.id === id && entry.level === ERROR_LEVEL).map(({ msg }) => String(msg));
}

const isOpen = ({ fill }: { fill: string }) => fill === 'green';

test('a push sends a message for each of its states', { skip }, async (t) => {
  const device = makePipe(pipePath(t));
  const flow = await startJoystick(t, { device });
  assert.deepEqual(await flow.status('stick', () => true), { fill: 'green', shape: 'dot', text: device });
  const writer = openPipe(device);
  const push = [PRESS, HOLD, RELEASE].map((value) => keyReport(CODES.ENTER, value));
  writer.write(Buffer.concat([...push, inputEvent(1, 30, PRESS)]));
  const later = keyReport(MAINLINE_CODES.LEFT, PRESS);
  writer.write(later.subarray(0, 5));
  const ids = new Set<unknown>();
  for (const state of ['press', 'hold', 'release']) {
    const { _msgid, topic, payload } = await flow.next('out');
    assert.deepEqual({ topic, payload }, { topic: 'joystick', payload: { key: 'ENTER', state } });
    ids.add(_msgid);
  }
  assert.equal(ids.size, 3, 'three different messages');
  writer.write(later.subarray(5));
  assert.deepEqual((await flow.next('out')).payload, { key: 'LEFT', state: 'press' });
  assert.equal(flow.waiting('out'), 0);
});

test('keys are rotated with the picture', { skip }, async (t) => {
  const device = makePipe(pipePath(t));
  const flow = await startJoystick(t, { device, rotation: '90' });
  await flow.status('stick', isOpen);
  openPipe(device).write(keyReport(CODES.RIGHT, PRESS));
  assert.deepEqual((await flow.next('out')).payload, { key: 'UP', state: 'press' });
});

test('without a HAT the simulator sends the messages of a joystick, rotated like those', async (t) => {
  const flow = await start(t, [
    { id: 'none', type: 'sense-joystick', rotation: 90, wires: [['out']] },
    { id: 'chosen', type: 'sense-joystick', device: 'simulator', wires: [['other']] },
    out,
    { id: 'other', type: 'helper' },
  ]);
  await flow.status('none', ({ fill }) => fill === 'grey');
  assert.deepEqual(await flow.status('chosen', () => true), { fill: 'green', shape: 'dot', text: 'simulator' });
  simulator.press('RIGHT');
  for (const [id, key] of [
    ['out', 'UP'],
    ['other', 'RIGHT'],
  ] as const) {
    for (const state of ['press', 'hold', 'hold']) {
      const { _msgid, ...message } = await flow.next(id);
      assert.deepEqual(message, { topic: 'joystick', payload: { key, state }, simulated: true });
    }
  }
  simulator.release('RIGHT');
  let last: unknown;
  while ((last as { state?: string })?.state !== 'release') last = (await flow.next('out')).payload;
  assert.deepEqual(last, { key: 'UP', state: 'release' });
  await flow.deploy([out]);
  assert.equal(simulator.listenerCount('key'), 0);
});

test('an invalid setting is reported once', async (t) => {
  for (const [setting, value, code] of [
    ['keepFromConsole', 'often', /BAD_SWITCH/],
    ['keepFromConsole', 1, /BAD_SWITCH/],
  ] as const) {
    const flow = await startJoystick(t, { [setting]: value });
    assert.match((await flow.status('stick', ({ fill }) => fill === 'red')).text, code);
    await helper.unload();
  }
});

test('an invalid rotation is reported once', async (t) => {
  const flow = await startJoystick(t, { rotation: 45 });
  const status = await flow.status('stick', () => true);
  assert.equal(status.fill, 'red');
  assert.match(status.text, /BAD_ROTATION/);
  assert.equal(errors('stick').length, 1);
});

test('a variable that is not set is reported once', async (t) => {
  const settings = ['device', 'rotation'];
  const flow = await start(
    t,
    settings.map((setting) => ({ id: setting, type: 'sense-joystick', [setting]: '${NATSHAT_UNSET}' })),
  );
  for (const setting of settings) {
    const status = await flow.status(setting, () => true);
    assert.equal(status.fill, 'red', setting);
    assert.match(status.text, /BAD_ENV/);
    assert.equal(errors(setting).length, 1);
  }
});

test('a missing joystick is shown in the status, and read once it appears', { skip }, async (t) => {
  const hat = await startJoystick(t);
  const simulated = { fill: 'grey', shape: 'dot', text: 'status.simulator' };
  assert.deepEqual(await hat.status('stick', () => true), simulated);
  const missing = { fill: 'yellow', shape: 'ring', text: 'status.missing' };
  const device = pipePath(t);
  await hat.deploy([{ id: 'later', type: 'sense-joystick', device, wires: [['out']] }, out]);
  assert.deepEqual(await hat.status('later', () => true), missing);
  makePipe(device);
  await hat.status('later', isOpen);
  const writer = openPipe(device);
  writer.write(keyReport(CODES.UP, PRESS));
  await hat.next('out');
  renameSync(device, `${device}-away`);
  writer.close();
  await hat.status('later', ({ fill }) => fill === 'yellow');
  renameSync(`${device}-away`, device);
  await hat.status('later', isOpen);
  openPipe(device).write(keyReport(CODES.UP, RELEASE));
  assert.deepEqual((await hat.next('out')).payload, { key: 'UP', state: 'release' });
  assert.deepEqual(errors('later'), [], 'a missing joystick is no error');
});

test('without permission the node reports once what to do, and reads the joystick once it has permission', {
  skip,
}, async (t) => {
  const device = pipePath(t);
  const flow = await startJoystick(t, { device });
  // This reader retries at the same times as the node.
  const states = new Inbox<JoystickState>();
  t.after(
    readJoystick({ device, rotation: 0, exclusive: false, onKey: () => {}, onState: (state) => states.put(state) }),
  );
  makePipe(device);
  chmodSync(dirname(device), 0o755);
  chmodSync(device, 0);
  await asStranger(async () => {
    const { text } = await flow.status('stick', ({ fill }) => fill === 'red');
    assert.match(text, /DEVICE-joystick-permission/);
    for (let failures = 0; failures < 2; ) if ((await states.take()).name === 'failed') failures++;
    assert.equal(errors('stick').length, 1);
  });
  chmodSync(device, 0o644);
  await flow.status('stick', isOpen);
});

test('a path that is no joystick is reported once', async (t) => {
  const folder = deviceFolder(t);
  const file = join(folder, 'file');
  writeFileSync(file, keyReport(CODES.UP, PRESS));
  const flow = await start(t, [
    { id: 'file', type: 'sense-joystick', device: file },
    { id: 'folder', type: 'sense-joystick', device: folder },
  ]);
  for (const id of ['file', 'folder']) {
    await flow.status(id, ({ fill }) => fill === 'red');
    assert.equal(errors(id).length, 1);
    assert.match(errors(id)[0] ?? '', /DEVICE-joystick \(DEVICE\)$/);
  }
});

test("the emulator's joystick is read, and read again after a restart", { skip: skip || NO_PYTHON }, async (t) => {
  const path = join(deviceFolder(t), 'rpi-sense-emu-stick');
  const emulator = await startEmulator(t, path);
  const flow = await startJoystick(t, { device: path });
  await flow.status('stick', isOpen);
  await emulator.clients(1);
  emulator.write(inputEvent(1, CODES.DOWN, PRESS));
  assert.deepEqual((await flow.next('out')).payload, { key: 'DOWN', state: 'press' });
  await emulator.kill();
  await flow.status('stick', ({ fill }) => fill === 'yellow');
  const again = await startEmulator(t, path);
  await flow.status('stick', isOpen);
  again.write(inputEvent(1, CODES.DOWN, RELEASE));
  assert.deepEqual((await flow.next('out')).payload, { key: 'DOWN', state: 'release' });
});

test('a deploy is quick and leaves nothing open', { skip: skip || NO_PYTHON }, async (t) => {
  const emulator = await startEmulator(t, join(deviceFolder(t), 'rpi-sense-emu-stick'));
  const terminal = await startTerminal(t);
  const devices = [makePipe(pipePath(t)), terminal.path, emulator.path, '/dev/zero', pipePath(t), ''];
  const flow = await start(t, [out]);
  const files = openFiles();
  const others = children().length;
  const sticks = devices.map((device, index) => ({ id: `stick${index}`, type: 'sense-joystick', device }));
  for (let time = 0; time < 5; time++) {
    await flow.deploy(sticks);
    for (const { id, device } of sticks.slice(0, 4)) await flow.status(id, ({ text }) => text === device);
    const startedAt = performance.now();
    await flow.deploy([out]);
    const elapsed = performance.now() - startedAt;
    await until(() => openFiles() <= files && children().length <= others);
    t.diagnostic(
      `deployed after ${elapsed.toFixed(1)} ms, all gone after ${(performance.now() - startedAt).toFixed(1)} ms`,
    );
    assert(elapsed < 1000, `${elapsed} ms`);
  }
});
