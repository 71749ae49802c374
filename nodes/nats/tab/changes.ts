import type { Connection } from '../../../lib/nats/connection/connection';
import { jetStreamOf } from '../../../lib/nats/jetstream/jetstream';
import { DEFAULT_FORM } from '../../../lib/nats/jetstream/kv/bucket-config';
import { checkBucketName } from '../../../lib/nats/jetstream/kv/key';
import { KvBucket } from '../../../lib/nats/jetstream/kv/kv-bucket';
import { deleteConsumer, purgeStream } from '../../../lib/nats/looking/streams';
import { encodeHeaders, parseHeaders } from '../../../lib/nats/message/headers';
import { checkPublishSubject } from '../../../lib/nats/message/subject';
import { textSetting } from '../../../lib/setting';
import type { Fields } from './fields';
import { liveServer } from './live-server';
import type { ChangeName } from './serve-tab';

type Change = (fields: Fields) => Promise<object>;

const TIMEOUT_MS = 5000;

/** What a person changes in the tab in the sidebar, by the name in the route. */
export const CHANGES: Record<ChangeName, Change> = {
  publish: async ({ server, subject, payload, headers }) => {
    const checked = checkPublishSubject(subject);
    const encoded = encodeHeaders(parseHeaders(textSetting(headers)));
    const data = Buffer.from(textSetting(payload));
    const connection = await liveServer(server).open();
    await publish(connection, { subject: checked, data, headers: encoded });
    return {};
  },
  put: ({ value, ...fields }) => inBucket(fields, (bucket, key) => bucket.put(key, Buffer.from(textSetting(value)))),
  delete: (fields) => inBucket(fields, (bucket, key) => bucket.delete(key)),
  purge: async ({ server, stream }) => {
    const connection = await liveServer(server).open();
    return { purged: await purgeStream(jetStreamOf(connection).api(), stream) };
  },
  'delete-consumer': async ({ server, stream, consumer }) => {
    const connection = await liveServer(server).open();
    await deleteConsumer(jetStreamOf(connection).api(), stream, consumer);
    return {};
  },
};

function publish(
  connection: Connection,
  message: { subject: string; data: Uint8Array; headers: Uint8Array | undefined },
): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.publish({ ...message, confirm: true, whenDown: 'fail', maxAgeMs: 0 }, (error) =>
      error === undefined ? resolve() : reject(error),
    );
  });
}

/** Changes a key of a bucket that is there. A server that goes away in the meantime is not waited for. */
async function inBucket(
  { server, bucket, key }: Fields,
  change: (bucket: KvBucket, key: string) => Promise<number>,
): Promise<object> {
  const settings = { ...DEFAULT_FORM, bucket: checkBucketName(bucket), create: false, timeoutMs: TIMEOUT_MS };
  const owner = {};
  const connection = await liveServer(server).open();
  const late = setTimeout(() => connection.withdraw(owner), TIMEOUT_MS);
  try {
    return { revision: await change(new KvBucket(connection, settings, { owner }), key as string) };
  } finally {
    clearTimeout(late);
  }
}
