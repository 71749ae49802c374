import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { NodeMessage } from 'node-red';
import helper from 'node-red-node-test-helper';
import { simulator } from '../../../lib/sense-hat/simulator/simulator';
import type { SenseSensorsDef } from '../../../nodes/sense-hat/sensor-settings';
import { startFlow, type TestFlow } from '../../support/flow';

interface SensorMessage extends NodeMessage {
  payload: Record<string, unknown>;
  time: number;
  times?: number[];
}

const out = { id: 'out', type: 'helper' };

/** A flow of one sense-sensors node, with the simulator. */
function start(t: TestContext, properties: Partial<Omit<SenseSensorsDef, 'id' | 'type'>> = {}): Promise<TestFlow> {
  const node = { id: 'sensors', type: 'sense-sensors', device: 'simulator', wires: [['out']], ...properties };
  return startFlow(t, [node, out]);
}

const next = async (flow: TestFlow) => (await flow.next('out')) as SensorMessage;

const ERROR_LEVEL = 20;

/** The errors that the node has logged. */
function errors(): string[] {
  const entries = helper.log().args.map(([entry]) => entry);
  return entries.filter(({ id, level }) => id === 'sensors' && level === ERROR_LEVEL).map(({ msg }) => String(msg));
}

test('the environment is sent at once and then once a second', async (t) => {
  const flow = await start(t);
  const startedAt = Date.now();
  const { _msgid, topic, payload, time, ...rest } = await next(flow);
  assert.equal(topic, 'environment');
  assert.deepEqual(payload, { temperature: 22, humidity: 45, pressure: 1013, dewPoint: 9.52 });
  assert.deepEqual(rest, { simulated: true });
  assert(Math.abs(time - startedAt) < 1000);
  const second = await next(flow);
  assert.notEqual(second._msgid, _msgid);
  const distance = second.time - time;
  assert(distance > 900 && distance < 1500, `${distance} ms`);
  assert.deepEqual(await flow.status('sensors', ({ text }) => text !== 'status.waiting'), {
    fill: 'grey',
    shape: 'dot',
    text: 'status.simulator',
  });
});

test('each kind is a message of its own, and motion can be sampled', async (t) => {
  const flow = await start(t, { motion: true, colour: true, environment: false, intervalMs: '20', samples: '5' });
  const topics = new Map<unknown, SensorMessage>();
  while (topics.size < 2) {
    const message = await next(flow);
    topics.set(message.topic, message);
  }
  assert.deepEqual([...topics.keys()].sort(), ['colour', 'motion']);
  assert.deepEqual(Object.keys(topics.get('colour')?.payload ?? {}), ['red', 'green', 'blue', 'clear']);
  const { payload, time, times } = topics.get('motion') as SensorMessage;
  const quantities = ['acceleration', 'gyroscope', 'magnetometer', 'orientation', 'compass'];
  assert.deepEqual(Object.keys(payload), quantities);
  for (const values of Object.values(payload)) assert.equal((values as unknown[]).length, 5);
  assert.equal(times?.length, 5);
  assert.equal(times?.at(-1), time);
});

test('only what has changed is sent', async (t) => {
  const flow = await start(t, { onlyChanges: true, intervalMs: 100, colour: true, motion: true, samples: 1 });
  const messages = [await next(flow), await next(flow), await next(flow)];
  assert.deepEqual(
    messages.map(({ topic }) => topic),
    ['environment', 'motion', 'colour'],
  );
  const { red } = simulator.values;
  t.after(() => simulator.set({ red }));
  simulator.set({ red: 7 });
  const { topic, payload } = await next(flow);
  assert.deepEqual([topic, payload.red], ['colour', 7]);
});

test('a fixed correction changes temperature and humidity, an altitude adds the pressure at sea level', async (t) => {
  const flow = await start(t, { correction: 'offset', offsetC: '-2', altitudeM: '100' });
  assert.deepEqual((await next(flow)).payload, {
    temperature: 20,
    humidity: 50.88,
    pressure: 1013,
    temperatureRaw: 22,
    dewPoint: 9.52,
    pressureSeaLevel: 1025.09,
  });
});

test('without a HAT the values are those of the simulator, and the status says so', async (t) => {
  const flow = await start(t, { device: ' ', byAtLeast: ' ' });
  assert.equal((await next(flow)).payload.temperature, 22);
  assert.deepEqual(await flow.status('sensors', ({ fill }) => fill === 'grey'), {
    fill: 'grey',
    shape: 'dot',
    text: 'status.missing',
  });
});

for (const [device, reason] of [
  ['emulator', /^[^;]*SENSOR-emulator-[a-z]+$/],
  ['/dev/i2c-natshat', /^[^;]*SENSOR-bus-missing$/],
] as const) {
  test(`sensors that cannot be read are shown in red and logged once: ${device}`, async (t) => {
    const flow = await start(t, { device, intervalMs: 20, motion: true });
    const { text } = await flow.status('sensors', ({ fill }) => fill === 'red');
    assert.match(text, reason);
    assert.equal(errors().length, 1);
    await flow.deploy([out]);
    assert.equal(flow.waiting('out'), 0);
  });
}

test('bad settings are reported once, with a code, and nothing is measured', async (t) => {
  const table: [object, RegExp][] = [
    [{ intervalMs: 19 }, /BAD_NUMBER/],
    [{ intervalMs: 'often' }, /BAD_NUMBER/],
    [{ environment: false }, /NO_KIND/],
    [{ motion: 'yes' }, /BAD_SWITCH/],
    [{ correction: 'fan' }, /BAD_CHOICE/],
    [{ correctionFactor: 0 }, /BAD_NUMBER/],
    [{ offsetC: 'cold' }, /BAD_NUMBER/],
    [{ altitudeM: 20_000 }, /BAD_NUMBER/],
    [{ samples: 1.5 }, /BAD_NUMBER-whole/],
    [{ byAtLeast: '{"temperature": "much"}' }, /BAD_THRESHOLD-number/],
    [{ device: '${NATSHAT_UNSET}' }, /BAD_ENV/],
    [{ device: 'Simulator' }, /SENSOR-device/],
    [{ device: 'i2c-1' }, /SENSOR-device/],
    [{ device: 1 }, /SENSOR-device/],
    [{ device: {} }, /SENSOR-device/],
  ];
  const nodes = table.map(([properties], index) => ({
    id: `sensors${index}`,
    type: 'sense-sensors',
    device: 'simulator',
    wires: [['out']],
    ...properties,
  }));
  const flow = await startFlow(t, [...nodes, out]);
  for (const [index, [properties, reason]] of table.entries()) {
    const { fill, text } = await flow.status(`sensors${index}`, () => true);
    assert.equal(fill, 'red', JSON.stringify(properties));
    assert.match(text, reason, JSON.stringify(properties));
  }
  assert.equal(flow.waiting('out'), 0);
});

test('nodes that are closed stop measuring', async (t) => {
  const flow = await start(t, { intervalMs: 20, motion: true });
  await next(flow);
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  await flow.deploy([out]);
  const before = timers();
  for (let time = 0; time < 3; time++) {
    await flow.deploy([
      { id: 'sensors', type: 'sense-sensors', device: 'simulator', intervalMs: 20, wires: [['out']] },
      out,
    ]);
    await next(flow);
    await flow.deploy([out]);
  }
  assert(timers() <= before, `${timers()} timers, ${before} before`);
});
