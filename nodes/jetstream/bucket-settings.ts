import { checkBucketName } from '../../lib/nats/jetstream/kv/key';
import { checkDomain, STORAGE, type StreamSettings } from '../../lib/nats/jetstream/stream-config';
import { choiceSetting, countSetting, numberSetting, switchSetting, textSetting } from '../../lib/setting';
import { checkVariables } from '../shared/variables';

/** The properties of nodes that use a bucket. */
export interface BucketFields {
  /** The id of a `nats-config`. Required. */
  server: string;
  /** The name of the bucket: letters, digits, `-` and `_`. Required. */
  bucket: string;
  /**
   * The domain of the JetStream that has it; empty: that of the server.
   * @default ''
   */
  domain?: string;
}

/** How a bucket is made that is missing, and how long the server may take, in a flow. */
interface MakingFields {
  create?: boolean;
  storage?: StreamSettings['storage'];
  replicas?: number | string;
  timeoutMs?: number | string;
}

/**
 * The bucket that a node uses; `prefix` is that of the name of its stream. Throws `BAD_BUCKET`, `BAD_STREAM`, or
 * `BAD_ENV` for any of the fields.
 */
export function bucketOf(fields: BucketFields, prefix?: 'KV_' | 'OBJ_'): { bucket: string; domain: string } {
  checkVariables(fields);
  return {
    bucket: checkBucketName(textSetting(fields.bucket), prefix),
    domain: checkDomain(textSetting(fields.domain)),
  };
}

/** How a missing bucket is made, and how long the server may take. Throws an error of `lib/setting`. */
export function makingOf({ create, storage, replicas, timeoutMs }: MakingFields) {
  return {
    create: switchSetting('create', create, true),
    storage: choiceSetting('storage', storage, STORAGE, 'file'),
    replicas: countSetting('replicas', replicas, 1, { min: 1, max: 5 }),
    timeoutMs: numberSetting('timeoutMs', timeoutMs, 5000, { min: 1 }),
  };
}
