import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { CodedError } from '../../../../lib/coded-error';
import type { Connection } from '../../../../lib/nats/connection/connection';
import { startNatsServer } from '../../../../scripts/nats-server';
import { Inbox } from '../../../support/inbox';
import { isConnected, openConnection } from '../../../support/open-connection';
import { startPeer } from '../../../support/peer';

/** A configuration in which the connection's user has these permissions, and a witness all. */
const allowing = (permissions: string) => `
  authorization { users: [
    { user: u, password: p, permissions: { ${permissions} } }
    { user: witness, password: p }
  ] }
  no_auth_user: witness
`;

/** A connection with permissions that the test may change, and a witness without limits. */
async function start(t: TestContext, permissions: string) {
  const server = await startNatsServer({ config: allowing(permissions) });
  t.after(() => server.stop());
  const { connection, until, reported } = openConnection(t, server.url, {
    auth: 'user',
    secrets: { user: 'u', password: 'p' },
  });
  await until(isConnected);
  const witness = await startPeer(t, server.url);
  return { connection, reported, witness, allow: (changed: string) => server.reload(allowing(changed)) };
}

/** A subscription, its messages, and its state. */
function subscribe(connection: Connection, subject: string, queue?: string) {
  const [texts, refusals, accepted] = [new Inbox<string>(), new Inbox<CodedError>(), new Inbox<string>()];
  connection.subscribe({
    subject,
    ...(queue && { queue }),
    max: 0,
    onMessage: (msg) => texts.put(msg.text),
    onRefused: (error) => refusals.put(error),
    onAccepted: () => accepted.put(subject),
  });
  return { texts, refusals, accepted };
}

function publish(connection: Connection, subject: string): Promise<CodedError | undefined> {
  const publication = { subject, data: Buffer.from('x'), whenDown: 'hold', maxAgeMs: 0, confirm: true } as const;
  return new Promise((resolve) => connection.publish(publication, (error) => resolve(error as CodedError | undefined)));
}

test('a member of a queue group loses its permission and regains it while it is connected', async (t) => {
  const { connection, witness, allow } = await start(t, '');
  const member = subscribe(connection, 'work', 'group');
  const plain = subscribe(connection, 'work');
  assert.equal(await publish(connection, 'work'), undefined);
  await Promise.all([member.texts.take(), plain.texts.take()]);
  allow('subscribe: { deny: "work" }');
  for (const { refusals } of [member, plain]) {
    const { text, values } = await refusals.take();
    assert.deepEqual([text, values], ['PERMISSION-subscribe', { subject: 'work' }]);
  }
  allow('');
  await Promise.all([member.accepted.take(), plain.accepted.take()]);
  witness.nc.publish('work', 'again');
  assert.deepEqual([await member.texts.take(), await plain.texts.take()], ['again', 'again']);
  assert.deepEqual([member.refusals.size, plain.refusals.size], [0, 0]);
});

test('a denied message does not fail a request to its subject that the server has accepted', async (t) => {
  const { connection, witness, allow, reported } = await start(t, '');
  const asked = await witness.subscribe('svc');
  const reply = connection.request({ subject: 'svc', data: Buffer.from('question'), timeoutMs: 20_000 });
  const question = await asked.take();
  assert.equal(await publish(connection, 'other'), undefined);
  allow('publish: { deny: "svc" }');
  let denied: CodedError | undefined;
  while (denied === undefined) denied = await publish(connection, 'svc');
  assert.equal(denied.code, 'PERMISSION');
  question.respond('answer');
  assert.equal((await reply).text, 'answer');
  assert.equal(reported.size, 0);
});

test('a denied request is reported once: to its sender', async (t) => {
  const { connection, reported } = await start(t, 'publish: { deny: "svc" }');
  const request = connection.request({ subject: 'svc', data: Buffer.from('question'), timeoutMs: 20_000 });
  await assert.rejects(request, { code: 'PERMISSION', text: 'PERMISSION-request', values: { subject: 'svc' } });
  assert.equal(await publish(connection, 'other'), undefined);
  assert.equal(reported.size, 0);
});

test('requests and messages to a denied subject that are written together fail together', async (t) => {
  const { connection, reported } = await start(t, 'publish: { deny: "svc" }');
  const ask = () => connection.request({ subject: 'svc', data: Buffer.from('question'), timeoutMs: 20_000 });
  const codes = await Promise.all([
    publish(connection, 'svc').then((error) => error?.code),
    ask().catch(({ code }) => code),
    publish(connection, 'svc').then((error) => error?.code),
    ask().catch(({ code }) => code),
  ]);
  assert.deepEqual(codes, Array(4).fill('PERMISSION'));
  assert.equal(reported.size, 0);
});

test('only the line that is too long fails, once the server has ended a connection because of it', async (t) => {
  const server = await startNatsServer({ config: 'max_control_line: 256' });
  t.after(() => server.stop());
  const { connection, until } = openConnection(t, server.url);
  await until(isConnected);
  const plain = subscribe(connection, 'plain');
  assert.equal(await publish(connection, 'plain'), undefined);
  await plain.texts.take();
  const long = subscribe(connection, 'x'.repeat(309));
  const { code, values } = await long.refusals.take();
  assert.deepEqual([code, values.length], ['BAD_SUBJECT', 309]);
  await until(isConnected);
  assert.equal(await publish(connection, 'plain'), undefined);
  await plain.texts.take();
  assert.equal((await publish(connection, 'y'.repeat(309)))?.code, 'BAD_SUBJECT');
  assert.equal(connection.state.name, 'connected');
});

test('the time to refuse subscriptions is linear in their number', async (t) => {
  const { connection } = await start(t, 'subscribe: { deny: "denied.>" }');
  const refuse = async (count: number) => {
    const done = new Inbox<string>();
    const refused = new Set<string>();
    const desired = Array.from({ length: count }, (_, index) => {
      const subject = `denied.${index}`;
      const onRefused = ({ values }: CodedError) => {
        assert.equal(values.subject, subject);
        if (refused.add(subject).size === count) done.put('all');
      };
      return { subject, max: 0, onMessage: () => {}, onRefused };
    });
    const startedAt = performance.now();
    for (const one of desired) connection.subscribe(one);
    await done.take();
    const tookMs = performance.now() - startedAt;
    for (const one of desired) connection.unsubscribe(one);
    return tookMs;
  };
  await refuse(1000);
  const few = await refuse(2000);
  const many = await refuse(20_000);
  t.diagnostic(`2,000: ${few.toFixed(0)} ms, 20,000: ${many.toFixed(0)} ms`);
  // Quadratic time would be 100 times as long.
  assert(many < 50 * few, `${few} ms, ${many} ms`);
});
