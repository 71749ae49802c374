import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { connectionsOf, MONITORED, poll } from '../../scripts/monitoring';
import { type NatsServer, startNatsServer } from '../../scripts/nats-server';
import { type DeployType, SERVER, startFlow, type TestFlow, type TestNode } from '../support/flow';
import { freeze, NO_FREEZE } from '../support/freeze';
import { startPeer } from '../support/peer';

const DEPLOYS: DeployType[] = ['full', 'flows', 'nodes'];
const NAME = 'life';

/** A flow; in another `version` one node of each kind has changed. */
function nodesOf(url: string, version: string): TestNode[] {
  return [
    { id: SERVER, type: 'nats-config', servers: url, clientName: NAME, reconnectWaitMs: 50 },
    { id: 'one', type: 'nats-subscribe', subject: 'one', name: version, wires: [['out']] },
    { id: 'kept', type: 'nats-subscribe', subject: 'kept', wires: [['out']] },
    { id: 'group', type: 'nats-queue-subscribe', subject: 'shared', queue: 'q', name: version, wires: [['out']] },
    { id: 'publish', type: 'nats-publish', subject: 'news', name: version },
    { id: 'ask', type: 'nats-request', subject: 'silent', timeoutMs: 60_000, name: version },
    { id: 'many', type: 'nats-request', subject: 'silent', timeoutMs: 60_000, replies: 'many', name: version },
    { id: 'out', type: 'helper' },
  ];
}
const SUBSCRIPTIONS = ['kept', 'one', 'shared q'];

async function startServer(t: TestContext, config: string, port?: number): Promise<NatsServer> {
  const server = await startNatsServer({ config, ...(port !== undefined && { port }) });
  t.after(() => server.stop());
  return server;
}

async function assertConnectedOnce(server: NatsServer, flow: TestFlow): Promise<void> {
  const expected = [{ name: NAME, subscriptions: SUBSCRIPTIONS }];
  const isExpected = (known: unknown) => JSON.stringify(known) === JSON.stringify(expected);
  assert.deepEqual(await poll(() => connectionsOf(server), isExpected), expected);
  await flow.connected();
  assert.deepEqual(await connectionsOf(server), expected);
}

/** How many subscriptions the flow has on the server, inboxes included. */
async function subscriptionsOf({ monitoringUrl }: NatsServer): Promise<number | undefined> {
  const { connections } = (await (await fetch(`${monitoringUrl}/connz`)).json()) as {
    connections: { name: string; subscriptions: number }[];
  };
  return connections.find(({ name }) => name === NAME)?.subscriptions;
}

/** Brings a flow into a state; resolves with a function that restores it and returns the server. */
const STATES: Record<
  string,
  (t: TestContext) => Promise<{ flow: TestFlow; url: string; mend(): Promise<NatsServer> }>
> = {
  connecting: async (t) => {
    const { url, port, stop } = await startNatsServer();
    await stop();
    const flow = await startFlow(t, nodesOf(url, '1'));
    return { flow, url, mend: () => startServer(t, MONITORED, port) };
  },
  'connecting to a server that does not answer': async (t) => {
    const server = await startServer(t, MONITORED);
    await freeze(server);
    const flow = await startFlow(t, nodesOf(server.url, '1'));
    const mend = async () => {
      server.process.kill('SIGCONT');
      return server;
    };
    return { flow, url: server.url, mend };
  },
  connected: async (t) => {
    const server = await startServer(t, MONITORED);
    const flow = await startFlow(t, nodesOf(server.url, '1'));
    await assertConnectedOnce(server, flow);
    return { flow, url: server.url, mend: async () => server };
  },
  'connected to a server that does not answer': async (t) => {
    const server = await startServer(t, MONITORED);
    const flow = await startFlow(t, nodesOf(server.url, '1'));
    await assertConnectedOnce(server, flow);
    await freeze(server);
    const mend = async () => {
      server.process.kill('SIGCONT');
      return server;
    };
    return { flow, url: server.url, mend };
  },
  reconnecting: async (t) => {
    const server = await startServer(t, MONITORED);
    const flow = await startFlow(t, nodesOf(server.url, '1'));
    await assertConnectedOnce(server, flow);
    await server.stop();
    await flow.status('one', ({ fill }) => fill !== 'green');
    return { flow, url: server.url, mend: () => startServer(t, MONITORED, server.port) };
  },
  refused: async (t) => {
    const server = await startServer(t, `${MONITORED}\nauthorization { token: t0p }`);
    const flow = await startFlow(t, nodesOf(server.url, '1'));
    await flow.status('one', ({ fill, shape }) => fill === 'red' && shape === 'dot');
    const mend = async () => {
      await server.stop();
      return startServer(t, MONITORED, server.port);
    };
    return { flow, url: server.url, mend };
  },
};

for (const [state, bring] of Object.entries(STATES)) {
  const skip = state.endsWith('does not answer') && NO_FREEZE;
  for (const type of DEPLOYS) {
    test(`after a deploy (${type}) while ${state} the server has one connection and each subscription once`, {
      skip,
    }, async (t) => {
      const { flow, url, mend } = await bring(t);
      for (const version of ['2', '3']) {
        const started = performance.now();
        await flow.deploy(nodesOf(url, version), type);
        const tookMs = performance.now() - started;
        assert(tookMs < 5000, `it took ${tookMs} ms`);
      }
      const server = await mend();
      await assertConnectedOnce(server, flow);
      const peer = await startPeer(t, server.url);
      for (const subject of ['one', 'kept', 'shared']) {
        peer.nc.publish(subject, subject);
        assert.equal((await flow.next('out')).payload, subject);
      }
      await peer.nc.close();
      await assertConnectedOnce(server, flow);
      assert.equal(flow.waiting('out'), 0);

      await flow.deploy(nodesOf(url, '3').filter(({ id }) => id === SERVER));
      assert.deepEqual(
        await poll(
          () => connectionsOf(server),
          (known) => known.length === 0,
        ),
        [],
      );
    });
  }
}

for (const type of DEPLOYS) {
  test(`pending requests end with CLOSED at a deploy (${type})`, async (t) => {
    const server = await startServer(t, MONITORED);
    const flow = await startFlow(t, nodesOf(server.url, '1'));
    await flow.connected();
    const peer = await startPeer(t, server.url);
    const asked = await peer.subscribe('silent');
    const codes = new Map<unknown, unknown>();
    flow.onEnd((msg, error) => codes.set(msg, error?.code));
    const [one, many] = [{}, {}];
    flow.send('ask', one);
    flow.send('many', many);
    await asked.take();
    await asked.take();
    await flow.deploy(nodesOf(server.url, '2'), type);
    assert.deepEqual([codes.get(one), codes.get(many)], ['CLOSED', 'CLOSED']);
    await peer.nc.close();
    await assertConnectedOnce(server, flow);
  });

  test(`many pending requests are gone at once when their nodes are deployed away (${type})`, async (t) => {
    const server = await startServer(t, MONITORED);
    const all = nodesOf(server.url, '1');
    const flow = await startFlow(t, [
      ...all,
      { id: 'flat', type: 'nats-request', subject: 'silent', timeoutMs: 60_000, flatInbox: true },
    ]);
    await flow.connected();
    const peer = await startPeer(t, server.url);
    const asked = await peer.subscribe('silent');
    const count = 600;
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const timersBefore = timers();
    const codes: unknown[] = [];
    flow.onEnd((_, error) => error && codes.push(error.code));
    for (let number = 0; number < count; number++) for (const id of ['ask', 'flat']) flow.send(id, {});
    for (let number = 0; number < 2 * count; number++) await asked.take();
    // Each pending request has a timer, until it ends. A few others come and go.
    assert(timers() > timersBefore + 2 * count - 50, `${timers()} timers, ${timersBefore} before`);
    assert.equal(await subscriptionsOf(server), SUBSCRIPTIONS.length + 1 + count);

    await flow.deploy(
      all.filter(({ id }) => id !== 'ask'),
      type,
    );
    assert.deepEqual(codes, Array(2 * count).fill('CLOSED'));
    assert(timers() < timersBefore + 50, `${timers()} timers, ${timersBefore} before`);
    await peer.nc.close();
    await assertConnectedOnce(server, flow);
    assert.equal(await subscriptionsOf(server), SUBSCRIPTIONS.length);
  });

  test(`held messages end with CLOSED at a deploy and are not sent later (${type})`, async (t) => {
    const away = await startNatsServer();
    await away.stop();
    const flow = await startFlow(t, nodesOf(away.url, '1'));
    await flow.status('publish', ({ fill }) => fill !== 'green');
    const codes: unknown[] = [];
    // A Catch node completes its message, too.
    flow.onEnd((_, error) => error && codes.push(error.code));
    for (const payload of ['1', '2', '3']) flow.send('publish', { payload });
    await flow.deploy(nodesOf(away.url, '2'), type);
    assert.deepEqual(codes, ['CLOSED', 'CLOSED', 'CLOSED']);
    flow.send('publish', { payload: 'later' });
    const server = await startNatsServer({ port: away.port, config: MONITORED });
    t.after(() => server.stop());
    const peer = await startPeer(t, server.url);
    const news = await peer.subscribe('news');
    await flow.connected();
    flow.send('publish', { payload: 'last' });
    let text = '';
    const received: string[] = [];
    while (text !== 'last') {
      text = (await news.take()).string();
      received.push(text);
    }
    assert.equal(received.filter((one) => ['1', '2', '3'].includes(one)).length, 0);
    assert.equal((await flow.status('publish', ({ fill }) => fill === 'green')).fill, 'green');
  });

  test(`a message in flight reaches the server at a deploy (${type})`, async (t) => {
    const server = await startServer(t, MONITORED);
    const flow = await startFlow(t, nodesOf(server.url, '1'));
    await flow.connected();
    const peer = await startPeer(t, server.url);
    const news = await peer.subscribe('news');
    const messages = Array.from({ length: 100 }, (_, number) => ({ payload: number }));
    const ends: unknown[] = [];
    flow.onEnd((msg, error) => messages.includes(msg as { payload: number }) && ends.push(error?.code));
    for (const msg of messages) flow.send('publish', msg);
    await flow.deploy(nodesOf(server.url, '2'), type);
    for (let number = 0; number < 100; number++) assert.equal((await news.take()).string(), String(number));
    assert.equal(news.size, 0);
    await poll(
      async () => ends.length,
      (count) => count >= 100,
    );
    assert.deepEqual(ends, Array(100).fill(undefined));
  });
}

for (const [who, others] of [
  ['one of several nodes', ['publish']],
  ['the only node', []],
] as const) {
  test(`messages already sent to a member of a queue group are delivered when ${who} is deployed`, async (t) => {
    const server = await startServer(t, MONITORED);
    const ids: string[] = [SERVER, 'group', 'out', ...others];
    const nodes = (version: string) => nodesOf(server.url, version).filter(({ id }) => ids.includes(id));
    const flow = await startFlow(t, nodes('1'));
    await flow.connected();
    const peer = await startPeer(t, server.url);
    const rest = await peer.subscribe('shared', { queue: 'q' });
    const count = 20_000;
    for (let number = 0; number < count; number++) peer.nc.publish('shared', String(number));
    await peer.nc.flush();
    await flow.deploy(nodes('2'), 'nodes');
    await peer.nc.flush();
    await flow.connected();
    const total = await poll(
      async () => flow.waiting('out') + rest.size,
      (sum) => sum >= count,
    );
    assert.equal(total, count);
    assert(flow.waiting('out') > count / 4);
  });
}
