import { CodedError, shown } from '../../coded-error';
import { sizeOf } from '../client/publish';
import type { Received } from '../client/received';
import { type Holdable, Holding } from '../core/holding';
import { own, type Publication } from '../core/publication';
import { retryWaitMs } from '../core/retry-wait';
import { withHeaders } from '../message/headers';
import { type ApiError, apiError, type JetStreamApi, parseAnswer } from './api';
import { Exchange, type Exchanges } from './exchanges';
import type { Stream } from './stream';

/** Where the server has stored a message. */
export interface Stored {
  stream: string;
  sequence: number;
  /** Whether it had been stored before, with the same id. */
  duplicate: boolean;
}

/** What a stream must be like for a message to be stored; otherwise `CONFLICT`. Sequences are the stream's. */
export interface Expectation {
  stream?: string;
  /** The id of its last message. */
  lastMessageId?: string;
  lastSequence?: number;
  /** The sequence of the last message with the same subject; 0: there is none. */
  lastSubjectSequence?: number;
}

/** How a message is stored. */
export interface StoringOptions {
  /** The stream; without one, whichever has the subject. */
  stream?: Stream | undefined;
  /** By which the server knows a message that it has stored before; without one, the message is sent only once. */
  id?: string | undefined;
  /** Whether no other message can have this id, so that a duplicate is an error. */
  isNew: boolean;
  expect?: Expectation | undefined;
}

/** Called once: with an error, or with where the message is stored. */
export type StoredOutcome = (error: unknown, stored?: Stored) => void;

/** For how long a stream knows the ids of messages unless it says otherwise, in milliseconds. */
const DUPLICATE_WINDOW_MS = 120_000;

/** The part of the window in which a message is repeated: its way to the server takes time as well. */
const REPEAT_PART = 0.8;

/** How often "no stream" is answered before it is believed without looking. It comes during elections as well. */
const MAX_UNHEARD = 3;

// https://github.com/nats-io/nats-server/blob/main/server/errors.json
const CONFLICTS = [10060, 10070, 10071, 10164];
const FULL = [10023, 10047, 10077];
const TOO_MANY_REQUESTS = 10167;

/** The answer to a stored message: https://github.com/nats-io/jsm.go/blob/main/schemas/jetstream/api/v1/pub_ack_response.json */
interface PubAck {
  stream: string;
  seq: number;
  duplicate?: boolean;
  error?: ApiError;
}

/** Publishes messages that complete when a stream has stored them. */
export class StoredPublishing {
  /** The requests whether a stream has a subject, by subject. */
  private readonly lookups = new Map<string, Promise<boolean>>();
  /** The messages that wait for their stream. */
  private readonly held = new Map<Stream, Holding<Storing>>();

  constructor(
    private readonly exchanges: Exchanges,
    private readonly api: JetStreamApi,
  ) {}

  /**
   * Publishes a message, whose object becomes part of it; `outcome` is called once, now or later. Errors: `NO_STREAM`,
   * `CONFLICT`, `STREAM_FULL`, `DUPLICATE`, `UNCONFIRMED`, `SERVER`, those of the outbox, and those of the stream.
   */
  publish(publication: Omit<Publication, 'reply' | 'confirm'>, options: StoringOptions, outcome: StoredOutcome): void {
    const storing = new Storing(publication, options, outcome, this);
    const { stream } = options;
    const mustWait = stream && (this.held.has(stream) || (this.exchanges.isAttached && !stream.isReady));
    if (mustWait) this.hold(stream, storing);
    else this.exchanges.send(storing);
  }

  /** Holds a message until its stream has been made, so that none overtakes those that came too early. */
  private hold(stream: Stream, storing: Storing): void {
    let held = this.held.get(stream);
    if (!held) {
      held = new Holding();
      this.held.set(stream, held);
      // After all that the server has rejected for the same reason.
      const release = () => setImmediate(() => this.release(stream));
      stream.ensure().then(release, release);
    }
    held.add(storing);
  }

  private release(stream: Stream): void {
    const held = this.held.get(stream);
    this.held.delete(stream);
    for (const storing of held?.release() ?? []) this.exchanges.send(storing);
  }

  /** No server has answered a message: of another domain, none says that the stream does not exist. */
  look(storing: Exchange, stream: Stream): void {
    stream.ensure().catch((error) => {
      if (error.code === 'NO_STREAM') this.exchanges.withdraw(storing, error);
    });
  }

  /** Ends a message that is not sent, without an error. */
  end(storing: Exchange): void {
    this.exchanges.withdraw(storing, undefined);
  }

  /** Whether a stream has a subject; `undefined` if the server does not say. */
  async hasStream(subject: string): Promise<boolean | undefined> {
    const running = this.lookups.get(subject) ?? this.lookUp(subject).finally(() => this.lookups.delete(subject));
    this.lookups.set(subject, running);
    return running.catch((error) => {
      if (error.code === 'NO_JETSTREAM') throw error;
      return undefined;
    });
  }

  private async lookUp(subject: string): Promise<boolean> {
    const { streams } = await this.api.request<{ streams?: string[] | null }>('STREAM.NAMES', { subject });
    return (streams ?? []).length > 0;
  }
}

/** One message on its way into a stream. */
class Storing extends Exchange implements Holdable {
  readonly publication: Publication;
  readonly size: number;
  private isRepeated = false;
  private unheard = 0;
  private rejectedAt: number | undefined;

  constructor(
    given: Omit<Publication, 'reply' | 'confirm'>,
    private readonly options: StoringOptions,
    readonly outcome: StoredOutcome,
    private readonly publishing: StoredPublishing,
  ) {
    super();
    const publication = own(given as Publication);
    publication.headers = headersOf(publication, options);
    publication.confirm = true;
    if (publication.whenDown === 'drop') {
      const { onDropped } = publication;
      publication.onDropped = () => {
        onDropped?.();
        publishing.end(this);
      };
    }
    this.publication = publication;
    this.size = sizeOf(publication);
  }

  get repeatForMs(): number {
    const { id, stream } = this.options;
    return id === undefined ? 0 : REPEAT_PART * (stream?.duplicateWindowMs ?? DUPLICATE_WINDOW_MS);
  }

  override onRepeat(): void {
    this.isRepeated = true;
    const { stream } = this.options;
    if (stream) this.publishing.look(this, stream);
  }

  onFailed(error: unknown): void {
    this.outcome(error);
  }

  onAnswer(msg: Received): number | undefined | Promise<number | undefined> {
    if (msg.isEmpty && msg.headers?.code === 503) return this.onNoStream();
    const { stream, seq, duplicate = false, error } = parseAnswer(msg.text) as PubAck;
    if (error) {
      if (isTemporary(error)) return this.delayMs();
      throw this.errorOf(error);
    }
    const { id = '', isNew } = this.options;
    if (duplicate && isNew && !this.isRepeated) throw new CodedError('DUPLICATE', { id: shown(id), stream });
    this.outcome(undefined, { stream, sequence: seq, duplicate });
    return undefined;
  }

  /** Nothing stores the subject, or the stream is electing a leader. */
  private async onNoStream(): Promise<number> {
    const { subject } = this.publication;
    const { stream } = this.options;
    this.unheard++;
    if (stream && this.unheard === 1) {
      stream.isReady = false;
      await stream.ensure();
      return 0;
    }
    const hasStream = await this.publishing.hasStream(subject);
    if (hasStream === false || (hasStream === undefined && this.unheard > MAX_UNHEARD)) {
      throw new CodedError('NO_STREAM-subject', { subject });
    }
    return this.delayMs();
  }

  /** How long to wait for a server that cannot store it yet. Throws `UNCONFIRMED` after the longest time. */
  private delayMs(): number {
    const now = performance.now();
    this.rejectedAt ??= now;
    const { subject } = this.publication;
    if (now - this.rejectedAt > REPEAT_PART * DUPLICATE_WINDOW_MS) {
      throw new CodedError('UNCONFIRMED-unanswered', { subject });
    }
    return retryWaitMs(Math.min(this.unheard, 3));
  }

  private errorOf(error: ApiError): CodedError {
    const { err_code = 0, description = '' } = error;
    const { subject } = this.publication;
    if (CONFLICTS.includes(err_code)) {
      // The sequence or id that is, as in "wrong last sequence: 5".
      const [, actual] = /: (.+)$/.exec(description) ?? [];
      const values = { subject, reason: shown(description), ...(actual !== undefined && { actual: shown(actual) }) };
      return new CodedError('CONFLICT', values, { cause: apiError(error) });
    }
    if (FULL.includes(err_code)) {
      return new CodedError('STREAM_FULL', { subject, reason: shown(description) }, { cause: apiError(error) });
    }
    return apiError(error);
  }
}

/** A full stream says 503 as well. */
function isTemporary({ code, err_code = 0 }: ApiError): boolean {
  return err_code === TOO_MANY_REQUESTS || (code === 503 && !FULL.includes(err_code));
}

/** Headers of JetStream: https://docs.nats.io/nats-concepts/jetstream/headers */
function headersOf({ headers }: Pick<Publication, 'headers'>, { id, expect = {}, stream }: StoringOptions) {
  const further: [name: string, value: string][] = [];
  const { lastMessageId, lastSequence, lastSubjectSequence } = expect;
  const expectedStream = expect.stream ?? stream?.name;
  if (id !== undefined) further.push(['Nats-Msg-Id', id]);
  if (expectedStream !== undefined) further.push(['Nats-Expected-Stream', expectedStream]);
  if (lastMessageId !== undefined) further.push(['Nats-Expected-Last-Msg-Id', lastMessageId]);
  if (lastSequence !== undefined) further.push(['Nats-Expected-Last-Sequence', String(lastSequence)]);
  if (lastSubjectSequence !== undefined) {
    further.push(['Nats-Expected-Last-Subject-Sequence', String(lastSubjectSequence)]);
  }
  return further.length > 0 ? withHeaders(headers, further) : headers;
}
