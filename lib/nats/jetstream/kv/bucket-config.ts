import { CodedError, shown } from '../../../coded-error';
import { NS_PER_MS } from '../api';
import type { STORAGE, StreamConfig } from '../stream-config';

/** A bucket as a user describes it. */
export interface KvSettings {
  /** Its name, checked by `checkBucketName`. */
  bucket: string;
  /** The domain of its JetStream; empty or missing: the server's own. */
  domain?: string;
  /** Whether putting a value makes a missing bucket, as the fields below describe it. */
  create: boolean;
  /** How many values of a key it keeps, from 1 to 64. */
  history: number;
  /** How long it keeps a value, in milliseconds; 0: no limit. */
  lifetimeMs: number;
  storage: (typeof STORAGE)[number];
  replicas: number;
  /** How long the server may take to answer, in milliseconds. */
  timeoutMs: number;
}

/** How a bucket is made. */
export type BucketForm = Pick<KvSettings, 'history' | 'lifetimeMs' | 'storage' | 'replicas'>;

/** How a bucket is made by default. */
export const DEFAULT_FORM: BucketForm = { history: 1, lifetimeMs: 0, storage: 'file', replicas: 1 };

/** The longest time for which a bucket's stream knows the ids of messages. */
const DUPLICATE_WINDOW_MS = 120_000;

/** The name of a bucket's stream. */
export function streamOf(bucket: string): string {
  return `KV_${bucket}`;
}

/** The prefix of the subjects of a bucket's keys. */
export function prefixOf(bucket: string): string {
  return `$KV.${bucket}.`;
}

/**
 * The stream of a bucket, as the other clients make it:
 * https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-8.md
 */
export function bucketConfig(bucket: string, form: BucketForm = DEFAULT_FORM): StreamConfig {
  const { history, lifetimeMs, storage, replicas } = form;
  const windowMs = lifetimeMs > 0 ? Math.min(lifetimeMs, DUPLICATE_WINDOW_MS) : DUPLICATE_WINDOW_MS;
  return {
    name: streamOf(bucket),
    subjects: [`${prefixOf(bucket)}>`],
    retention: 'limits',
    storage,
    num_replicas: replicas,
    max_age: Math.round(lifetimeMs * NS_PER_MS),
    max_bytes: -1,
    max_msgs: -1,
    max_msgs_per_subject: history,
    discard: 'new',
    duplicate_window: Math.round(windowMs * NS_PER_MS),
    allow_rollup_hdrs: true,
    deny_delete: true,
    allow_direct: true,
  };
}

/**
 * The first field of a bucket that is not as a user wants it, as `STREAM_DIFFERS`, in the units of the settings. What is
 * as by default says nothing about a bucket that is there.
 */
export function compareBuckets(bucket: string, found: StreamConfig, wanted: BucketForm): CodedError | undefined {
  const fields: [name: string, actual: unknown, expected: unknown, byDefault: unknown][] = [
    ['history', found.max_msgs_per_subject, wanted.history, DEFAULT_FORM.history],
    ['lifetimeS', found.max_age / (1000 * NS_PER_MS), wanted.lifetimeMs / 1000, DEFAULT_FORM.lifetimeMs],
    ['storage', found.storage, wanted.storage, DEFAULT_FORM.storage],
    ['replicas', found.num_replicas, wanted.replicas, DEFAULT_FORM.replicas],
  ];
  for (const [field, actual, expected, byDefault] of fields) {
    if (expected === byDefault || expected === actual) continue;
    return new CodedError('STREAM_DIFFERS-bucket', { bucket, field, actual: shown(actual), expected: shown(expected) });
  }
  return undefined;
}
