import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startNodeRed } from '../../scripts/node-red';
import { signInByName } from '../support/admin-auth';

const adminAuth = signInByName({ admin: '*', reader: 'read', sensing: ['read', 'sense-sensors.write'] });

const SIMULATED = { id: 'new', room: '21.5', device: 'simulator' };

async function post(url: string, body: unknown, user?: string): Promise<Response> {
  return fetch(`${url}sense-sensors/room`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(user && { authorization: `Bearer ${user}` }) },
    body: JSON.stringify(body),
  });
}

test('only users who may deploy can measure from the dialog', async (t) => {
  const nodeRed = await startNodeRed([], { settings: { adminAuth } });
  t.after(nodeRed.stop);
  for (const user of [undefined, 'reader', 'sensing', 'stranger'])
    assert.equal((await post(nodeRed.url, SIMULATED, user)).status, 401, user);
  assert.equal((await post(nodeRed.url, SIMULATED, 'admin')).status, 200);
});

test('a question that cannot be answered gets a code and a sentence', async (t) => {
  process.env.NATSHAT_DEVICE = 'simulator';
  t.after(() => delete process.env.NATSHAT_DEVICE);
  const nodeRed = await startNodeRed([
    { id: 'tab', type: 'tab', label: 'Sensors' },
    { id: 'deployed', type: 'sense-sensors', z: 'tab', device: 'simulator', x: 0, y: 0, wires: [[]] },
  ]);
  t.after(nodeRed.stop);
  const refused: [body: unknown, code: string][] = [
    [SIMULATED, 'NO_HAT'],
    [{ ...SIMULATED, device: undefined }, 'NO_HAT'],
    [{ ...SIMULATED, device: '${NATSHAT_DEVICE}' }, 'BAD_ENV'],
    [{ ...SIMULATED, device: '${NATSHAT_DEVICE}', id: 'deployed' }, 'NO_HAT'],
    [{ ...SIMULATED, room: 'warm' }, 'BAD_NUMBER'],
    [{ ...SIMULATED, room: '' }, 'BAD_NUMBER'],
    [{ ...SIMULATED, room: 100 }, 'BAD_NUMBER'],
    [{ ...SIMULATED, room: [20] }, 'BAD_NUMBER'],
    [[], 'BAD_NUMBER'],
  ];
  for (const [body, code] of refused) {
    const answer = (await (await post(nodeRed.url, body)).json()) as { code: string; error: string };
    assert.equal(answer.code, code, JSON.stringify(body));
    assert.match(answer.error, /\w \w/, 'a sentence');
  }
});
