import assert from 'node:assert/strict';
import { test } from 'node:test';
import { simulator } from '../../lib/sense-hat/simulator/simulator';
import { DEFAULT_VALUES, type SimulatedValues } from '../../lib/sense-hat/simulator/values';
import { startNodeRed } from '../../scripts/node-red';
import { signInByName } from '../support/admin-auth';
import { Inbox } from '../support/inbox';
import { nodeDefaults } from '../support/node-defaults';

const adminAuth = signInByName({
  admin: '*',
  reader: 'read',
  painter: ['read', 'sense-led.write'],
});

const FLOW = [
  { id: 'tab', type: 'tab', label: 'Simulator' },
  { id: 'led', type: 'sense-led', ...nodeDefaults('sense-led'), z: 'tab', wires: [[]] },
];

async function post(url: string, body: unknown, user?: string): Promise<Response> {
  return fetch(`${url}sense-led/simulate`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(user && { authorization: `Bearer ${user}` }) },
    body: JSON.stringify(body),
  });
}

test('only users who may deploy can move the simulated HAT', async (t) => {
  simulator.set(DEFAULT_VALUES);
  const nodeRed = await startNodeRed(FLOW, { settings: { adminAuth } });
  t.after(nodeRed.stop);
  const keys: string[] = [];
  const onKey = ({ key, state }: { key: string; state: string }) => keys.push(`${key} ${state}`);
  simulator.on('key', onKey);
  t.after(() => simulator.off('key', onKey));
  const bodies = [{ values: { temperature: 30 } }, { press: 'UP' }, { release: 'UP' }];
  for (const user of [undefined, 'reader', 'painter', 'stranger']) {
    for (const body of bodies) assert.equal((await post(nodeRed.url, body, user)).status, 401, user);
  }
  assert.deepEqual(simulator.values, DEFAULT_VALUES);
  assert.deepEqual(keys, []);
  for (const body of bodies) assert.equal((await post(nodeRed.url, body, 'admin')).status, 200);
  assert.deepEqual(simulator.values, { ...DEFAULT_VALUES, temperature: 30 });
  assert.deepEqual(keys, ['UP press', 'UP release']);
});

test('an invalid value or key is rejected with a code, and nothing changes', async (t) => {
  simulator.set(DEFAULT_VALUES);
  const nodeRed = await startNodeRed(FLOW);
  t.after(nodeRed.stop);
  const refused = [
    {},
    [],
    { values: null },
    { values: { temperature: 'hot' } },
    { values: { temperature: 30, wind: 1 } },
    { values: { temperature: 1000 } },
    { press: 'up' },
    { press: null },
    { release: ['UP'] },
  ];
  for (const body of refused) {
    const { code, error } = (await (await post(nodeRed.url, body)).json()) as { code: string; error: string };
    assert.equal(code, 'BAD_SIMULATION', JSON.stringify(body));
    assert.match(error, /\w \w/, 'a sentence');
  }
  assert.deepEqual(simulator.values, DEFAULT_VALUES);
});

test('the editors are told the values at the start and after changes, few times, and nothing while nobody moves', async (t) => {
  simulator.set(DEFAULT_VALUES);
  const told = new Inbox<SimulatedValues>();
  const onComms = ({ topic, data, retain }: { topic: string; data: SimulatedValues; retain: boolean }) => {
    if (topic === 'sense-hat/simulator' && retain) told.put(data);
  };
  const nodeRed = await startNodeRed(FLOW, { listeners: { comms: onComms } });
  t.after(nodeRed.stop);
  assert.deepEqual(await told.take(), DEFAULT_VALUES);
  assert.equal((await post(nodeRed.url, { values: { roll: 1 } })).status, 200);
  assert.deepEqual(await told.take(), { ...DEFAULT_VALUES, roll: 1 });
  for (let roll = 2; roll <= 50; roll++) simulator.set({ roll });
  assert.deepEqual(await told.take(), { ...DEFAULT_VALUES, roll: 50 });
  simulator.set({ roll: 50 });
  simulator.set({ pitch: 1 });
  assert.deepEqual(await told.take(), { ...DEFAULT_VALUES, roll: 50, pitch: 1 });
  assert.equal(told.size, 0);
});
