import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { KeyEvent } from '../../../../lib/sense-hat/joystick/joystick';
import type { JoystickState } from '../../../../lib/sense-hat/joystick/joystick-reader';
import { joinJoystick } from '../../../../lib/sense-hat/joystick/shared-joystick';
import type { Rotation } from '../../../../lib/sense-hat/rotation';
import { Inbox } from '../../../support/inbox';
import { CODES, children, keyReport, NO_PYTHON, PRESS, startTerminal, until } from '../../../support/joystick';

const skip = process.platform === 'linux' ? NO_PYTHON : 'a device of Linux';

function join(t: TestContext, device: string, rotation: Rotation = 0, exclusive = false) {
  const keys = new Inbox<KeyEvent>();
  const states = new Inbox<JoystickState>();
  const leave = joinJoystick({
    device,
    rotation,
    exclusive,
    onKey: (event) => keys.put(event),
    onState: (state) => states.put(state),
  });
  t.after(leave);
  return { keys, states, leave };
}

test('all that read one joystick share it, each with its own rotation', { skip }, async (t) => {
  const terminal = await startTerminal(t);
  const others = children().length;
  const first = join(t, terminal.path);
  assert.deepEqual(await first.states.take(), { name: 'open', path: terminal.path });
  const second = join(t, terminal.path, 90);
  assert.deepEqual(await second.states.take(), { name: 'open', path: terminal.path });
  assert.equal(children().length, others + 1, 'one reader');
  terminal.write(keyReport(CODES.RIGHT, PRESS));
  assert.deepEqual(await first.keys.take(), { key: 'RIGHT', state: 'press' });
  assert.deepEqual(await second.keys.take(), { key: 'UP', state: 'press' });
  first.leave();
  first.leave();
  terminal.write(keyReport(CODES.RIGHT, PRESS));
  await second.keys.take();
  assert.equal(first.keys.size, 0);
  second.leave();
  await until(() => children().length <= others);
});

test('it is opened anew when the first wants it kept from the console, and when the last of them leaves', {
  skip,
}, async (t) => {
  const terminal = await startTerminal(t);
  const others = children().length;
  const first = join(t, terminal.path);
  await first.states.take();
  const second = join(t, terminal.path, 0, true);
  await first.states.take();
  const third = join(t, terminal.path, 0, true);
  await third.states.take();
  assert.equal(first.states.size, 0, 'not for the next one');
  second.leave();
  assert.equal(first.states.size, 0);
  third.leave();
  await first.states.take();
  // Readers of a terminal take the events from each other.
  await until(() => children().length === others + 1);
  terminal.write(keyReport(CODES.UP, PRESS));
  assert.deepEqual(await first.keys.take(), { key: 'UP', state: 'press' });
});
