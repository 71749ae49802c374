import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Node, NodeMessage } from 'node-red';
import { startNodeRed } from '../../scripts/node-red';
import { signInByName } from '../support/admin-auth';
import { deviceFile } from '../support/device-file';
import { Inbox } from '../support/inbox';
import { nodeDefaults } from '../support/node-defaults';

const adminAuth = signInByName({
  admin: '*',
  reader: 'read',
  painter: ['read', 'sense-led.write'],
});

const RED = Array(64).fill('red');

function flowOf(device: string, properties: object = {}): object[] {
  const led = {
    type: 'sense-led',
    ...nodeDefaults('sense-led'),
    id: 'led',
    z: 'tab',
    device,
    wires: [[]],
    ...properties,
  };
  return [{ id: 'tab', type: 'tab', label: 'Display' }, led];
}

async function post(url: string, body: unknown, user?: string): Promise<Response> {
  return fetch(`${url}sense-led/show`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(user && { authorization: `Bearer ${user}` }) },
    body: JSON.stringify(body),
  });
}

test('only users who may deploy can show a picture from the painter', async (t) => {
  const device = deviceFile(t);
  const before = readFileSync(device);
  const nodeRed = await startNodeRed(flowOf(device), { settings: { adminAuth } });
  t.after(nodeRed.stop);
  const statusFor = async (user?: string) => (await post(nodeRed.url, { path: device, pixels: RED }, user)).status;
  assert.equal(await statusFor(), 401);
  for (const user of ['reader', 'painter', 'stranger']) assert.equal(await statusFor(user), 401, user);
  assert.deepEqual(readFileSync(device), before);
  assert.equal(await statusFor('admin'), 200);
  assert.deepEqual(readFileSync(device), Buffer.from('00f8'.repeat(64), 'hex'));
});

test('an invalid picture or display is rejected with a code, and nothing is drawn', async (t) => {
  const device = deviceFile(t);
  const unused = deviceFile(t);
  const before = readFileSync(device);
  const nodeRed = await startNodeRed(flowOf(device));
  t.after(nodeRed.stop);
  const refused: [body: unknown, code: string][] = [
    [{ path: unused, pixels: RED }, 'NO_DISPLAY'],
    [{ path: '', pixels: RED }, 'NO_DISPLAY'],
    [{ path: `${device}/../fb1`, pixels: RED }, 'NO_DISPLAY'],
    [{ path: [device], pixels: RED }, 'NO_DISPLAY'],
    [{ path: '__proto__', pixels: RED }, 'NO_DISPLAY'],
    [{ pixels: RED }, 'NO_DISPLAY'],
    [[], 'NO_DISPLAY'],
    [{ path: device }, 'BAD_PAYLOAD'],
    [{ path: device, pixels: 'a text' }, 'BAD_PAYLOAD'],
    [{ path: device, pixels: null }, 'BAD_PAYLOAD'],
    [{ path: device, pixels: { type: 'Buffer', data: [] } }, 'BAD_PAYLOAD'],
    [{ path: device, pixels: [] }, 'BAD_PIXELS'],
    [{ path: device, pixels: RED.slice(1) }, 'BAD_PIXELS'],
    [{ path: device, pixels: [...RED.slice(1), 'reddish'] }, 'BAD_PIXELS'],
    [{ path: device, pixels: [RED, RED] }, 'BAD_PIXELS'],
  ];
  for (const [body, code] of refused) {
    const answer = (await (await post(nodeRed.url, body)).json()) as { code: string; error: string };
    assert.equal(answer.code, code, JSON.stringify(body));
    assert.match(answer.error, /\w \w/, 'a sentence');
  }
  assert.deepEqual(readFileSync(device), before);
  assert.deepEqual(readFileSync(unused), before);
});

test('a painting covers one tile of a wall, and commands after it change all of the wall', async (t) => {
  const device = deviceFile(t);
  const nodeRed = await startNodeRed(flowOf(device, { canvas: '16x8', tileX: 1 }));
  t.after(nodeRed.stop);
  const ended = new Inbox<string>();
  nodeRed.app.hooks.add('onComplete.painting', ({ error }: { error?: Error }) => ended.put(error?.message ?? 'shown'));
  t.after(() => nodeRed.app.hooks.remove('onComplete.painting'));
  const { getNode } = nodeRed.app.nodes as unknown as { getNode(id: string): Node };
  const show = async (payload: unknown) => {
    getNode('led').receive({ payload } as NodeMessage);
    assert.equal(await ended.take(), 'shown');
    return readFileSync(device).toString('hex');
  };
  await show({ fill: 'blue' });
  assert.equal((await post(nodeRed.url, { path: device, pixels: RED })).status, 200);
  assert.equal(readFileSync(device).toString('hex'), '00f8'.repeat(64));
  assert.equal(await show({ flip: 'horizontal' }), '1f00'.repeat(64));
  assert.equal(await show({ flip: 'horizontal' }), '00f8'.repeat(64));
});
