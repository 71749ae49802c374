import type { CodedError } from '../../../lib/coded-error';
import type { Connection } from '../../../lib/nats/connection/connection';
import { jetStreamOf } from '../../../lib/nats/jetstream/jetstream';
import { lookAtStream } from '../../../lib/nats/jetstream/look';
import { BucketLook } from '../../../lib/nats/looking/bucket-look';
import type { Leases } from '../../../lib/nats/looking/leases';
import { findServices } from '../../../lib/nats/looking/services';
import { listStreams, lookAtMessage } from '../../../lib/nats/looking/streams';
import { Tail } from '../../../lib/nats/looking/tail';
import { textSetting } from '../../../lib/setting';
import type { Fields } from './fields';
import { type LiveServer, liveServer, liveServers } from './live-server';
import type { LookName } from './serve-tab';

/** Answers a question; `told` makes the sentence of an error that is part of an answer. */
type Look = (fields: Fields, told: (error: CodedError) => string) => Promise<object>;

/** The subjects of all key-value buckets. */
const ALL_BUCKETS = '$KV.>';
const BUCKET = /^KV_/;

const apiOf = async ({ server }: Fields) => jetStreamOf(await liveServer(server).open()).api();

const tail: Look = async ({ server: name, tail, subject, form, stop }, told) => {
  const server = liveServer(name);
  if (stop) {
    server.tails.end(tail);
    return {};
  }
  const id = await leased(server, server.tails, tail, (connection) => new Tail(connection, { subject, form }));
  const { trouble, ...report } = server.tails.get(id).take();
  if (report.leftMs === 0) server.tails.end(id);
  return { ...report, tail: id, ...(trouble && { trouble: told(trouble) }) };
};

const bucket: Look = async ({ server: name, look, bucket, keys, form, since, stop }, told) => {
  const server = liveServer(name);
  if (stop) {
    server.buckets.end(look);
    return {};
  }
  const make = (connection: Connection) => new BucketLook(connection, { bucket, keys, form });
  const id = await leased(server, server.buckets, look, make);
  const { trouble, ...report } = server.buckets.get(id).since(since);
  return { ...report, look: id, ...(trouble && { trouble: told(trouble) }) };
};

/** The id of a look that goes on: the one that the editor asks for, or that of a new one if it has none. */
async function leased<T extends Tail | BucketLook>(
  server: LiveServer,
  leases: Leases<T>,
  id: unknown,
  make: (connection: Connection) => T,
): Promise<unknown> {
  server.keep();
  if (id !== undefined) return id;
  const connection = await server.open();
  return leases.add(() => make(connection));
}

/** What the tab in the sidebar asks, by the name in the route. None of these changes anything on a server. */
export const LOOKS: Record<LookName, Look> = {
  servers: async (_, told) => {
    const reports = await Promise.all(liveServers().map((server) => server.report()));
    const servers = reports.map(({ error, ...report }) => ({ ...report, ...(error && { error: told(error) }) }));
    return { servers: servers.sort((a, b) => a.name.localeCompare(b.name)), at: performance.now() };
  },
  tail,
  streams: async (fields) => listStreams(await apiOf(fields)),
  stream: async (fields) => lookAtStream(await apiOf(fields), textSetting(fields.stream)),
  message: async (fields) => {
    const { stream, sequence, form } = fields;
    return lookAtMessage(await apiOf(fields), { stream, sequence, form });
  },
  buckets: async (fields) => {
    const { streams } = await listStreams(await apiOf(fields), ALL_BUCKETS);
    const buckets = streams.filter(({ name }) => BUCKET.test(name));
    return {
      buckets: buckets.map(({ name, messages, bytes }) => ({ bucket: name.replace(BUCKET, ''), messages, bytes })),
    };
  },
  bucket,
  services: async ({ server }) => ({ services: await findServices(await liveServer(server).open()) }),
};
