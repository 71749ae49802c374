import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startNodeRed } from '../../scripts/node-red';
import { Inbox } from '../support/inbox';
import { nodeDefaults } from '../support/node-defaults';

const CLICK = { props: [{ p: 'payload' }], payload: '[1, 2]', payloadType: 'json' };

// Node-RED reads the language once per process, so this test has a file of its own.
test('errors, the log and a status with a value are in the language of the server', async (t) => {
  const debugged = new Inbox<string>();
  const statuses = new Map<string, string>();
  const logged: string[] = [];
  const logging = {
    console: { level: 'off' },
    kept: { level: 'warn', handler: () => (entry: { id?: string; msg: unknown }) => logged.push(String(entry.msg)) },
  };
  const place = { z: 'tab', x: 100, y: 40 };
  const flow = [
    { id: 'tab', type: 'tab', label: 'flow' },
    { id: 'click', type: 'inject', ...place, ...CLICK, wires: [['led']] },
    { ...nodeDefaults('sense-led'), id: 'led', type: 'sense-led', ...place, wires: [[]] },
    { ...nodeDefaults('nats-publish'), id: 'publish', type: 'nats-publish', ...place, wires: [] },
    {
      ...nodeDefaults('nats-subscribe'),
      id: 'subscribe',
      type: 'nats-subscribe',
      ...place,
      subject: 'a..b',
      wires: [[]],
    },
    { id: 'catch', type: 'catch', ...place, scope: null, wires: [['debug']] },
    { id: 'debug', type: 'debug', ...place, active: true, complete: 'error.message', targetType: 'msg', wires: [] },
  ];
  const listeners = {
    comms: ({ topic, data }: { topic: string; data: { id: string; msg: string } }) => {
      if (topic === 'debug' && data.id === 'debug') debugged.put(data.msg);
    },
    'node-status': ({ id, status }: { id: string; status: { text: string } }) => statuses.set(id, status.text),
  };
  const nodeRed = await startNodeRed(flow, { settings: { lang: 'de', logging }, listeners });
  t.after(nodeRed.stop);
  await fetch(`${nodeRed.url}inject/click`, { method: 'POST' });
  assert.equal(await debugged.take(), 'BAD_PIXELS: 2 Pixel, erwartet werden 64');
  assert.match(statuses.get('subscribe') ?? '', /"a\.\.b" ist kein gültiges Subject/);
  assert(logged.includes('kein Server: im Node einen auswählen (NO_SERVER)'), logged.join('\n'));
  // What has no value is left to the editor.
  assert.equal(statuses.get('led'), 'status.preview');
  assert.equal(statuses.get('publish'), '@natshat/node-red/nats-config:errors.NO_SERVER');
});
