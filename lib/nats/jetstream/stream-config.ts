import { CodedError, shown } from '../../coded-error';
import { checkSubscribeSubject } from '../message/subject';
import { NS_PER_MS } from './api';
import { entriesOf, isName } from './names';

export const RETENTION = ['limits', 'workqueue', 'interest'] as const;
export const STORAGE = ['file', 'memory'] as const;
export const DISCARD = ['new', 'old'] as const;

/** A stream as a user describes it. */
export interface StreamSettings {
  /** Checked by `checkStreamName`. */
  name: string;
  /** What it stores, checked by `checkStreamSubjects`; none: as it is, or the name for a new stream. */
  subjects: string[];
  /** Whether a missing stream is made. */
  create: boolean;
  retention: (typeof RETENTION)[number];
  storage: (typeof STORAGE)[number];
  replicas: number;
  /** Limits; 0: none. */
  maxAgeMs: number;
  maxBytes: number;
  maxMessages: number;
  /** What happens to a message that does not fit: it is refused, or the oldest one is deleted. */
  discard: (typeof DISCARD)[number];
  /** For how long the stream knows the ids of messages. */
  duplicateWindowMs: number;
}

/** A stream's configuration: https://github.com/nats-io/jsm.go/blob/main/schemas/jetstream/api/v1/definitions.json */
export interface StreamConfig {
  name: string;
  subjects?: string[];
  retention: string;
  storage: string;
  num_replicas: number;
  /** Nanoseconds; 0: no limit. */
  max_age: number;
  max_bytes: number;
  max_msgs: number;
  discard: string;
  /** Nanoseconds. */
  duplicate_window?: number;
  /** Of one subject. */
  max_msgs_per_subject?: number;
  /** Whether any server that has a copy answers requests for a message. */
  allow_direct?: boolean;
  /** Whether a message can delete those before it. */
  allow_rollup_hdrs?: boolean;
  deny_delete?: boolean;
  /** The stream that it is a copy of. */
  mirror?: { name: string };
}

/** A stream that is to be there. */
export interface WantedStream {
  config: StreamConfig;
  /** Whether it is made if it is missing. */
  create: boolean;
}

/** Returns the name of a stream, or throws `BAD_STREAM`. */
export function checkStreamName(value: unknown): string {
  if (isName(value)) return value;
  throw new CodedError(value === undefined || value === '' ? 'BAD_STREAM-missing' : 'BAD_STREAM', {
    value: shown(value),
  });
}

/** Returns the domain of a JetStream; empty: the server's own. Throws `BAD_STREAM`. */
export function checkDomain(value: string): string {
  if (value === '' || isName(value)) return value;
  throw new CodedError('BAD_STREAM-domain', { value: shown(value) });
}

/** Returns the subjects in a list by comma or line. Throws `BAD_SUBJECT`, also for `*` and `>` alone. */
export function checkStreamSubjects(text: string): string[] {
  return entriesOf(text).map((subject) => {
    if (/^(\*|>|\*\.>)$/.test(subject)) throw new CodedError('BAD_SUBJECT-all', { value: shown(subject) });
    return checkSubscribeSubject(subject);
  });
}

/** The first field of a stream that differs, as `STREAM_DIFFERS`, in the words and units of the settings. */
export function compareStreams(found: StreamConfig, wanted: StreamConfig): CodedError | undefined {
  const actual = fieldsOf(found);
  for (const [field, expected] of Object.entries(fieldsOf(wanted))) {
    if (expected === undefined || expected === actual[field]) continue;
    const values = { stream: found.name, field, actual: shown(actual[field]), expected: shown(expected) };
    return new CodedError('STREAM_DIFFERS', values);
  }
  return undefined;
}

/** The fields of a configuration as a `nats-stream` has them. */
function fieldsOf(config: StreamConfig): Record<string, string | number | undefined> {
  return {
    subjects: config.subjects && [...config.subjects].sort().join(', '),
    retention: config.retention,
    storage: config.storage,
    replicas: config.num_replicas,
    maxAgeS: config.max_age / (1000 * NS_PER_MS),
    maxBytes: Math.max(config.max_bytes, 0),
    maxMessages: Math.max(config.max_msgs, 0),
    discard: config.discard,
    duplicateWindowS: (config.duplicate_window ?? 0) / (1000 * NS_PER_MS),
  };
}

/** The stream that the settings describe; what the server decides is left out. */
export function wantedStream(settings: StreamSettings): WantedStream {
  const { name, subjects, maxAgeMs } = settings;
  // The server refuses a window that is longer than the age.
  const windowMs = maxAgeMs > 0 ? Math.min(settings.duplicateWindowMs, maxAgeMs) : settings.duplicateWindowMs;
  const config = {
    name,
    ...(subjects.length > 0 && { subjects }),
    retention: settings.retention,
    storage: settings.storage,
    num_replicas: settings.replicas,
    max_age: Math.round(maxAgeMs * NS_PER_MS),
    max_bytes: settings.maxBytes || -1,
    max_msgs: settings.maxMessages || -1,
    discard: settings.discard,
    duplicate_window: Math.round(windowMs * NS_PER_MS),
  };
  return { config, create: settings.create };
}
