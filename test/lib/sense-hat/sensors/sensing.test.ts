import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { CodedError } from '../../../../lib/coded-error';
import type { ChosenSource } from '../../../../lib/sense-hat/sensors/choose-source';
import type { SensorMessage } from '../../../../lib/sense-hat/sensors/messages';
import type { Kind, Reading } from '../../../../lib/sense-hat/sensors/reading';
import { type SensingOptions, type SensingState, startSensing } from '../../../../lib/sense-hat/sensors/sensing';
import { deviceFolder } from '../../../support/device-file';
import { Inbox } from '../../../support/inbox';

/** A source under the control of the test. */
class Source {
  troubles: CodedError[] = [];
  values: Partial<Reading> = {};
  readonly wanted: Kind[][] = [];
  isClosed = false;

  read = async (kinds: ReadonlySet<Kind>): Promise<Reading> => {
    this.wanted.push([...kinds]);
    return { time: 1, ...this.values };
  };

  close = () => {
    this.isClosed = true;
  };
}

/** Senses from a source until the test ends. */
function sense(t: TestContext, source: Source, options: Partial<SensingOptions> = {}) {
  const messages = new Inbox<SensorMessage>();
  const states = new Inbox<SensingState>();
  const stop = startSensing({
    device: '',
    kinds: ['environment'],
    intervalMs: 20,
    correction: { kind: 'none' },
    samples: 1,
    onMessage: (message) => messages.put(message),
    onState: (state) => states.put(state),
    open: async () => ({ source, origin: 'hat' }),
    ...options,
  });
  t.after(stop);
  return { messages, states, stop };
}

test('nothing is sent before there are values, nor while there are none', async (t) => {
  const source = new Source();
  const { messages, states } = sense(t, source);
  assert.deepEqual(await states.take(), { origin: 'hat', hasValues: false, troubles: [] });
  source.values = { temperature: 20 };
  assert.deepEqual((await messages.take()).payload, { temperature: 20 });
  assert.equal((await states.take()).hasValues, true);
  source.values = {};
  assert.equal((await states.take()).hasValues, false);
  while (messages.size > 0) await messages.take();
  const reads = source.wanted.length;
  while (source.wanted.length < reads + 3) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(messages.size, 0);
});

test('the troubles of each kind are told together, once, until they are over', async (t) => {
  const source = new Source();
  const [humidity, imu] = ['hts221', 'lsm9ds1'].map((sensor) => new CodedError('SENSOR', { sensor }));
  source.values = { pressure: 1000 };
  source.read = async (kinds) => {
    source.wanted.push([...kinds]);
    // A new error each time, as a source may make it.
    const trouble = (kinds.has('motion') ? imu : humidity) as CodedError;
    source.troubles = source.values.pressure ? [new CodedError(trouble.text, trouble.values)] : [];
    return { time: 1, ...source.values };
  };
  const { states } = sense(t, source, { kinds: ['environment', 'motion'] });
  const { troubles } = await states.take();
  assert.deepEqual(
    troubles.map(({ message }) => message),
    ['sensor hts221', 'sensor lsm9ds1'],
  );
  while (source.wanted.length < 10) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(states.size, 0);
  source.values = {};
  let state = await states.take();
  while (state.troubles.length > 0) state = await states.take();
  assert.equal(states.size, 0);
});

test('the processor corrects a HAT, and neither emulator nor simulator; without its temperature only the raw one is sent', async (t) => {
  const cpuPath = join(deviceFolder(t), 'temp');
  const options: Partial<SensingOptions> = { correction: { kind: 'cpu', factor: 2 }, cpuPath };
  const source = new Source();
  source.values = { temperature: 35, pressure: 1000 };
  const hat = sense(t, source, options);
  assert.deepEqual((await hat.messages.take()).payload, { temperatureRaw: 35, pressure: 1000 });
  const [trouble] = (await hat.states.take()).troubles as CodedError[];
  assert.deepEqual([trouble?.code, trouble?.values], ['NO_CPU_TEMPERATURE', { path: cpuPath }]);
  writeFileSync(cpuPath, '55000\n');
  assert.deepEqual((await hat.states.take()).troubles, []);
  let { payload } = await hat.messages.take();
  while (!('temperature' in payload)) ({ payload } = await hat.messages.take());
  assert.deepEqual(payload, { temperature: 25, temperatureRaw: 35, pressure: 1000 });
  for (const origin of ['emulator', 'simulator', 'no hat'] as const) {
    const simulated = sense(t, source, { ...options, open: async () => ({ source, origin }) });
    assert.deepEqual((await simulated.messages.take()).payload, { temperature: 35, pressure: 1000 }, origin);
  }
});

test('a HAT that appears takes the place of the simulator', async (t) => {
  const [simulator, hat] = [new Source(), new Source()];
  simulator.values = { temperature: 20 };
  hat.values = { temperature: 30 };
  let now = 0;
  t.mock.method(performance, 'now', () => now);
  const opened: ChosenSource[] = [
    { source: simulator, origin: 'no hat' },
    { source: simulator, origin: 'no hat' },
    { source: hat, origin: 'hat' },
  ];
  const { messages, states } = sense(t, hat, { open: async () => opened.shift() as ChosenSource });
  const temperature = async (ms: number) => {
    // Until the last measurement has ended.
    await new Promise((resolve) => setImmediate(resolve));
    now += ms;
    return (await messages.take()).payload;
  };
  assert.deepEqual(await temperature(0), { temperature: 20 });
  assert.deepEqual(await temperature(29_000), { temperature: 20 });
  assert.equal(opened.length, 2, 'it looks again only after a while');
  assert.deepEqual(await temperature(30_000), { temperature: 20 });
  assert.deepEqual(await temperature(30_000), { temperature: 30 });
  assert.deepEqual([(await states.take()).origin, (await states.take()).origin], ['no hat', 'hat']);
  assert(simulator.isClosed);
  assert.deepEqual(await temperature(60_000), { temperature: 30 });
  assert.equal(opened.length, 0);
});

test('a message says that it is simulated, and none mixes samples of the simulator with those of a HAT', async (t) => {
  const [simulator, hat] = [new Source(), new Source()];
  const acceleration = (x: number) => ({ x, y: 0, z: 1 });
  simulator.values = { acceleration: acceleration(0.5) };
  hat.values = { acceleration: acceleration(-0.5) };
  let now = 0;
  t.mock.method(performance, 'now', () => now);
  const opened: ChosenSource[] = [
    { source: simulator, origin: 'no hat' },
    { source: hat, origin: 'hat' },
  ];
  const { messages } = sense(t, hat, {
    kinds: ['motion'],
    samples: 3,
    open: async () => opened.shift() as ChosenSource,
  });
  const untilRead = async ({ wanted }: Source, times: number) => {
    while (wanted.length < times) {
      now += 20;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  };
  const signs = ({ payload, simulated }: SensorMessage) => [
    ...(payload as { acceleration: { x: number }[] }).acceleration.map(({ x }) => Math.sign(x)),
    simulated,
  ];
  await untilRead(simulator, 4);
  assert.deepEqual(signs(await messages.take()), [1, 1, 1, true]);
  now += 30_000;
  await untilRead(hat, 3);
  let last = await messages.take();
  while (last.simulated) last = await messages.take();
  assert.deepEqual(signs(last), [-1, -1, -1, undefined]);
});

test('an error that nobody expects is a trouble, and measuring goes on', async (t) => {
  const source = new Source();
  source.values = { temperature: 20 };
  let fails = true;
  const messages = new Inbox<SensorMessage>();
  const { states } = sense(t, source, {
    onMessage: (message) => {
      if (fails) throw new Error('broken');
      messages.put(message);
    },
  });
  const { hasValues, troubles } = await states.take();
  assert.deepEqual([hasValues, String(troubles[0])], [false, 'Error: broken']);
  fails = false;
  await messages.take();
});

for (const moment of ['opens', 'reads']) {
  test(`stopped while it ${moment}, it closes the source and sends nothing`, async (t) => {
    const source = new Source();
    source.values = { temperature: 20 };
    const reached = new Inbox<() => void>();
    const pause = () => new Promise<void>((proceed) => reached.put(proceed));
    const { read } = source;
    source.read = async (kinds) => {
      if (moment === 'reads') await pause();
      return read(kinds);
    };
    const open = async (): Promise<ChosenSource> => {
      if (moment === 'opens') await pause();
      return { source, origin: 'hat' };
    };
    const { messages, states, stop } = sense(t, source, { open });
    const proceed = await reached.take();
    stop();
    proceed();
    while (!source.isClosed || source.wanted.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual([messages.size, states.size], [0, 0]);
  });
}
