import { setTimeout as delay } from 'node:timers/promises';
import { CodedError, shown } from '../../coded-error';
import { checkSubscribeSubject } from '../message/subject';
import { type JetStreamApi, NS_PER_MS } from './api';
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
}

/** The answer to `STREAM.INFO`. */
export interface StreamInfo {
  config: StreamConfig;
  /** When it was made, ISO 8601. */
  created: string;
  state: {
    messages: number;
    bytes: number;
    first_seq: number;
    first_ts: string;
    last_seq: number;
    last_ts: string;
    consumer_count: number;
  };
}

/** What is known of a stream. */
export interface StreamState {
  /** Missing if the user may not see it. */
  info?: StreamInfo | undefined;
  /** `STREAM_DIFFERS`: it is not as the settings say, which does not matter for using it. */
  differs?: CodedError | undefined;
  /** Why it cannot be used. */
  error?: CodedError | undefined;
}

/**
 * How long a stream stays deleted before it is made again, in milliseconds. A server still removes its files when it no
 * longer knows it, and would remove those of the new one as well: 2.9 nearly always, later ones seldom.
 */
const DELETED_MS = 1000;

/** Returns the name of a stream, or throws `BAD_STREAM`. */
export function checkStreamName(value: unknown): string {
  if (isName(value)) return value;
  throw new CodedError(value === undefined || value === '' ? 'BAD_STREAM-missing' : 'BAD_STREAM', {
    value: shown(value),
  });
}

/** Returns the domain of a JetStream, empty for that of the server. Throws `BAD_STREAM`. */
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

/** One stream on the server: made if it is missing, compared if it is there, never deleted. */
export class Stream {
  /** Whether it was there when it was last needed. */
  isReady = false;
  private checking: Promise<StreamState> | undefined;
  private state: StreamState = {};

  constructor(
    readonly settings: StreamSettings,
    readonly api: JetStreamApi,
    private readonly onState: (state: StreamState) => void = () => {},
  ) {}

  get name(): string {
    return this.settings.name;
  }

  get info(): StreamInfo | undefined {
    return this.state.info;
  }

  /** As far as it is known, that of the stream itself. */
  get duplicateWindowMs(): number {
    const { duplicate_window } = this.info?.config ?? {};
    return duplicate_window === undefined ? this.settings.duplicateWindowMs : duplicate_window / NS_PER_MS;
  }

  /**
   * Resolves when the stream is there. Rejects with `NO_STREAM` if it is missing and not to be made, `NO_JETSTREAM`,
   * `SERVER`, `NOT_CONNECTED`. Who may not see the stream can still use it. Calls at the same time share a request.
   */
  async ensure(): Promise<StreamState> {
    this.checking ??= this.check().finally(() => {
      this.checking = undefined;
    });
    const state = await this.checking;
    if (state.error) throw state.error;
    return state;
  }

  private async check(): Promise<StreamState> {
    let state: StreamState;
    try {
      const info = await this.findOrMake();
      state = { info, differs: info && this.compare(info.config) };
    } catch (error) {
      state = { info: this.state.info, error: error as CodedError };
    }
    this.state = state;
    this.isReady = !state.error;
    this.onState(state);
    return state;
  }

  private async findOrMake(): Promise<StreamInfo | undefined> {
    const { name, create } = this.settings;
    try {
      return await this.find();
    } catch (error) {
      const { code } = error as CodedError;
      if (code === 'PERMISSION') return undefined;
      if (code !== 'NO_STREAM' || !create) throw error;
    }
    if (this.info) await delay(DELETED_MS, undefined, { ref: false });
    try {
      return await this.api.request<StreamInfo>(`STREAM.CREATE.${name}`, configOf(this.settings), { stream: name });
    } catch (error) {
      // Someone else may have made it in the meantime, in another way.
      return await this.find().catch(() => {
        throw error;
      });
    }
  }

  private find(): Promise<StreamInfo> {
    const { name } = this.settings;
    return this.api.request<StreamInfo>(`STREAM.INFO.${name}`, undefined, { stream: name });
  }

  /** The first field that differs, as `STREAM_DIFFERS`, in the words and units of the settings. */
  private compare(config: StreamConfig): CodedError | undefined {
    const actual = fieldsOf(config);
    for (const [field, wanted] of Object.entries(fieldsOf(configOf(this.settings)))) {
      const found = actual[field];
      if (wanted === undefined || wanted === found) continue;
      const values = { stream: config.name, field, actual: shown(found), expected: shown(wanted) };
      return new CodedError('STREAM_DIFFERS', values);
    }
    return undefined;
  }
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

/** The configuration that the settings describe; what the server decides is left out. */
function configOf(settings: StreamSettings): StreamConfig {
  const { name, subjects, maxAgeMs } = settings;
  // The server refuses a window that is longer than the age.
  const windowMs = maxAgeMs > 0 ? Math.min(settings.duplicateWindowMs, maxAgeMs) : settings.duplicateWindowMs;
  return {
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
}
