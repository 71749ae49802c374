import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { NatsConnectionImpl } from 'nats';
import { startNatsServer } from '../../scripts/nats-server';
import type { FlowNode } from '../support/examples';
import { makeFolder } from '../support/folder';
import { Inbox } from '../support/inbox';
import { installPacked, pack } from '../support/packed';
import { startRuntime } from '../support/runtime';

const ROOT = join(__dirname, '..', '..', '..');

type Client = typeof import('nats');

/** The modules of the client that packs may share, under the two names by which npm installs it. */
const SHARED = ['nats', '@nats-io/transport-node'].flatMap((name) => [name, `${name}/lib/node_transport`]);

const LIMITED = `
  authorization { users: [{ user: u, password: p, permissions: { publish: { deny: denied } } }] }
  no_auth_user: u
`;

/** A pack that uses the same version of the client, under both names. */
function otherPack(): string {
  const folder = makeFolder();
  const { version } = JSON.parse(readFileSync(join(ROOT, 'node_modules', 'nats', 'package.json'), 'utf8'));
  const dependencies = { '@nats-io/transport-node': version, nats: `npm:@nats-io/transport-node@${version}` };
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'other-pack', version: '1.0.0', dependencies }));
  return folder;
}

/** The replaceable exports of a module: its functions, and the members of its classes. */
function functionsOf(exports: object): unknown[] {
  return Object.entries(exports)
    .filter(([, value]) => typeof value === 'function')
    .map(([name, value]) => {
      return [
        name,
        value,
        Object.getOwnPropertyDescriptors(value),
        Object.getOwnPropertyDescriptors(value.prototype ?? {}),
      ];
    });
}

/** Receives headers, and publishes a message that the server denies. */
async function useThisPack(t: TestContext, servers: string, userDir: string): Promise<void> {
  const place = { z: 'tab', x: 0, y: 0, wires: [] };
  const nats = { ...place, server: 'nats' };
  const debug = { ...place, type: 'debug', active: true, tosidebar: true, targetType: 'msg' };
  const inject = (topic: string) => {
    return {
      ...place,
      id: topic,
      name: topic,
      type: 'inject',
      props: [{ p: 'topic', vt: 'str' }],
      topic,
      wires: [['publish']],
    };
  };
  const flow: FlowNode[] = [
    { id: 'tab', type: 'tab', label: 'two packs' },
    { id: 'nats', type: 'nats-config', servers },
    inject('data'),
    inject('denied'),
    { ...nats, id: 'publish', type: 'nats-publish', headers: '{"Kind": "word"}', headersType: 'json' },
    { ...nats, id: 'subscribe', type: 'nats-subscribe', subject: 'data', wires: [['kind']] },
    { ...debug, id: 'kind', name: 'kind', complete: 'headers.Kind' },
    { ...place, id: 'catch', type: 'catch', wires: [['code']] },
    { ...debug, id: 'code', name: 'code', complete: 'error.code' },
  ];
  const runtime = await startRuntime(t, flow, userDir);
  await runtime.click({ name: 'data' });
  assert.equal(await runtime.debugged('kind'), 'word');
  await runtime.click({ name: 'denied' });
  assert.equal(await runtime.debugged('code'), 'PERMISSION');
}

test('another pack that shares the client keeps it unchanged', async (t) => {
  const server = await startNatsServer({ config: LIMITED });
  t.after(server.stop);
  const { tarball } = await pack();
  const userDir = await installPacked(tarball, otherPack());
  const [ours, theirs] = ['@natshat/node-red', 'other-pack'].map((name) => {
    return createRequire(join(userDir, 'node_modules', name, 'package.json'));
  }) as [NodeJS.Require, NodeJS.Require];
  const coreOf = (client: string) => createRequire(client).resolve('@nats-io/nats-core');
  assert.equal(coreOf(ours.resolve('nats')), coreOf(theirs.resolve('@nats-io/transport-node')), 'it is not shared');

  const modules = SHARED.map((name) => theirs(name) as object);
  const before = modules.map(functionsOf);
  const { connect, getResolveFn } = theirs('@nats-io/transport-node') as Client;
  await t.test('before it has connected', async (t) => {
    await useThisPack(t, server.url, userDir);
    assert.equal(getResolveFn(), undefined);
  });

  const nc = (await connect({ servers: server.url, reconnectTimeWait: 10 })) as NatsConnectionImpl;
  t.after(() => nc.close());
  const received = new Inbox<string>();
  nc.subscribe('theirs', { callback: (_, msg) => received.put(msg.string()) });
  nc.publish('theirs', 'first');
  assert.equal(await received.take(), 'first');
  const resolveFn = getResolveFn();
  assert(resolveFn);
  await t.test('while it is connected', async (t) => {
    await useThisPack(t, server.url, userDir);
    assert.equal(getResolveFn(), resolveFn);
  });

  const { NodeTransport } = theirs('@nats-io/transport-node/lib/node_transport');
  const statuses = nc.status()[Symbol.asyncIterator]();
  const { transport } = nc.protocol;
  await nc.reconnect();
  for (let type = ''; type !== 'reconnect'; ) type = (await statuses.next()).value.type;
  assert.notEqual(nc.protocol.transport, transport);
  assert.equal(Object.getPrototypeOf(nc.protocol.transport), NodeTransport.prototype);
  nc.publish('theirs', 'second');
  assert.equal(await received.take(), 'second');
  assert.deepEqual(modules.map(functionsOf), before);
});
