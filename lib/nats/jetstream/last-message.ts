import { Empty, type MsgHdrs } from 'nats';
import { CodedError, shown } from '../../coded-error';
import { readHeaders } from '../client/headers';
import type { Received } from '../client/received';
import type { Publication } from '../core/publication';
import { retryWaitMs } from '../core/retry-wait';
import { type ApiError, apiError, parseAnswer } from './api';
import { Exchange, type Exchanges } from './exchanges';
import type { Stream } from './stream';

/** A message as a stream has it. */
export interface LastMessage {
  /** A view of the chunk that the socket has read. */
  data: Uint8Array;
  headers: MsgHdrs | undefined;
  sequence: number;
  /** When it was stored, ISO 8601 with milliseconds. */
  time: string;
}

/** How to ask for it. */
export interface LastMessageOptions {
  subject: string;
  /** Whether any server that has a copy of the stream may answer, which may be a little behind, or only its leader. */
  isDirect: boolean;
  timeoutMs: number;
  /** What asks; see `Connection.withdraw`. */
  owner?: object | undefined;
}

/** A server that has the stream answers at once. One that does not is asked again, in milliseconds. */
const REPEAT_AFTER_MS = 500;

/** "no message found": https://github.com/nats-io/nats-server/blob/main/server/errors.json */
const NO_MESSAGE = 10037;

/** Errors of a look at the stream that pass by themselves. */
const PASSING = ['NOT_CONNECTED', 'CONNECTION_LOST', 'TIMEOUT', 'SERVER'];

/** The answer to `STREAM.MSG.GET`: https://github.com/nats-io/jsm.go/blob/main/schemas/jetstream/api/v1 */
interface Found {
  /** Headers and data are in Base64. */
  message?: { seq: number; time: string; hdrs?: string; data?: string };
  error?: ApiError;
}

/** Receives the answer. */
interface LastMessageUser {
  /** `undefined`: there is none. */
  onMessage(message: LastMessage | undefined): void;
  onFailed(error: unknown): void;
}

/**
 * Looks for the last message of a subject in a stream; one of the user's methods is called once. Fails with
 * `NOT_CONNECTED`, `TIMEOUT`, `PERMISSION`, `SERVER`, `CLOSED`, or if no server answers with the error of
 * `stream.ensure`, such as `NO_STREAM`.
 */
export function findLastMessage(
  exchanges: Exchanges,
  stream: Stream,
  options: LastMessageOptions,
  user: LastMessageUser,
): void {
  const onSilence = (lookup: Lookup) => {
    stream.ensure().catch((error) => {
      if (!PASSING.includes(error.code)) exchanges.withdraw(lookup, error);
    });
  };
  exchanges.send(new Lookup(stream, options, user, onSilence));
}

/** One request for a message: https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-31.md */
class Lookup extends Exchange {
  readonly publication: Publication;
  override readonly repeatAfterMs = REPEAT_AFTER_MS;
  private attempts = 0;
  private readonly startedAt = performance.now();

  constructor(
    private readonly stream: Stream,
    private readonly options: LastMessageOptions,
    private readonly user: LastMessageUser,
    /** The server has not answered. */
    private readonly onSilence: (lookup: Lookup) => void,
  ) {
    super();
    const { name, api } = stream;
    const { subject, isDirect, owner } = options;
    this.publication = {
      subject: `${api.prefix}.${isDirect ? `DIRECT.GET.${name}.${subject}` : `STREAM.MSG.GET.${name}`}`,
      data: isDirect ? Empty : Buffer.from(JSON.stringify({ last_by_subj: subject })),
      ...{ confirm: true, whenDown: 'fail', maxAgeMs: 0, owner },
    };
  }

  get repeatForMs(): number {
    return this.options.timeoutMs;
  }

  override onRepeat(): void {
    this.onSilence(this);
  }

  onAnswer(msg: Received): number | undefined {
    if (msg.headers?.code === 503) return this.delayMs();
    if (this.options.isDirect) {
      this.user.onMessage(readDirect(msg));
      return undefined;
    }
    const { message, error } = parseAnswer(msg.text) as Found;
    if (error?.code === 503) return this.delayMs();
    if (error && error.err_code !== NO_MESSAGE) throw apiError(error, { stream: this.stream.name });
    this.user.onMessage(message && readStored(message));
    return undefined;
  }

  onFailed(error: unknown): void {
    this.user.onFailed(error instanceof CodedError && error.code === 'UNCONFIRMED' ? this.timeout() : error);
  }

  /** The servers of the stream are electing a leader, or are down. */
  private delayMs(): number {
    if (performance.now() - this.startedAt > this.options.timeoutMs) throw this.timeout();
    this.onSilence(this);
    return retryWaitMs(this.attempts++);
  }

  private timeout(): CodedError {
    const { timeoutMs } = this.options;
    return new CodedError('TIMEOUT', { subject: this.publication.subject, timeoutMs });
  }
}

/** The message as it was stored, with further headers. */
function readDirect({ headers, data }: Received): LastMessage | undefined {
  if (headers?.code === 404) return undefined;
  const sequence = Number(headers?.get('Nats-Sequence'));
  if (!headers || headers.code > 0 || !(sequence > 0)) {
    throw new CodedError('SERVER', { reason: shown(`${headers?.code ?? ''} ${headers?.description ?? ''}`.trim()) });
  }
  return { data, headers, sequence, time: isoMs(headers.get('Nats-Time-Stamp')) };
}

function readStored({ seq, time, hdrs, data = '' }: NonNullable<Found['message']>): LastMessage {
  const headers = hdrs ? readHeaders(Buffer.from(hdrs, 'base64')) : undefined;
  return { data: Buffer.from(data, 'base64'), headers, sequence: seq, time: isoMs(time) };
}

/** A time of the API, such as `2026-01-02T03:04:05.123456789Z`, with milliseconds. */
function isoMs(time: string): string {
  const [, second, fraction = ''] = /^(\d+-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?Z$/.exec(time) ?? [];
  return second ? `${second}.${fraction.slice(0, 3).padEnd(3, '0')}Z` : time;
}
