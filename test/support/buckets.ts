import type { TestContext } from 'node:test';
import type { CodedError } from '../../lib/coded-error';
import type { Connection } from '../../lib/nats/connection/connection';
import { DEFAULT_FORM, type KvSettings } from '../../lib/nats/jetstream/kv/bucket-config';
import type { KvEntry } from '../../lib/nats/jetstream/kv/entry';
import { KvBucket, type KvBucketUser } from '../../lib/nats/jetstream/kv/kv-bucket';
import { KvWatch, type KvWatchSettings } from '../../lib/nats/jetstream/kv/kv-watch';
import { Inbox } from './inbox';
import { type JetStreamServer, startJetStream } from './jetstream-server';
import { isConnected, openConnection } from './open-connection';
import { startPeer } from './peer';

/** A server, and a connection to it that buckets are used over. */
export interface BucketServer {
  server: JetStreamServer;
  connection: Connection;
  until: ReturnType<typeof openConnection>['until'];
  /** The answer to a request of another client to the API. */
  api(subject: string, body?: object): Promise<Answer>;
}

// biome-ignore lint/suspicious/noExplicitAny: answers have all kinds of fields.
type Answer = any;

/** Starts a server without buckets. `proxy` is what the connection connects to instead of it. */
export async function startBuckets(
  t: TestContext,
  { config = '', jetstream = '', proxy = async (url: string) => url, settings = {} } = {},
): Promise<BucketServer> {
  const server = await startJetStream(t, config, jetstream);
  const { connection, until } = openConnection(t, await proxy(server.url), settings);
  let peer = await startPeer(t, server.url, { reconnect: false });
  await until(isConnected);
  return {
    server,
    connection,
    until,
    api: async (subject, body) => {
      if (peer.nc.isClosed()) peer = await startPeer(t, server.url, { reconnect: false });
      return (await peer.nc.request(`$JS.API.${subject}`, body && JSON.stringify(body))).json();
    },
  };
}

/** The bucket that the tests use. */
export const BUCKET: KvSettings = { bucket: 'pis', create: true, timeoutMs: 5000, ...DEFAULT_FORM };

export function openBucket(connection: Connection, settings: Partial<KvSettings> = {}, user?: KvBucketUser): KvBucket {
  return new KvBucket(connection, { ...BUCKET, ...settings }, user);
}

/** The bytes of a text, and the other way round. */
export const bytes = (text: string) => Buffer.from(text);
export const text = ({ data }: Pick<KvEntry, 'data'>) => Buffer.from(data).toString();

/** A watch and what it has told, as `KEY=VALUE` or `KEY deleted`, with `first` if it is initial. */
export interface Watching {
  watch: KvWatch;
  told: Inbox<string>;
  entries: KvEntry[];
  /** How many entries had been told when all values were. */
  values: Promise<number>;
  troubles: Inbox<CodedError | 'over'>;
  /** The next trouble with a code. */
  trouble(code: string): Promise<CodedError>;
  recovered(): Promise<void>;
  close(): Promise<void>;
}

/** Watches a bucket until the test ends. */
export function watchBucket(t: TestContext, connection: Connection, settings: Partial<KvWatchSettings> = {}): Watching {
  const told = new Inbox<string>();
  const entries: KvEntry[] = [];
  const troubles = new Inbox<CodedError | 'over'>();
  let onValues: (count: number) => void = () => {};
  const values = new Promise<number>((resolve) => {
    onValues = resolve;
  });
  const watch = new KvWatch(
    connection,
    { bucket: BUCKET.bucket, keys: ['>'], start: 'changes', ...settings },
    {
      onEntry: (entry, initial) => {
        entries.push(entry);
        const what = entry.operation === 'put' ? `=${text(entry)}` : ` ${entry.operation}`;
        told.put(`${initial ? 'first ' : ''}${entry.key}${what}`);
      },
      onValues: () => onValues(entries.length),
      onTrouble: (error) => troubles.put(error ?? 'over'),
    },
  );
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= watch.close();
    return closed;
  };
  t.after(close);
  const next = async (matches: (trouble: CodedError | 'over') => boolean) => {
    for (;;) {
      const trouble = await troubles.take();
      if (matches(trouble)) return trouble;
    }
  };
  return {
    ...{ watch, told, entries, values, troubles, close },
    trouble: async (code) => (await next((trouble) => trouble !== 'over' && trouble.code === code)) as CodedError,
    recovered: async () => void (await next((trouble) => trouble === 'over')),
  };
}

/** The next things that are told. */
export async function take(told: Inbox<string>, count: number): Promise<string[]> {
  const taken: string[] = [];
  while (taken.length < count) taken.push(await told.take());
  return taken;
}
