import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Msg } from 'nats';
import { connectionsOf, MONITORED, poll, routesOf } from '../../../scripts/monitoring';
import { type NatsServer, startNatsServer } from '../../../scripts/nats-server';
import { SERVER, startFlow, type TestFlow, type TestNode } from '../../support/flow';
import type { Inbox } from '../../support/inbox';
import { isConnected, openConnection } from '../../support/open-connection';
import { type Peer, startPeer } from '../../support/peer';

const NAME = 'failing over';
const SUBSCRIPTIONS = ['news', 'news q'];

function nodesOf(servers: string, properties: object = {}): TestNode[] {
  const config = { id: SERVER, type: 'nats-config', servers, clientName: NAME, reconnectWaitMs: 50, ...properties };
  return [
    config,
    { id: 'subscribe', type: 'nats-subscribe', subject: 'news', wires: [['out']] },
    { id: 'group', type: 'nats-queue-subscribe', subject: 'news', queue: 'q', wires: [['group-out']] },
    { id: 'publish', type: 'nats-publish', subject: 'deeds' },
    { id: 'out', type: 'helper' },
    { id: 'group-out', type: 'helper' },
  ];
}

/** A cluster of servers, for the duration of the test. */
async function startCluster(t: TestContext, size: number): Promise<NatsServer[]> {
  const servers: NatsServer[] = [];
  t.after(async () => {
    for (const server of servers) await server.stop();
  });
  for (let index = 0; index < size; index++) {
    const routes = servers.map(({ clusterUrl }) => JSON.stringify(clusterUrl)).join(', ');
    const config = `
      ${MONITORED}
      server_name: "member-${index}"
      lame_duck_grace_period: "200ms"
      cluster { name: test, listen: "127.0.0.1:-1", routes: [${routes}] }
    `;
    servers.push(await startNatsServer({ config }));
  }
  for (const server of servers) {
    const joined = await poll(
      () => routesOf(server),
      (count) => count === size - 1,
    );
    assert.equal(joined, size - 1, 'each server has a route to each other one');
  }
  return servers;
}

/** The server to which the flow is connected, with each of its subscriptions once. */
async function homeOf(servers: NatsServer[]): Promise<NatsServer> {
  const ask = async () => {
    const known = await Promise.all(servers.map(connectionsOf));
    return known.map((connections) => connections.filter(({ name }) => name === NAME));
  };
  const isWhole = (found: { subscriptions: string[] }[][]) =>
    found.flat().length === 1 && found.flat()[0]?.subscriptions.join() === SUBSCRIPTIONS.join();
  const found = await poll(ask, isWhole);
  assert(isWhole(found), JSON.stringify(found));
  return servers[found.findIndex(({ length }) => length === 1)] as NatsServer;
}

/**
 * Checks that a peer's message reaches each subscription once, and the flow's message the peer once. The peer must be on
 * the flow's server: core NATS may lose what is published while the routes of a cluster change.
 */
async function assertOnce(flow: TestFlow, peer: Peer, texts: string[]): Promise<void> {
  const deeds = await peer.subscribe('deeds');
  let heard = false;
  flow.listen('out', () => {
    heard = true;
  });
  const isHeard = await poll(
    async () => {
      peer.nc.publish('news', 'anybody?');
      await peer.nc.flush();
      return heard && flow.waiting('group-out') > 0;
    },
    (isHeard) => isHeard,
  );
  assert(isHeard, 'what the peer publishes reaches the flow');
  for (const text of texts) peer.nc.publish('news', text);
  for (const id of ['out', 'group-out']) {
    let text: unknown = 'anybody?';
    while (text === 'anybody?') text = (await flow.next(id)).payload;
    assert.equal(text, texts[0]);
    for (const expected of texts.slice(1)) assert.equal((await flow.next(id)).payload, expected);
  }
  for (const text of texts) flow.send('publish', { payload: text });
  for (const expected of texts) assert.equal((await deeds.take()).string(), expected);
  await flow.connected();
  await peer.nc.flush();
  assert.deepEqual([flow.waiting('out'), flow.waiting('group-out'), deeds.size], [0, 0, 0]);
}

const down = ({ fill }: { fill: string }) => fill !== 'green';
const up = ({ fill }: { fill: string }) => fill === 'green';

test('the first server of the list is down', async (t) => {
  const dead = await startNatsServer();
  await dead.stop();
  const [first, second] = await startCluster(t, 2);
  assert(first && second);
  const flow = await startFlow(t, nodesOf(`${dead.url}, ${first.url}, ${second.url}`));
  await flow.connected();
  const home = await homeOf([first, second]);
  await assertOnce(flow, await startPeer(t, home.url), ['1', '2']);
});

test('when a member of a cluster dies, the nodes use another one, and held messages go out once', async (t) => {
  const servers = await startCluster(t, 3);
  const flow = await startFlow(t, nodesOf(servers.map(({ url }) => url).join(), { reconnectWaitMs: 300 }));
  await flow.connected();
  let home = await homeOf(servers);
  let left = servers;
  await assertOnce(flow, await startPeer(t, home.url), ['1', '2', '3']);
  // Each round kills the server to which the flow is connected.
  for (let round = 0; round < 2; round++) {
    left = left.filter((server) => server !== home);
    const peers = await Promise.all(left.map(({ url }) => startPeer(t, url)));
    const inboxes = await Promise.all(peers.map((peer) => peer.subscribe('deeds')));
    // It may be up again before this process learns that the other one has ended.
    const isAway = flow.status('subscribe', down);
    await home.stop();
    await isAway;
    const held = Array.from({ length: 50 }, (_, number) => `held ${round} ${number}`);
    for (const payload of held) flow.send('publish', { payload });
    await flow.status('subscribe', up);
    home = await homeOf(left);
    const [peer, deeds] = [peers[left.indexOf(home)] as Peer, inboxes[left.indexOf(home)] as Inbox<Msg>];
    for (const expected of held) assert.equal((await deeds.take()).string(), expected);
    await assertOnce(flow, peer, ['4', '5']);
    assert.equal(deeds.size, 2, 'the two of the last check, and nothing twice');
    for (const { nc } of peers) await nc.close();
  }
});

test('after the death of a server, another known one is used within 100 ms', async (t) => {
  const ROUNDS = 5;
  const tookMs: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const servers = await startCluster(t, 2);
    const { connection, until } = openConnection(t, servers.map(({ url }) => url).join());
    await until(isConnected);
    const home = servers.find(({ port }) => connection.state.server === `127.0.0.1:${port}`);
    assert(home);
    const isAway = until(({ name }) => name === 'disconnected').then(() => performance.now());
    const killedAt = performance.now();
    home.process.kill('SIGKILL');
    const awayAt = await isAway;
    await until(isConnected);
    const upAt = performance.now();
    tookMs.push(upAt - killedAt);
    t.diagnostic(`noticed after ${(awayAt - killedAt).toFixed(1)} ms, up after ${(upAt - killedAt).toFixed(1)} ms`);
    await connection.close();
    for (const server of servers) await server.stop();
  }
  // A busy machine may hold up some of the rounds.
  assert(Math.min(...tookMs) < 100, `${tookMs.map(Math.round)} ms`);
});

test('the nodes leave a server that is about to shut down, and no message is silently lost or doubled', async (t) => {
  const servers = await startCluster(t, 2);
  const flow = await startFlow(t, nodesOf(servers.map(({ url }) => url).join()));
  await flow.connected();
  const home = await homeOf(servers);
  const left = servers.filter((server) => server !== home);
  const [peer, other] = [await startPeer(t, (left[0] as NatsServer).url), await startPeer(t, home.url)];
  await assertOnce(flow, other, ['1', '2']);
  const inboxes = [await peer.subscribe('deeds'), await other.subscribe('deeds')];

  const ends = new Map<object, string | undefined>();
  const messages: { payload: string }[] = [];
  flow.onEnd((msg, error) => ends.set(msg, error?.code));
  const send = () => {
    const msg = { payload: `deed ${messages.length}` };
    messages.push(msg);
    flow.send('publish', msg);
  };
  const isAway = flow.status('subscribe', down).then(() => true);
  home.process.kill('SIGUSR2');
  let moved = false;
  void isAway.then(() => flow.status('subscribe', up)).then(() => (moved = true));
  await poll(
    async () => {
      send();
      return moved;
    },
    (isMoved) => isMoved,
  );
  assert(moved, 'it has moved on');
  for (let number = 0; number < 10; number++) send();
  const ended = await poll(
    async () => messages.filter((msg) => ends.has(msg)).length,
    (count) => count === messages.length,
  );
  assert.equal(ended, messages.length);
  await homeOf(left);

  const received = new Set<string>();
  await flow.connected();
  for (const [index, { nc }] of [peer, other].entries()) {
    // The server that shuts down may end the connection before it has answered.
    await nc.flush().catch((error) => assert(nc === other.nc, error));
    const deeds = inboxes[index] as Inbox<Msg>;
    const texts: string[] = [];
    while (deeds.size > 0) texts.push((await deeds.take()).string());
    assert.equal(new Set(texts).size, texts.length, 'nothing is doubled');
    for (const text of texts) received.add(text);
  }
  for (const msg of messages) {
    const code = ends.get(msg);
    const isReceived = received.has(msg.payload);
    assert(code === 'UNCONFIRMED' || (code === undefined && isReceived), `${msg.payload}: ${code}, ${isReceived}`);
  }
  assert(received.size > 10);
  await assertOnce(flow, peer, ['3', '4']);
});

test('an announced server is used when the configured one dies', async (t) => {
  const [first, ...others] = await startCluster(t, 3);
  assert(first);
  const flow = await startFlow(t, nodesOf(first.url));
  await flow.connected();
  assert.equal(await homeOf([first, ...others]), first);
  // It may be up again before this process learns that the server has ended.
  const isAway = flow.status('subscribe', down);
  await first.stop();
  await isAway;
  await flow.status('subscribe', up);
  const home = await homeOf(others);
  await assertOnce(flow, await startPeer(t, home.url), ['1', '2']);
});

test('an announced server is not used if the settings exclude it', async (t) => {
  const [first, ...others] = await startCluster(t, 3);
  assert(first);
  const flow = await startFlow(t, nodesOf(first.url, { ignoreClusterUpdates: true }));
  await flow.connected();
  const isAway = flow.status('subscribe', down);
  await first.stop();
  await isAway;
  const again = await startNatsServer({ port: first.port, config: MONITORED });
  t.after(() => again.stop());
  await flow.status('subscribe', up);
  assert.equal(await homeOf([again, ...others]), again);
});
