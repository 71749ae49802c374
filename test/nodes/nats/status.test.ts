import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startNatsServer } from '../../../scripts/nats-server';
import { type CodeError, SERVER, type ShownStatus, startFlow, type TestFlow } from '../../support/flow';
import { freeze, NO_FREEZE } from '../../support/freeze';
import { startScene } from '../../support/scene';

const TEXTS = '@natshat/node-red/nats-config';

const isGreen = ({ fill }: ShownStatus) => fill === 'green';
const isDropping = ({ text }: ShownStatus) => text === `${TEXTS}:status.dropped`;

/** The current status of a node. */
function shownBy(flow: TestFlow, id: string): Promise<ShownStatus> {
  return flow.status(id, () => true);
}

/** The configuration of a server that denies its clients one subject. */
function denying(subject: string): string {
  const permissions = `{ publish: { deny: "${subject}" }, subscribe: { deny: "${subject}" } }`;
  return `authorization { users: [{ user: u, password: p, permissions: ${permissions} }] }\nno_auth_user: u`;
}

test('a node that drops messages shows the refusal of a server, or the count while no server answers', async (t) => {
  const guarded = { config: 'authorization { token: t0p }' };
  const server = await startNatsServer(guarded);
  t.after(() => server.stop());
  const dropping = { type: 'nats-publish', subject: 'a', whenDown: 'drop' };
  const flow = await startFlow(t, [
    { id: SERVER, type: 'nats-config', servers: server.url },
    { id: 'away', type: 'nats-config', servers: 'nats://127.0.0.1:1' },
    { id: 'refused', ...dropping },
    { id: 'later', type: 'nats-publish', subject: 'a' },
    { id: 'unreached', ...dropping, server: 'away' },
  ]);
  const refusal = { fill: 'red', shape: 'dot', text: `${TEXTS}:errors.AUTH` };
  const isRefused = ({ text }: ShownStatus) => text === refusal.text;
  await flow.status('refused', isRefused);
  for (const id of ['refused', 'unreached']) flow.send(id, {});
  // Its count is updated after that of the other node.
  await flow.status('unreached', isDropping);
  assert.deepEqual(await shownBy(flow, 'refused'), refusal);

  await server.stop();
  await flow.status('refused', isDropping);
  const again = await startNatsServer({ ...guarded, port: server.port });
  t.after(() => again.stop());
  // The connection notifies its nodes in turn, this one last.
  await flow.status('later', isRefused);
  assert.deepEqual(await shownBy(flow, 'refused'), refusal);

  await again.stop();
  const open = await startNatsServer({ port: server.port });
  t.after(() => open.stop());
  await flow.status('refused', isGreen);
});

test('a node with a denied permission and a slow flow shows the denial', async (t) => {
  const dynamic = { type: 'nats-subscribe', mode: 'dynamic' };
  const { flow, peer } = await startScene(
    t,
    [
      { id: 'flood', ...dynamic, batch: 1024, wires: [['slow']] },
      { id: 'later', ...dynamic },
      { id: 'slow', type: 'helper' },
    ],
    { config: denying('secret') },
  );
  flow.send('flood', { action: 'subscribe', topic: 'flood' });
  await flow.completed();
  await flow.connected();
  let isSlow = true;
  flow.listen('slow', () => {
    const startedAt = performance.now();
    while (isSlow && performance.now() - startedAt < 100);
  });
  // Twice the limit of waiting messages.
  for (let number = 0; number < 262_144; number++) peer.nc.publish('flood', 'water');
  await peer.nc.flush();
  const slow = `${TEXTS}:status.slow`;
  await flow.status('flood', ({ text }) => text === slow);

  const denied = `${TEXTS}:errors.PERMISSION-subscribe`;
  for (const id of ['flood', 'later']) flow.send(id, { action: 'subscribe', topic: 'secret' });
  await flow.status('later', ({ text }) => text === denied);
  assert.equal((await shownBy(flow, 'flood')).text, denied);

  flow.send('flood', { action: 'unsubscribe', topic: 'secret' });
  await flow.status('flood', ({ text }) => text === slow);
  isSlow = false;
  await flow.status('flood', isGreen);
});

test('a message that is denied after its node has closed does not turn the new node red', {
  skip: NO_FREEZE,
}, async (t) => {
  const nodes = (name: string) => [
    { id: 'publish', type: 'nats-publish', subject: 'secret', name },
    { id: 'subscribe', type: 'nats-subscribe', subject: 'open' },
  ];
  const { flow, server } = await startScene(t, nodes('before'), { config: denying('secret') });
  const ended = new Promise<CodeError | undefined>((resolve) => flow.onEnd((_, error) => resolve(error)));
  await freeze(server);
  flow.send('publish', {});
  await flow.deploy([{ id: SERVER, type: 'nats-config', servers: server.url }, ...nodes('after')], 'nodes');
  server.process.kill('SIGCONT');
  assert.equal((await ended)?.code, 'PERMISSION');
  assert.equal((await shownBy(flow, 'publish')).fill, 'green');
});
