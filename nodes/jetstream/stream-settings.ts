import type { NodeDef } from 'node-red';
import {
  checkDomain,
  checkStreamName,
  checkStreamSubjects,
  DISCARD,
  RETENTION,
  STORAGE,
  type StreamSettings,
  type WantedStream,
  wantedStream,
} from '../../lib/nats/jetstream/stream-config';
import { choiceSetting, countSetting, numberSetting, switchSetting, textSetting } from '../../lib/setting';

/**
 * The properties of a `nats-stream` in a flow. A missing or empty property means its default. A number may be a numeric
 * string, and each value except `name` and `server` may be an environment variable, `${NAME}`.
 */
export interface NatsStreamDef extends NodeDef {
  /** The id of a `nats-config`. Required. */
  server: string;
  /** The name of the stream, without white space, dots, wildcards and slashes. Required. */
  stream: string;
  /**
   * The domain of the JetStream that has it; empty: that of the server.
   * @default ''
   */
  domain?: string;
  /**
   * The subjects that it stores, separated by commas or lines; empty: those that it has, or its name for a new stream.
   * @default ''
   */
  subjects?: string;
  /**
   * Whether the stream is made if it is missing.
   * @default true
   */
  create?: boolean;
  /**
   * What it keeps: everything within its limits (`limits`), what no consumer has acknowledged yet (`workqueue`), or
   * what some consumer still has to acknowledge (`interest`).
   * @default 'limits'
   */
  retention?: StreamSettings['retention'];
  /**
   * Where it keeps that: in files (`file`) or in `memory`.
   * @default 'file'
   */
  storage?: StreamSettings['storage'];
  /**
   * How many servers of a cluster have a copy, from 1 to 5.
   * @default 1
   */
  replicas?: number | string;
  /**
   * How long it keeps a message, in seconds, from 0 to 2,147,483,647; 0: no limit.
   * @default 0
   */
  maxAgeS?: number | string;
  /**
   * How many bytes it keeps, a whole number; 0: no limit.
   * @default 0
   */
  maxBytes?: number | string;
  /**
   * How many messages it keeps, a whole number; 0: no limit.
   * @default 0
   */
  maxMessages?: number | string;
  /**
   * What happens when it is full: a new message is refused (`new`), or the oldest ones are deleted (`old`).
   * @default 'new'
   */
  discard?: StreamSettings['discard'];
  /**
   * For how long it knows the ids of messages, so that it stores none of them twice, in seconds, from 0.1 to
   * 2,147,483,647.
   * @default 120
   */
  duplicateWindowS?: number | string;
}

/** A stream to look after, and the domain of its JetStream; empty: the server's own. */
export interface DescribedStream {
  wanted: WantedStream;
  domain: string;
}

const SIZE = { max: Number.MAX_SAFE_INTEGER };

/** The stream that a `nats-stream` describes. Throws `BAD_STREAM`, `BAD_SUBJECT`, or an error of `lib/setting`. */
export function streamSettings(def: NatsStreamDef): DescribedStream {
  const settings: StreamSettings = {
    name: checkStreamName(textSetting(def.stream)),
    subjects: checkStreamSubjects(textSetting(def.subjects)),
    create: switchSetting('create', def.create, true),
    retention: choiceSetting('retention', def.retention, RETENTION, 'limits'),
    storage: choiceSetting('storage', def.storage, STORAGE, 'file'),
    replicas: countSetting('replicas', def.replicas, 1, { min: 1, max: 5 }),
    maxAgeMs: 1000 * numberSetting('maxAgeS', def.maxAgeS, 0),
    maxBytes: countSetting('maxBytes', def.maxBytes, 0, SIZE),
    maxMessages: countSetting('maxMessages', def.maxMessages, 0, SIZE),
    discard: choiceSetting('discard', def.discard, DISCARD, 'new'),
    duplicateWindowMs: 1000 * numberSetting('duplicateWindowS', def.duplicateWindowS, 120, { min: 0.1 }),
  };
  return { wanted: wantedStream(settings), domain: checkDomain(textSetting(def.domain)) };
}
