import type { TestContext } from 'node:test';
import { type ObjectStore, Objm } from '@nats-io/obj';
import { ObjectBucket, type ObjectBucketSettings } from '../../lib/nats/jetstream/objects/object-bucket';
import { type JetStreamServer, startJetStream } from './jetstream-server';
import { isConnected, openConnection } from './open-connection';
import { type Peer, startPeer } from './peer';

export const BUCKET: ObjectBucketSettings = {
  bucket: 'FILES',
  domain: '',
  create: true,
  storage: 'file',
  replicas: 1,
  timeoutMs: 5000,
};

/** The number of messages with a subject, by subject. */
export type Counts = Record<string, number>;

/** A server with a bucket of objects on a connection of the pack, and the same bucket by the client's own library. */
export interface ObjectServer {
  server: JetStreamServer;
  peer: Peer;
  bucket: ObjectBucket;
  until: ReturnType<typeof openConnection>['until'];
  connection: ReturnType<typeof openConnection>['connection'];
  /** The bucket by the client's library, made if it is missing. */
  store(name?: string): Promise<ObjectStore>;
  /** How many chunks the bucket has, by subject. */
  chunks(): Promise<Counts>;
  // biome-ignore lint/suspicious/noExplicitAny: answers have all kinds of fields.
  api(subject: string, body?: object): Promise<any>;
}

/** Starts a server with objects; `proxy` is what the connection connects to instead of the server. */
export async function startObjects(
  t: TestContext,
  settings: Partial<ObjectBucketSettings> = {},
  { config = '', proxy = async (url: string) => url } = {},
): Promise<ObjectServer> {
  const server = await startJetStream(t, config);
  const { connection, until } = openConnection(t, await proxy(server.url));
  await until(isConnected);
  let peer = await startPeer(t, server.url, { reconnect: false });
  const other = async () => {
    if (peer.nc.isClosed()) peer = await startPeer(t, server.url, { reconnect: false });
    return peer.nc;
  };
  const api: ObjectServer['api'] = async (subject, body) =>
    (await (await other()).request(`$JS.API.${subject}`, body && JSON.stringify(body))).json();
  const bucket = new ObjectBucket(connection, { ...BUCKET, ...settings });
  t.after(() => bucket.close());
  return {
    server,
    get peer() {
      return peer;
    },
    bucket,
    until,
    connection,
    api,
    store: async (name = BUCKET.bucket) => new Objm(await other()).create(name),
    chunks: async () => {
      const { state } = await api(`STREAM.INFO.OBJ_${BUCKET.bucket}`, { subjects_filter: `$O.${BUCKET.bucket}.C.>` });
      return state?.subjects ?? {};
    },
  };
}

/** Bytes that are all different from those of another seed, and do not repeat soon. */
export function bytesOf(length: number, seed = 1): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let state = seed;
  for (let at = 0; at < length; at++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[at] = state >>> 16;
  }
  return bytes;
}
