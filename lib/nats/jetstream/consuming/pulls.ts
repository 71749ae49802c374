import { createInbox } from 'nats';
import { CodedError, shown } from '../../../coded-error';
import type { Received } from '../../client/received';
import type { Connection } from '../../connection/connection';
import type { Link, Subscribed } from '../../core/link';
import { NS_PER_MS } from '../api';

/** What the messages are pulled for. */
export interface PullsUser {
  /** How many messages there is room for, not counting those that have been asked for. */
  readonly room: number;
  /** How many bytes are in use. */
  readonly bytes: number;
  /** `ack` is the subject to acknowledge it. */
  onMessage(msg: Received, ack: string): void;
  /** The server has accepted the first pull. */
  onAccepted(): void;
  /** The server has answered a pull, so the consumer exists. */
  onHeard(): void;
  /** The server has sent all that there is, and waits for more. */
  onIdle(): void;
  /** Nothing more will come: the server refuses it with an error, or the consumer may not exist any more. */
  onBroken(error?: CodedError): void;
}

/** What to pull. */
export interface PullOptions {
  /** The subject for requests. */
  subject: string;
  /** The most messages, and the longest time in milliseconds, that a pull may ask for. */
  maxBatch: number;
  maxExpiresMs: number;
  /** The most bytes in use; 0: the messages cannot be that large. */
  maxBytes: number;
  /** While messages are on their way, more are asked for only when there is room for at least this number. */
  least: number;
}

/** How long the server keeps a pull that it cannot fulfil, in milliseconds. */
const EXPIRES_MS = 30_000;

/** How often the server says that a pull still waits, in milliseconds. */
export const HEARTBEAT_MS = 1000;

/** The number of heartbeats that may be missing. */
const MAX_SILENT_BEATS = 2;

/** A pull that ends early says how many messages it did not get. */
const LEFT = 'Nats-Pending-Messages';

/**
 * The pulls of a consumer's messages over one established connection. No more is asked for than there is room for, less
 * what has been asked for already. The protocol:
 * https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-37.md
 */
export class Pulls {
  private readonly prefix: string;
  private readonly subscribed: Subscribed;
  private readonly body: string;
  /** How many messages are on their way, or will be once there are some. */
  private asked = 0;
  private last = 0;
  private turn: NodeJS.Immediate | undefined;
  private readonly beats: NodeJS.Timeout;
  private silentBeats = 0;
  private hasEnded = false;
  private isAccepted = false;
  /** The bytes that were in use when a message did not fit. */
  private tooLargeAt: number | undefined;

  constructor(
    private readonly connection: Pick<Connection, 'publish' | 'inboxPrefix'>,
    link: Link,
    private readonly options: PullOptions,
    private readonly user: PullsUser,
  ) {
    this.prefix = `${createInbox(connection.inboxPrefix)}.`;
    const expiresMs = Math.min(EXPIRES_MS, options.maxExpiresMs);
    // The server permits at most half of that time.
    const heartbeatMs = Math.min(HEARTBEAT_MS, expiresMs / 2);
    this.body = `"expires":${expiresMs * NS_PER_MS},"idle_heartbeat":${Math.floor(heartbeatMs * NS_PER_MS)}`;
    this.subscribed = link.subscribe({
      subject: `${this.prefix}*`,
      onMessage: (msg) => this.onMessage(msg),
      onRefused: (error) => this.break(error),
    });
    this.beats = setInterval(() => this.onBeat(), heartbeatMs);
    this.ask();
  }

  /** Asks for more if there is room; returns whether it has. */
  ask(): boolean {
    const { maxBatch, maxBytes, least } = this.options;
    const { asked } = this;
    const batch = Math.min(this.user.room - asked, maxBatch);
    if (this.hasEnded || batch <= 0 || (asked > 0 && batch < least)) return false;
    if (maxBytes === 0) this.request(batch, this.body);
    else if (asked === 0) this.askForBytes(batch, maxBytes);
    return this.asked > asked;
  }

  /** Ends at once. */
  end(): void {
    if (this.hasEnded) return;
    this.stop();
    this.subscribed.unsubscribe();
  }

  /** Asks for nothing more, and resolves when the messages have arrived that the server has sent. */
  async drain(): Promise<void> {
    if (this.hasEnded) return;
    this.stop();
    await this.subscribed.drain();
  }

  private stop(): void {
    this.hasEnded = true;
    clearInterval(this.beats);
    if (this.turn) clearImmediate(this.turn);
  }

  private break(error?: CodedError): void {
    if (this.hasEnded) return;
    this.end();
    this.user.onBroken(error);
  }

  /** Only one pull at a time, because each has a limit of its own. */
  private askForBytes(batch: number, maxBytes: number): void {
    const { bytes } = this.user;
    if (this.tooLargeAt !== undefined) {
      // The message that did not fit is larger than all of the room.
      if (bytes === 0) this.request(1, this.body);
      if (bytes === 0 || bytes >= this.tooLargeAt) return;
    }
    if (bytes < maxBytes) this.request(batch, `"max_bytes":${maxBytes - bytes},${this.body}`);
  }

  private request(batch: number, rest: string): void {
    this.tooLargeAt = undefined;
    this.asked += batch;
    const reply = this.prefix + ++this.last;
    const data = Buffer.from(`{"batch":${batch},${rest}}`);
    const { subject } = this.options;
    this.connection.publish({ subject, data, reply, confirm: true, whenDown: 'fail', maxAgeMs: 0 }, this.onPulled);
  }

  private readonly onTurn = () => {
    this.turn = undefined;
    this.ask();
  };

  private readonly onPulled = (error?: unknown) => {
    if (this.hasEnded) return;
    if (error === undefined) {
      if (!this.isAccepted) this.user.onAccepted();
      this.isAccepted = true;
    } else if (error instanceof CodedError && error.code === 'PERMISSION') this.break(error);
    // Others come with the end of the connection.
  };

  private onMessage(msg: Received): void {
    this.silentBeats = 0;
    const ack = msg.reply;
    if (ack === undefined) {
      if (!this.hasEnded) this.onStatus(msg);
      return;
    }
    this.asked--;
    this.user.onMessage(msg, ack);
    if (this.asked === 0) this.turn ??= setImmediate(this.onTurn);
  }

  /** Handles what the server says about a pull. */
  private onStatus({ headers }: Received): void {
    const { code = 0, description = '' } = headers ?? {};
    const left = headers?.get(LEFT);
    if (code === 503 || /deleted|leadership|shutdown/i.test(description)) {
      this.break();
      return;
    }
    if (code !== 100 && !left) {
      this.break(new CodedError('SERVER', { reason: shown(`${code} ${description}`) }));
      return;
    }
    this.user.onHeard();
    if (code === 100) {
      this.user.onIdle();
      return;
    }
    this.asked -= Number(left);
    if (/exceeds maxbytes/i.test(description)) this.tooLargeAt = this.user.bytes;
    this.ask();
  }

  private onBeat(): void {
    if (this.asked <= 0) this.silentBeats = 0;
    else if (++this.silentBeats > MAX_SILENT_BEATS) this.break();
  }
}
