import assert from 'node:assert/strict';
import { renameSync, writeFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import type { KeyEvent } from '../../../../lib/sense-hat/joystick/joystick';
import { type JoystickState, readJoystick } from '../../../../lib/sense-hat/joystick/joystick-reader';
import { SIMULATOR } from '../../../../lib/sense-hat/joystick/simulated-joystick';
import { simulator } from '../../../../lib/sense-hat/simulator/simulator';
import { Inbox } from '../../../support/inbox';
import { CODES, keyReport, makePipe, openPipe, PRESS, pipePath, RELEASE } from '../../../support/joystick';

const NO_LINUX = process.platform === 'linux' ? false : 'a pipe of Linux';
const UP = { key: 'UP', state: 'press' };

function read(t: TestContext, device: string) {
  const keys = new Inbox<KeyEvent>();
  const states = new Inbox<JoystickState>();
  const close = readJoystick({
    device,
    rotation: 0,
    exclusive: false,
    onKey: (event) => keys.put(event),
    onState: (state) => states.put(state),
  });
  t.after(close);
  // The reader's own timers do not keep a process alive.
  const stayAlive = setInterval(() => {}, 1000);
  t.after(() => clearInterval(stayAlive));
  return { keys, states, close };
}

test('a missing joystick is opened again after 1 s, 2 s and so on, up to 30 s', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { states, close } = read(t, pipePath(t));
  for (const seconds of [1, 2, 4, 8, 16, 30, 30, 30]) {
    assert.deepEqual(await states.take(), { name: 'missing' });
    t.mock.timers.tick(1000 * seconds - 1);
    assert.equal(states.size, 0, `not before ${seconds} s`);
    t.mock.timers.tick(1);
    assert.equal(states.size, 1, `after ${seconds} s`);
  }
  close();
  await states.take();
  t.mock.timers.tick(60_000);
  assert.equal(states.size, 0, 'not once it is closed');
});

test('a joystick that appears later is read', { skip: NO_LINUX }, async (t) => {
  const path = pipePath(t);
  const { keys, states } = read(t, path);
  assert.deepEqual(await states.take(), { name: 'missing' });
  makePipe(path);
  assert.deepEqual(await states.take(), { name: 'open', path });
  openPipe(path).write(keyReport(CODES.UP, PRESS));
  assert.deepEqual(await keys.take(), UP);
});

test('a joystick that goes away and returns is read again, without the event that was cut off', {
  skip: NO_LINUX,
}, async (t) => {
  const path = makePipe(pipePath(t));
  const { keys, states } = read(t, path);
  assert.equal((await states.take()).name, 'open');
  const writer = openPipe(path);
  writer.write(Buffer.concat([keyReport(CODES.UP, PRESS), keyReport(CODES.UP, RELEASE).subarray(0, 11)]));
  assert.deepEqual(await keys.take(), UP);
  renameSync(path, `${path}-away`);
  writer.close();
  assert.equal((await states.take()).name, 'missing');
  renameSync(`${path}-away`, path);
  assert.equal((await states.take()).name, 'open');
  openPipe(path).write(keyReport(CODES.DOWN, PRESS));
  assert.deepEqual(await keys.take(), { key: 'DOWN', state: 'press' });
});

test('a joystick that had events is opened again at once', { skip: NO_LINUX }, async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const path = makePipe(pipePath(t));
  const { keys, states } = read(t, path);
  for (let writers = 0; writers < 3; writers++) {
    assert.equal((await states.take()).name, 'open');
    const writer = openPipe(path);
    writer.write(keyReport(CODES.UP, PRESS));
    assert.deepEqual(await keys.take(), UP);
    writer.close();
  }
});

test('a joystick that cannot be used is reported and tried again', { skip: NO_LINUX }, async (t) => {
  const path = pipePath(t);
  writeFileSync(path, '');
  const { states } = read(t, path);
  for (let attempt = 0; attempt < 2; attempt++) {
    const state = await states.take();
    assert(state.name === 'failed');
    assert.equal(state.error.code, 'DEVICE');
  }
});

test('without a HAT the keys are those of the simulator, by choice too, but not for a certain device', async (t) => {
  for (const [device, state] of [
    ['', { name: 'missing' }],
    [SIMULATOR, { name: 'open', path: SIMULATOR }],
  ] as const) {
    const { keys, states, close } = read(t, device);
    assert.deepEqual(await states.take(), state);
    simulator.press('UP');
    assert.deepEqual(await keys.take(), UP);
    simulator.release('UP');
    assert.deepEqual(await keys.take(), { key: 'UP', state: 'release' });
    close();
    assert.equal(simulator.listenerCount('key'), 0);
  }
  read(t, pipePath(t));
  assert.equal(simulator.listenerCount('key'), 0);
});
