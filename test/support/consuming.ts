import type { TestContext } from 'node:test';
import type { CodedError } from '../../lib/coded-error';
import type { Received } from '../../lib/nats/client/received';
import type { Connection } from '../../lib/nats/connection/connection';
import type { Delivery } from '../../lib/nats/jetstream/consuming/ack-subject';
import type { Consumed } from '../../lib/nats/jetstream/consuming/consumed';
import { consumedMessages } from '../../lib/nats/jetstream/consuming/consumed-messages';
import { Consumption, type ConsumptionSettings } from '../../lib/nats/jetstream/consuming/consumption';
import type { Verdict } from '../../lib/nats/jetstream/consuming/verdict';
import { jetStreamOf } from '../../lib/nats/jetstream/jetstream';
import { Stream } from '../../lib/nats/jetstream/stream';
import { type StreamSettings, wantedStream } from '../../lib/nats/jetstream/stream-config';
import { Inbox } from './inbox';
import { type JetStreamServer, startJetStream } from './jetstream-server';
import { isConnected, openConnection } from './open-connection';
import { type Peer, startPeer } from './peer';
import { ORDERS } from './stream-settings';

export const STREAM: StreamSettings = { ...ORDERS, name: 'JOBS', subjects: ['jobs.>'] };

/** A message that has entered the flow of a test. */
export interface Entered {
  text: string;
  subject: string;
  ack: string;
  delivery: Delivery;
}

/** A consumption and what it has reported. */
export interface Consuming {
  consumption: Consumption;
  entered: Inbox<Entered>;
  /** Trouble, with `undefined` for its end. */
  troubles: Inbox<CodedError | 'over'>;
  differs: Inbox<CodedError>;
  errors: Inbox<CodedError>;
  /** How many messages had entered when all that were there had. */
  caughtUp: Inbox<number>;
  timeouts: Inbox<Consumed>;
  gaveUp: Inbox<{ text: string; consumed: Consumed; reason: string }>;
  /** The next trouble with a code. */
  trouble(code: string): Promise<CodedError>;
  recovered(): Promise<void>;
  close(isCutOff?: boolean): Promise<void>;
}

/** Consumes over a connection until the test ends. */
export function consume(
  t: TestContext,
  connection: Connection,
  settings: Partial<ConsumptionSettings> = {},
  {
    stream: streamSettings = {},
    isTaken = () => true,
  }: { stream?: Partial<StreamSettings>; isTaken?: () => boolean } = {},
): Consuming {
  const stream = new Stream(wantedStream({ ...STREAM, ...streamSettings }), jetStreamOf(connection).api());
  const consuming = {
    entered: new Inbox<Entered>(),
    troubles: new Inbox<CodedError | 'over'>(),
    differs: new Inbox<CodedError>(),
    errors: new Inbox<CodedError>(),
    caughtUp: new Inbox<number>(),
    timeouts: new Inbox<Consumed>(),
    gaveUp: new Inbox<{ text: string; consumed: Consumed; reason: string }>(),
  };
  let entered = 0;
  const consumption: Consumption = new Consumption(
    connection,
    {
      stream,
      subjects: [],
      start: 'all',
      ack: 'explicit',
      atOnce: 25,
      mayTakeMs: 600_000,
      giveUpAfter: 5,
      ...settings,
    },
    {
      onMessage: (msg, ack, delivery, consumed) => {
        entered++;
        consuming.entered.put({ text: msg.text, subject: msg.subject, ack, delivery });
        if (consumed && settings.ack === 'sent') consumption.done(consumed);
      },
      onEnded: () => {},
      onTimeout: (consumed) => consuming.timeouts.put(consumed),
      onGivenUp: (consumed, reason) => {
        const { text } = consumed.msg as Received;
        consuming.gaveUp.put({ text, consumed, reason });
        return isTaken();
      },
      reasonOf: (consumed) => `entered ${consumed.entered} times`,
      onTrouble: (error) => consuming.troubles.put(error ?? 'over'),
      onDiffers: (error) => error && consuming.differs.put(error),
      onError: (error) => consuming.errors.put(error as CodedError),
      onCounts: () => {},
      onCaughtUp: () => consuming.caughtUp.put(entered),
    },
  );
  let closed: Promise<void> | undefined;
  const close = (isCutOff = true) => {
    closed ??= consumption.close(isCutOff);
    return closed;
  };
  t.after(() => close());
  return {
    ...consuming,
    consumption,
    trouble: async (code) => {
      for (;;) {
        const trouble = await consuming.troubles.take();
        if (trouble !== 'over' && trouble.code === code) return trouble;
      }
    },
    recovered: async () => {
      while ((await consuming.troubles.take()) !== 'over');
    },
    close,
  };
}

/** Gives a verdict on a message; resolves when the server has confirmed it. */
export function judge(connection: Connection, ack: string, verdict: Verdict = 'done', delayMs = 0): Promise<void> {
  const { exchanges } = jetStreamOf(connection);
  return new Promise((resolve, reject) => {
    consumedMessages.settle(ack, verdict, { delayMs, exchanges, owner: {} }, (error) =>
      error === undefined ? resolve() : reject(error),
    );
  });
}

/** A server with a stream, a connection to it, and another client that asks its API and stores messages. */
export interface JobServer {
  server: JetStreamServer;
  connection: Connection;
  peer: Peer;
  until: ReturnType<typeof openConnection>['until'];
  /** The answer to a request to the API. */
  api(subject: string, body?: object): Promise<Answer>;
  /** Stores messages, each with its subject below `jobs.` as its text. */
  store(...names: string[]): Promise<void>;
}

// biome-ignore lint/suspicious/noExplicitAny: answers have all kinds of fields.
type Answer = any;

/** Starts a server with the stream JOBS. `proxy` is what the connection connects to instead of the server. */
export async function startJobs(
  t: TestContext,
  { config = '', stream = STREAM, proxy = async (url: string) => url, settings = {} } = {},
): Promise<JobServer> {
  const server = await startJetStream(t, config);
  let peer = await startPeer(t, server.url, { reconnect: false });
  const { connection, until } = openConnection(t, await proxy(server.url), settings);
  const api = async (subject: string, body?: object) => {
    if (peer.nc.isClosed()) peer = await startPeer(t, server.url, { reconnect: false });
    return (await peer.nc.request(`$JS.API.${subject}`, body && JSON.stringify(body))).json();
  };
  const { name, subjects, storage } = stream;
  await api(`STREAM.CREATE.${name}`, { name, subjects, storage, retention: stream.retention, num_replicas: 1 });
  await until(isConnected);
  return {
    server,
    connection,
    get peer() {
      return peer;
    },
    until,
    api,
    store: async (...names) => {
      if (peer.nc.isClosed()) peer = await startPeer(t, server.url, { reconnect: false });
      for (const name of names) await peer.nc.request(`jobs.${name}`, name);
    },
  };
}

/** The texts of the next messages. */
export async function texts({ entered }: Consuming, count: number): Promise<string[]> {
  const found: string[] = [];
  while (found.length < count) found.push((await entered.take()).text);
  return found;
}
