import { setTimeout as delay } from 'node:timers/promises';
import { Empty } from 'nats';
import { CodedError } from '../../../coded-error';
import { within } from '../../../within';
import type { Received } from '../../client/received';
import type { Connection } from '../../connection/connection';
import type { Attachment, Link } from '../../core/link';
import { retryWaitMs } from '../../core/retry-wait';
import { NS_PER_MS } from '../api';
import type { Stream } from '../stream';
import { type Delivery, readAckSubject } from './ack-subject';
import { AcknowledgedReading } from './acknowledged-reading';
import { again } from './acknowledgement';
import type { Consumed } from './consumed';
import { type ConsumerSettings, isAtLeast, isSameCreation } from './consumer';
import { OrderedReading } from './ordered-reading';
import { HEARTBEAT_MS, Pulls, type PullsUser } from './pulls';
import type { Reading } from './reading';

/** When a message is done: when the flow says so, when it has been sent into the flow, or it is not acknowledged. */
export const ACK = ['explicit', 'sent', 'none'] as const;

/** How messages are consumed. */
export interface ConsumptionSettings extends Pick<ConsumerSettings, 'subjects' | 'start' | 'since' | 'headersOnly'> {
  stream: Stream;
  /** The name of a consumer that others may share; without one, the consumer is its own and goes with it. */
  durable?: string | undefined;
  ack: (typeof ACK)[number];
  /** How many messages may be in the flow at once. */
  atOnce: number;
  /** How long a message may be in the flow, in milliseconds. */
  mayTakeMs: number;
  /** How often a message may enter the flow; 0: no limit. */
  giveUpAfter: number;
  /** The subject under which a message is stored that is given up; without one, the user gets it. */
  giveUpTo?: string | undefined;
}

/** Receives what is consumed. */
export interface ConsumptionUser {
  /** A message enters the flow. `ack` is its handle; `consumed` is missing if it is not acknowledged. */
  onMessage(msg: Received, ack: string, delivery: Delivery, consumed: Consumed | undefined): void;
  /** A message is no longer in the flow. */
  onEnded(consumed: Consumed): void;
  /** A message has been in the flow for too long; the server delivers it again. */
  onTimeout(consumed: Consumed): void;
  /** A message is given up. Returns whether anything has taken it; if not, it is delivered again. */
  onGivenUp(consumed: Consumed, reason: string): boolean;
  /** Why a message is given up that has entered the flow too often. */
  reasonOf(consumed: Consumed): string;
  /** Without acknowledgement: all that was there at the beginning has entered the flow. Called once. */
  onCaughtUp?(): void;
  /**
   * Without acknowledgement: all is read again, because the stream is another one or has lost messages; then, with
   * `isOver`, all that is there has been.
   */
  onAgain?(isOver: boolean): void;
  /** Why nothing is consumed, or `undefined` once it is. */
  onTrouble(error: CodedError | undefined): void;
  /** `CONSUMER_DIFFERS`: the consumer is not as the settings say, but can be used. */
  onDiffers(error: CodedError | undefined): void;
  /** An error of a message that no node waits for. */
  onError(error: unknown): void;
  /** The numbers of messages have changed. */
  onCounts(): void;
}

/** The handlers of a user whose messages are not acknowledged, which have nothing to do then. */
export const NOT_ACKNOWLEDGED = {
  onEnded: () => {},
  onTimeout: () => {},
  onGivenUp: () => false,
  reasonOf: () => '',
  onDiffers: () => {},
  onError: () => {},
  onCounts: () => {},
};

/** The most bytes of all messages in the flow. */
const MAX_BYTES = 64 * 1024 * 1024;

/** How long the flow may take for its verdicts when the consumption ends. Node-RED allows a node 15 s to close. */
const VERDICTS_MS = 10_000;

/** How long the server may take to confirm the end. */
const END_MS = 1500;

/** Somebody may make a missing stream at any time, so the waits for it do not grow beyond those of so many attempts. */
const MAX_MISSED = 2;

/** Consumes the messages of a stream over all connections, until it is closed. */
export class Consumption implements Attachment, PullsUser {
  private readonly reading: Reading;
  private link: Link | undefined;
  /** Resolves when the link has ended. */
  private detached = Promise.resolve();
  private onDetached: (() => void) | undefined;
  private pulls: Pulls | undefined;
  /** Counts the starts, so that only the last one goes on. */
  private starts = 0;
  private failures = 0;
  private retry: NodeJS.Timeout | undefined;
  /** When the stream was made. */
  private streamCreated: string | undefined;
  /** The consumer does not answer, and whether it exists is not known. */
  private isSilent = false;
  private isClosing = false;
  private onEnd: (() => void) | undefined;
  private readonly unuse: () => void;
  private leaving: Promise<void> | undefined;
  /** What was in the flow when it was cut off. */
  private left: string[] = [];
  /** When the server has noticed that the pulls have ended. */
  private quietAt = 0;
  /** How many messages waited behind the last one. */
  waiting = 0;

  constructor(
    private readonly connection: Connection,
    private readonly settings: ConsumptionSettings,
    private readonly user: ConsumptionUser,
  ) {
    const onRoom = () => {
      const hasAsked = this.pulls?.ask() ?? false;
      user.onCounts();
      return hasAsked;
    };
    this.reading =
      settings.ack === 'none'
        ? new OrderedReading(connection, settings, user, onRoom)
        : new AcknowledgedReading(connection, settings, user, onRoom, () => this.onUnheard());
    this.unuse = connection.use(this);
  }

  /** How many messages are in the flow. */
  get count(): number {
    return this.reading.count;
  }

  get room(): number {
    return this.reading.room;
  }

  get bytes(): number {
    return this.reading.bytes;
  }

  /** With `sent`: a message has been sent into the flow. */
  done(consumed: Consumed): void {
    this.reading.done(consumed);
  }

  attach(link: Link): void {
    this.link = link;
    this.detached = new Promise((resolve) => {
      this.onDetached = resolve;
    });
    this.failures = 0;
    // Requests are possible when everything has been attached.
    queueMicrotask(() => void this.start());
  }

  detach(): void {
    this.link = undefined;
    this.onDetached?.();
    this.stop();
  }

  /** The connection closes, together with the nodes that use it. */
  async settled(): Promise<void> {
    if (!this.isClosing) return;
    this.onEnd?.();
    await this.leave();
  }

  end(): void {
    this.onEnd?.();
  }

  /**
   * Ends the consumption: waits for verdicts, unless the flow `isCutOff`, and hands the other messages back to the
   * server. Resolves within 15 s.
   */
  async close(isCutOff: boolean): Promise<void> {
    this.isClosing = true;
    const drained = this.pulls?.drain();
    this.pulls = undefined;
    this.stop();
    this.quietAt = performance.now() + 1.1 * HEARTBEAT_MS;
    if (isCutOff) this.left = this.reading.handBack();
    const ended = new Promise<void>((resolve) => {
      this.onEnd = resolve;
    });
    if (!isCutOff) await within(VERDICTS_MS, Promise.race([this.reading.emptied(), ended]));
    if (drained) await within(END_MS, drained);
    await this.leave();
    this.unuse();
  }

  onMessage(msg: Received, ack: string): void {
    const delivery = readAckSubject(ack);
    if (!delivery) return;
    if (this.isClosing) {
      this.pass(ack);
      return;
    }
    this.onHeard();
    this.waiting = delivery.pending;
    if (!this.reading.take(msg, ack, delivery)) void this.start();
    this.user.onCounts();
  }

  onAccepted(): void {
    if (!this.isSilent) this.user.onTrouble(undefined);
  }

  onHeard(): void {
    this.failures = 0;
    if (!this.isSilent) return;
    this.isSilent = false;
    this.user.onTrouble(undefined);
  }

  onIdle(): void {
    this.reading.idle();
  }

  onBroken(error?: CodedError): void {
    this.pulls = undefined;
    if (error) this.user.onTrouble(error);
    if (error || this.failures > 0) this.startLater();
    else {
      this.failures++;
      void this.start(true);
    }
  }

  /** The consumer has not answered to a verdict. */
  private onUnheard(): void {
    if (!this.pulls) return;
    this.pulls.end();
    this.onBroken();
  }

  private stop(): void {
    this.starts++;
    clearTimeout(this.retry);
    this.pulls?.end();
    this.pulls = undefined;
  }

  private startLater(longest = Number.POSITIVE_INFINITY): void {
    const waitMs = retryWaitMs(Math.min(this.failures++, longest));
    this.retry = setTimeout(() => void this.start(true), waitMs);
  }

  /** Finds or makes the consumer, and pulls. `isBroken`: the pull before has failed. */
  private async start(isBroken = false): Promise<void> {
    const { link } = this;
    if (!link || this.isClosing) return;
    this.stop();
    const start = this.starts;
    let error: CodedError | undefined;
    try {
      await this.prepare();
    } catch (caught) {
      error = caught as CodedError;
    }
    if (start !== this.starts) return;
    if (error) {
      this.user.onTrouble(error);
      this.startLater(error.code === 'NO_STREAM' ? MAX_MISSED : undefined);
      return;
    }
    const { consumer } = this.reading;
    if (isBroken && !consumer.info) {
      this.isSilent = true;
      const { stream, name } = consumer.settings;
      this.user.onTrouble(new CodedError('NO_CONSUMER-silent', { stream, consumer: name }));
    }
    this.pull(link);
  }

  private async prepare(): Promise<void> {
    const { stream, start } = this.settings;
    const { info } = await stream.ensure().catch((error) => {
      // All that a stream has is new if it is made later.
      if (error.code === 'NO_STREAM' && start === 'new' && !this.streamCreated) this.reading.forget();
      throw error;
    });
    if (info) {
      const isAnother = this.streamCreated !== undefined && !isSameCreation(this.streamCreated, info.created);
      if (isAnother) this.reading.forget();
      this.streamCreated = info.created;
    }
    await this.reading.prepare(this.connection.server?.version);
  }

  private pull(link: Link): void {
    const { atOnce } = this.settings;
    const { consumer } = this.reading;
    const { max_batch, max_expires } = consumer.info?.config ?? {};
    const largest = this.connection.server?.max_payload ?? MAX_BYTES;
    this.pulls = new Pulls(
      this.connection,
      link,
      {
        subject: consumer.pullSubject,
        maxBatch: max_batch || Number.POSITIVE_INFINITY,
        maxExpiresMs: max_expires ? max_expires / NS_PER_MS : Number.POSITIVE_INFINITY,
        maxBytes: atOnce * largest > MAX_BYTES ? MAX_BYTES : 0,
        least: Math.ceil(atOnce / 4),
      },
      this,
    );
    // Nothing has been asked for.
    if (this.room <= 0) this.onAccepted();
  }

  /** Hands back a message that has not entered the flow. */
  private pass(ack: string): void {
    if (this.settings.ack !== 'none') this.write(ack, again(0));
  }

  /** Hands back what is still in the flow, and deletes a consumer of the node's own. */
  private leave(): Promise<void> {
    this.leaving ??= this.handBack();
    return this.leaving;
  }

  private async handBack(): Promise<void> {
    const { link } = this;
    // Older servers would first hand a message to a pull that has ended, and lose it until the ack wait is over.
    if (
      this.settings.durable &&
      this.count + this.left.length > 0 &&
      link &&
      !isAtLeast(this.connection.server?.version, '2.10')
    ) {
      await delay(this.quietAt - performance.now());
    }
    for (const ack of [...this.left, ...this.reading.handBack()]) this.pass(ack);
    if (!link) return;
    if (!this.settings.durable) this.write(this.reading.consumer.deleteSubject, Empty);
    const answered = new Promise<void>((pong) => link.ping(pong));
    await within(END_MS, Promise.race([answered, this.detached]));
  }

  /** Writes directly to the server: while the connection closes, it takes no other messages. */
  private write(subject: string, data: Uint8Array): void {
    try {
      this.link?.publish({ subject, data }, data.length);
    } catch {
      // The server knows that it has gone when it is no longer heard of.
    }
  }
}
