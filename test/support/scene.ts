import type { TestContext } from 'node:test';
import { type NatsServer, type NatsServerOptions, startNatsServer } from '../../scripts/nats-server';
import { SERVER, startFlow, type TestFlow, type TestNode } from './flow';
import { type Peer, startPeer } from './peer';

/** A flow, the server that it is connected to, and another client of that server. */
export interface Scene {
  server: NatsServer;
  flow: TestFlow;
  peer: Peer;
}

/** Runs a server, a flow that is connected to it, and a peer until the test ends. */
export async function startScene(t: TestContext, nodes: TestNode[], options?: NatsServerOptions): Promise<Scene> {
  const server = await startNatsServer(options);
  t.after(() => server.stop());
  const peer = await startPeer(t, server.url);
  const flow = await startFlow(t, [{ id: SERVER, type: 'nats-config', servers: server.url }, ...nodes]);
  await flow.connected();
  return { server, flow, peer };
}
