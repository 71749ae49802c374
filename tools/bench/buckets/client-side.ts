import { jetstream } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import type { NatsConnection } from 'nats';
import { asking, checkStored } from '../plain';
import { BUCKET, type BucketSide, subjectOfKey } from './side';

/** The client with its library for buckets. */
export async function clientSide(nc: NatsConnection): Promise<BucketSide> {
  const bucket = await new Kvm(jetstream(nc)).open(BUCKET);
  return {
    prepare: async (action, payload, onDone) => {
      if (action === 'put') return (key) => void bucket.put(key, payload).then(onDone);
      return (key) =>
        void bucket.get(key).then((entry) => {
          if (entry?.string() === undefined) throw new Error(`${key} has no value.`);
          onDone();
        });
    },
    watch: async (onValue) => {
      const entries = await bucket.watch();
      const reading = (async () => {
        for await (const entry of entries) if (entry.string() !== undefined) onValue();
      })();
      return async () => {
        entries.stop();
        await reading;
      };
    },
  };
}

/** The client without that library. */
export async function plainSide(nc: NatsConnection): Promise<BucketSide> {
  return {
    prepare: async (action, payload, onDone) => {
      if (action === 'put') {
        const put = asking(nc, (msg) => {
          checkStored(msg);
          onDone();
        });
        return (key) => put(subjectOfKey(key), payload);
      }
      const get = asking(nc, (msg) => {
        if (msg.string() !== payload) throw new Error(`${msg.subject} is not the value.`);
        onDone();
      });
      return (key) => get(`$JS.API.DIRECT.GET.KV_${BUCKET}.${subjectOfKey(key)}`);
    },
    watch: () => Promise.reject(new Error('This contender does not watch.')),
  };
}
