import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestFlow, TestNode } from '../../support/flow';
import { startScene } from '../../support/scene';

/** The configuration of a server whose clients have these permissions. */
function permitting(permissions: string): { config: string } {
  const users = `users: [{ user: u, password: p, permissions: ${permissions} }]`;
  return { config: `authorization { ${users} }\nno_auth_user: u` };
}

const OUT = { id: 'out', type: 'helper' };
const OPEN: TestNode[] = [
  { id: 'open', type: 'nats-subscribe', subject: 'open', wires: [['out']] },
  { id: 'open-publish', type: 'nats-publish', subject: 'open' },
  OUT,
];

/** Checks that the permitted nodes go on. */
async function assertOthersGoOn(flow: TestFlow): Promise<void> {
  flow.send('open-publish', { payload: 'echo' });
  assert.equal((await flow.next('out')).payload, 'echo');
  for (const id of ['open', 'open-publish']) await flow.status(id, ({ fill }) => fill === 'green');
}

const isRed = ({ fill, shape, text }: { fill: string; shape: string; text: string }, key: string) =>
  fill === 'red' && shape === 'dot' && text.endsWith(`errors.${key}`);

/** Checks that the last message of the node has failed with this text, and that the node shows it. */
async function assertDenied(flow: TestFlow, key: string): Promise<void> {
  const { error } = await flow.caught();
  assert.equal(error.code, 'PERMISSION');
  assert(error.message.endsWith(`errors.${key}`), error.message);
  await flow.status('denied', ({ fill, shape }) => fill === 'red' && shape === 'ring');
}

const SUBSCRIBING: [string, TestNode, string][] = [
  ['a subscription', { id: 'denied', type: 'nats-subscribe', subject: 'secret' }, '"secret"'],
  [
    'a subscription that includes a denied subject',
    { id: 'denied', type: 'nats-subscribe', subject: 'secret.*' },
    '"secret.>"',
  ],
  [
    'a member of a queue group',
    { id: 'denied', type: 'nats-queue-subscribe', subject: 'secret', queue: 'workers' },
    '"secret"',
  ],
  [
    'a member of a queue group that others may be in',
    { id: 'denied', type: 'nats-queue-subscribe', subject: 'jobs', queue: 'intruders' },
    '"jobs intruders"',
  ],
];

for (const [name, node, deny] of SUBSCRIBING) {
  test(`${name} that the server denies turns the node red, and the others go on`, async (t) => {
    const member = { id: 'member', type: 'nats-queue-subscribe', subject: 'jobs', queue: 'workers' };
    const denying = permitting(`{ publish: ">", subscribe: { deny: [${deny}] } }`);
    const { flow } = await startScene(t, [node, member, ...OPEN], denying);
    await flow.status('denied', (status) => isRed(status, 'PERMISSION-subscribe'));
    await assertOthersGoOn(flow);
    await flow.status('member', ({ fill }) => fill === 'green');
  });
}

const SENDING: [string, TestNode, string, Record<string, unknown>, string][] = [
  ['a publication', { id: 'denied', type: 'nats-publish' }, 'publish: { deny: ["secret"] }', {}, 'PERMISSION-publish'],
  ['a request', { id: 'denied', type: 'nats-request' }, 'publish: { deny: ["secret"] }', {}, 'PERMISSION-request'],
  [
    'a request with an inbox of two tokens',
    { id: 'denied', type: 'nats-request', flatInbox: true },
    'publish: { deny: ["secret"] }',
    {},
    'PERMISSION-request',
  ],
  [
    'a request for many replies',
    { id: 'denied', type: 'nats-request', replies: 'many' },
    'publish: { deny: ["secret"] }',
    {},
    'PERMISSION-request',
  ],
  [
    'an answer',
    { id: 'denied', type: 'nats-respond' },
    'publish: { deny: ["elsewhere.>"] }',
    { reply: 'elsewhere.inbox' },
    'PERMISSION-publish',
  ],
];

for (const [name, node, deny, msg, key] of SENDING) {
  test(`${name} that the server denies turns the node red and fails, and the others go on`, async (t) => {
    const { flow, peer } = await startScene(t, [node, ...OPEN], permitting(`{ ${deny} }`));
    await peer.answer('allowed', (msg) => msg.respond('answer'));
    await peer.subscribe('allowed.inbox');
    await flow.status('denied', ({ fill }) => fill === 'green');
    flow.send('denied', { topic: 'secret', payload: 'x', ...msg });
    await assertDenied(flow, key);
    await assertOthersGoOn(flow);

    flow.send('denied', { topic: 'allowed', payload: 'x', reply: 'allowed.inbox' });
    await flow.status('denied', ({ fill }) => fill === 'green');
  });
}

test('a request whose replies the server would not deliver fails with the reason', async (t) => {
  const node = { id: 'denied', type: 'nats-request', subject: 'question' };
  const denying = permitting('{ publish: ">", subscribe: { deny: ["_INBOX.>"] } }');
  for (const settings of [{}, { flatInbox: true }, { replies: 'many' }]) {
    await t.test(JSON.stringify(settings), async (t) => {
      const { flow } = await startScene(t, [{ ...node, ...settings }, ...OPEN], denying);
      flow.send('denied', { payload: 'x' });
      await assertDenied(flow, 'PERMISSION-inbox');
      await assertOthersGoOn(flow);
    });
  }
});

test('a subscription recovers by itself when the server permits it', async (t) => {
  const nodes = [
    { id: 'denied', type: 'nats-subscribe', subject: 'secret', wires: [['got']] },
    { id: 'worker', type: 'nats-queue-subscribe', subject: 'secret', queue: 'workers', wires: [['got']] },
    { id: 'got', type: 'helper' },
  ];
  const denying = permitting('{ publish: ">", subscribe: { deny: ["secret"] } }');
  const { flow, peer, server } = await startScene(t, [...nodes, ...OPEN], denying);
  for (const id of ['denied', 'worker']) await flow.status(id, (status) => isRed(status, 'PERMISSION-subscribe'));
  server.reload(permitting('{ publish: ">", subscribe: ">" }').config);
  const late = AbortSignal.timeout(20_000);
  const isBack = Promise.all(['denied', 'worker'].map((id) => flow.status(id, ({ fill }) => fill === 'green')));
  await Promise.race([isBack, new Promise((_, reject) => late.addEventListener('abort', () => reject(late.reason)))]);
  peer.nc.publish('secret', 'told');
  assert.deepEqual([(await flow.next('got')).payload, (await flow.next('got')).payload], ['told', 'told']);
  await assertOthersGoOn(flow);
});
