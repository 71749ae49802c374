import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startNatsServer } from '../../scripts/nats-server';
import { loadedBy } from '../support/loaded';
import { nodeDefaults } from '../support/node-defaults';

const TAB = { id: 'tab', type: 'tab', label: 'start' };

/** What registers the node types and their routes. The simulated HAT's first values go to the editor. */
const ALWAYS = ['coded-error', 'plain-object', 'sense-hat/simulator/values'];

test('a Node-RED whose flows use no node of the pack loads nothing that the nodes do, and no dependency', async () => {
  assert.deepEqual(await loadedBy([TAB]), { library: ALWAYS, dependencies: [] });
});

test('a flow that only subscribes loads the client and the connection, and nothing of other nodes', async (t) => {
  const { url, stop } = await startNatsServer();
  t.after(stop);
  const place = { z: 'tab', x: 0, y: 0, wires: [[]] };
  const { library, dependencies } = await loadedBy([
    TAB,
    { ...nodeDefaults('nats-config'), id: 'server', type: 'nats-config', servers: url },
    {
      ...nodeDefaults('nats-subscribe'),
      ...place,
      id: 'subscribe',
      type: 'nats-subscribe',
      server: 'server',
      subject: 'a',
    },
  ]);
  assert.deepEqual(dependencies, ['nats']);
  assert(library.includes('nats/connection/connection'), `${library}`);
  const others = /^(sense-hat|nats\/(jetstream|services|server))\//;
  assert.deepEqual(
    library.filter((module) => others.test(module) && !ALWAYS.includes(module)),
    [],
  );
});

test('a flow that only shows words loads nothing of NATS or of the sensors', async () => {
  const led = { ...nodeDefaults('sense-led'), id: 'led', type: 'sense-led', z: 'tab', x: 0, y: 0, wires: [[]] };
  const { library, dependencies } = await loadedBy([TAB, led]);
  assert(!dependencies.includes('nats'), `${dependencies}`);
  assert(library.includes('sense-hat/led/display'), `${library}`);
  assert.deepEqual(
    library.filter((module) => /^(nats|sense-hat\/(sensors|joystick))\//.test(module)),
    [],
  );
});
