import { nuid } from 'nats';
import { CodedError, shown } from '../../../coded-error';
import { checkSubscribeSubject } from '../../message/subject';
import { type JetStreamApi, NS_PER_MS } from '../api';
import { entriesOf, isName } from '../names';

export const START = ['all', 'new', 'last', 'since'] as const;
export type Start = (typeof START)[number];

const OWN = 'node-red-';

/** A name for a consumer of a node's own, which is deleted with the node. */
export function ownConsumerName(): string {
  return OWN + nuid.next();
}

/** Whether a consumer is a node's own: it reads the stream from the start again after each deploy. */
export function isOwnConsumer(name: unknown): boolean {
  return typeof name === 'string' && name.startsWith(OWN);
}

/** A consumer as a user describes it. */
export interface ConsumerSettings {
  stream: string;
  name: string;
  /** Whether the server keeps it while nothing consumes. */
  isDurable: boolean;
  /** What it consumes; none: all that the stream stores. */
  subjects: string[];
  /** Where it begins: with the first message, after the last one, with the last one of each subject, or at a time. */
  start: Start;
  /** With `since`: ISO 8601. */
  since?: string | undefined;
  /** Whether messages are acknowledged. */
  isAcknowledged: boolean;
  /** Whether they come without their data. */
  headersOnly?: boolean | undefined;
}

/** A consumer's configuration: https://github.com/nats-io/jsm.go/blob/main/schemas/jetstream/api/v1/definitions.json */
export interface ConsumerConfig {
  name?: string;
  durable_name?: string;
  deliver_subject?: string;
  deliver_policy: string;
  opt_start_seq?: number;
  opt_start_time?: string;
  filter_subject?: string;
  filter_subjects?: string[];
  ack_policy: string;
  /** Nanoseconds, also below. */
  ack_wait?: number;
  backoff?: number[];
  max_deliver?: number;
  max_ack_pending?: number;
  inactive_threshold?: number;
  headers_only?: boolean;
  num_replicas?: number;
  mem_storage?: boolean;
  /** The limits of pulls. */
  max_batch?: number;
  max_expires?: number;
}

/** The answer to `CONSUMER.INFO` and `CONSUMER.CREATE`. */
export interface ConsumerInfo {
  name: string;
  config: ConsumerConfig;
  /** When it was made, ISO 8601. */
  created: string;
  /** The last message that it has delivered, or before which it begins. */
  delivered: { consumer_seq: number; stream_seq: number };
  /** How many messages it has delivered that have no verdict yet. */
  num_ack_pending: number;
  num_pending: number;
  /** Missing if the server belongs to no cluster. */
  cluster?: object;
}

const ACK_WAIT_MS = 30_000;

/** The server deletes a consumer of a node's own after this time without a pull, in milliseconds. */
const INACTIVE_MS = 300_000;
/** That of one whose messages are not acknowledged: another one can go on where it was. */
const READING_INACTIVE_MS = 30_000;

/** The first version with several filters. */
const FILTERS_SINCE = '2.10';

/** Returns the name of a consumer, or throws `BAD_CONSUMER`. */
export function checkConsumerName(value: string): string {
  if (isName(value)) return value;
  throw new CodedError('BAD_CONSUMER', { value: shown(value) });
}

/** Returns the subjects in a list by comma or line. Throws `BAD_SUBJECT`. */
export function checkFilters(text: string): string[] {
  return entriesOf(text).map((subject) => checkSubscribeSubject(subject));
}

const UNIT_MS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The time of a text: ISO 8601, or a duration before `now` such as `24h` or `1h30m`. Throws `BAD_SINCE`. */
export function checkSince(text: string, now = Date.now()): string {
  const trimmed = text.trim();
  const parts = [...trimmed.matchAll(/(\d+(?:\.\d+)?)([smhd])/g)];
  const isDuration = parts.length > 0 && parts.map(([part]) => part).join('') === trimmed;
  const ms = parts.reduce((sum, [, count, unit = '']) => sum + Number(count) * (UNIT_MS[unit] ?? 0), 0);
  const time = isDuration ? now - ms : /^\d{4}-\d\d-\d\d/.test(trimmed) ? Date.parse(trimmed) : Number.NaN;
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) throw new CodedError('BAD_SINCE', { value: shown(text) });
  return date.toISOString();
}

/** One consumer on the server. */
export class Consumer {
  /** As far as the user may see it. */
  info: ConsumerInfo | undefined;

  constructor(
    readonly settings: ConsumerSettings,
    private readonly api: JetStreamApi,
  ) {}

  get name(): string {
    return this.settings.name;
  }

  /** The subject of its requests for messages. */
  get pullSubject(): string {
    return `${this.api.prefix}.CONSUMER.MSG.NEXT.${this.settings.stream}.${this.name}`;
  }

  /** The subject of the request to delete it. */
  get deleteSubject(): string {
    return `${this.api.prefix}.CONSUMER.DELETE.${this.settings.stream}.${this.name}`;
  }

  /** After this time the server delivers a message again that is not acknowledged, in milliseconds. */
  get ackWaitMs(): number {
    const { ack_wait, backoff = [] } = this.info?.config ?? {};
    const waits = [...backoff, ack_wait || ACK_WAIT_MS * NS_PER_MS];
    return Math.min(...waits) / NS_PER_MS;
  }

  /**
   * Looks whether it exists. Rejects with `NO_CONSUMER`, `NO_STREAM`, or an error of the request. One that the user may
   * not see counts as existing.
   */
  async find(): Promise<void> {
    const { stream, name } = this.settings;
    try {
      this.info = await this.ask(`CONSUMER.INFO.${stream}.${name}`);
    } catch (error) {
      if ((error as CodedError).code !== 'PERMISSION') throw error;
      this.info = undefined;
    }
  }

  /**
   * Makes it, to begin at a sequence instead of where the settings say if there is one. If somebody else has made it in
   * the meantime, that one is used. Rejects with `NO_STREAM`, `NEEDS_SERVER`, or an error of the request.
   */
  async make(version: string | undefined, firstSequence?: number): Promise<void> {
    const { stream, name, subjects } = this.settings;
    if (subjects.length > 1 && !isAtLeast(version, FILTERS_SINCE)) {
      throw new CodedError('NEEDS_SERVER-filters', { version: version ?? '', needed: FILTERS_SINCE });
    }
    const [filter] = subjects;
    // The subject of the request contains the filter, so that permissions can depend on it.
    const subject = `CONSUMER.CREATE.${stream}.${name}${subjects.length === 1 ? `.${filter}` : ''}`;
    const request = { stream_name: stream, config: configOf(this.settings, firstSequence), action: 'create' };
    try {
      this.info = await this.ask(subject, request);
    } catch (error) {
      if ((error as CodedError).code !== 'SERVER') throw error;
      await this.find().catch(() => {
        throw error;
      });
    }
  }

  private async ask(subject: string, body?: object): Promise<ConsumerInfo> {
    const names = { stream: this.settings.stream, consumer: this.name };
    const info = await this.api.request<Partial<ConsumerInfo>>(subject, body, names);
    // A server that is deleting it at this moment answers without an error, but says nothing about it.
    if (!info.config || !info.delivered) throw new CodedError('NO_CONSUMER', names);
    return info as ConsumerInfo;
  }

  /**
   * The first field that differs from the settings, as `CONSUMER_DIFFERS`. Throws it if the consumer cannot be used: it
   * pushes its messages, or takes them as acknowledged before they are.
   */
  compare(): CodedError | undefined {
    const actual = this.info?.config;
    if (!actual) return undefined;
    const wanted = configOf(this.settings);
    const differing = (field: keyof ConsumerConfig) =>
      new CodedError('CONSUMER_DIFFERS', {
        consumer: this.name,
        field,
        actual: shown(actual[field]),
        expected: shown(wanted[field]),
      });
    if (actual.deliver_subject) throw differing('deliver_subject');
    if (actual.ack_policy !== wanted.ack_policy) throw differing('ack_policy');
    if (filtersOf(actual) !== filtersOf(wanted)) {
      return differing(actual.filter_subjects || wanted.filter_subjects ? 'filter_subjects' : 'filter_subject');
    }
    if (actual.deliver_policy !== wanted.deliver_policy) return differing('deliver_policy');
    // After that many deliveries the server would drop a message.
    return (actual.max_deliver ?? -1) > 0 ? differing('max_deliver') : undefined;
  }
}

function configOf(settings: ConsumerSettings, firstSequence?: number): ConsumerConfig {
  const { name, isDurable, subjects, isAcknowledged, headersOnly } = settings;
  return {
    name,
    ...(isDurable
      ? { durable_name: name }
      : { inactive_threshold: (isAcknowledged ? INACTIVE_MS : READING_INACTIVE_MS) * NS_PER_MS }),
    ...startOf(settings, firstSequence),
    ...(subjects.length === 1 && { filter_subject: subjects[0] as string }),
    ...(subjects.length > 1 && { filter_subjects: subjects }),
    ...(headersOnly && { headers_only: true }),
    ...(isAcknowledged
      ? { ack_policy: 'explicit', ack_wait: ACK_WAIT_MS * NS_PER_MS, max_deliver: -1, max_ack_pending: -1 }
      : { ack_policy: 'none', mem_storage: true, num_replicas: 1 }),
  };
}

type StartConfig = Pick<ConsumerConfig, 'deliver_policy' | 'opt_start_seq'> & Partial<ConsumerConfig>;

function startOf({ start, since, subjects }: ConsumerSettings, firstSequence?: number): StartConfig {
  if (firstSequence !== undefined && firstSequence > 1) {
    return { deliver_policy: 'by_start_sequence', opt_start_seq: firstSequence };
  }
  if (firstSequence !== undefined) return { deliver_policy: 'all' };
  switch (start) {
    case 'new':
      return { deliver_policy: 'new' };
    case 'last':
      // The server wants a filter with this policy.
      return { deliver_policy: 'last_per_subject', ...(subjects.length === 0 && { filter_subject: '>' }) };
    case 'since':
      return { deliver_policy: 'by_start_time', ...(since && { opt_start_time: since }) };
    default:
      return { deliver_policy: 'all' };
  }
}

function filtersOf({ filter_subject, filter_subjects }: ConsumerConfig): string {
  const filters = filter_subjects ?? (filter_subject ? [filter_subject] : []);
  return [...filters].sort().join() || '>';
}

/** Whether a version such as `2.10.3` is that one or a later one. */
export function isAtLeast(version: string | undefined, wanted: string): boolean {
  const [major = 0, minor = 0] = (version ?? '').split('.').map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split('.').map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

/** A server that was killed knows only roughly when it made a consumer: the busier it was, the less exactly. */
export const CONSUMER_TOLERANCE_MS = 100;

/** Whether two times of creation, ISO 8601, are the same, give or take `toleranceMs`. Unknown ones differ. */
export function isSameCreation(one: string | undefined, other: string | undefined, toleranceMs = 5): boolean {
  return Math.abs(Date.parse(one ?? '') - Date.parse(other ?? '')) <= toleranceMs;
}
