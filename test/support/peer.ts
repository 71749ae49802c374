import type { TestContext } from 'node:test';
import { connect, type Msg, type NatsConnection, type NodeConnectionOptions, type SubscriptionOptions } from 'nats';
import { Inbox } from './inbox';

/** Another client of the NATS system. */
export interface Peer {
  nc: NatsConnection;
  /** Resolves when the subscription is on the server. */
  subscribe(subject: string, options?: SubscriptionOptions): Promise<Inbox<Msg>>;
  /** Responds to each request on a subject until the test ends. */
  answer(subject: string, answer: (msg: Msg) => void, options?: SubscriptionOptions): Promise<void>;
}

/** Connects a client until the test ends. */
export async function startPeer(t: TestContext, url: string, options: NodeConnectionOptions = {}): Promise<Peer> {
  const nc = await connect({ ...options, servers: url });
  t.after(() => nc.close());
  return {
    nc,
    subscribe: async (subject, options) => {
      const inbox = new Inbox<Msg>();
      nc.subscribe(subject, { ...options, callback: (_, msg) => inbox.put(msg) });
      await nc.flush();
      return inbox;
    },
    answer: async (subject, answer, options) => {
      nc.subscribe(subject, { ...options, callback: (_, msg) => answer(msg) });
      await nc.flush();
    },
  };
}
