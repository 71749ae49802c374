import { Empty } from 'nats';
import type { CodedError } from '../../../coded-error';
import type { Received } from '../../client/received';
import type { Connection } from '../../connection/connection';
import { type Delivery, isLater } from './ack-subject';
import { Consumer, type ConsumerSettings, ownConsumerName } from './consumer';
import type { ConsumptionSettings, ConsumptionUser } from './consumption';
import type { Reading } from './reading';

/** How often the end of the stream is looked up: messages may be stored as fast as they are read. */
const MAX_LOOKS = 10;

/**
 * Reads messages in order without acknowledging them. Each connection gets a new consumer, which begins with the
 * last message that was read, so a message that is lost on its way is read again. One that begins with the last message of
 * each subject does so again until it has caught up, and leaves out what has been read.
 */
export class OrderedReading implements Reading {
  consumer: Consumer;
  /** The last message in the stream that was read; `undefined` before a consumer has been made. */
  private last: number | undefined;
  private lastOfConsumer = 0;
  /** When that message was stored; empty if none has been read. */
  private lastNs = '';
  private hasCaughtUp = false;
  /** How many messages were there when the consumer was made, as the server counted them, and the last one of the stream. */
  private end: number | undefined;
  private lastBefore = 0;
  /** Up to here the stream is read before all counts as read. */
  private until: number | undefined;
  private isLooking = false;
  private looks = 0;
  /** Whether everything that is there is read again. */
  private isAgain = false;
  /** The subjects of the requests to delete earlier consumers, until the server has taken them. */
  private readonly left = new Set<string>();
  private turn: NodeJS.Immediate | undefined;
  count = 0;

  constructor(
    private readonly connection: Connection,
    private readonly settings: ConsumptionSettings,
    private readonly user: Pick<ConsumptionUser, 'onMessage' | 'onCaughtUp' | 'onAgain'>,
    private readonly onRoom: () => void,
  ) {
    this.consumer = this.newConsumer();
  }

  get room(): number {
    return this.settings.atOnce - this.count;
  }

  /** None: messages that have been read belong to the flow. */
  get bytes(): number {
    return 0;
  }

  async prepare(version: string | undefined): Promise<void> {
    if (this.last !== undefined) {
      this.left.add(this.consumer.deleteSubject);
      this.consumer = this.newConsumer();
    }
    this.deleteLeft();
    this.lastOfConsumer = 0;
    this.lastBefore = this.settings.stream.info?.state.last_seq ?? 0;
    const { first, last = 0 } = this;
    await this.consumer.make(version, first);
    if ((this.settings.stream.end ?? last) < last || this.beginsBefore(first)) {
      this.forget();
      await this.prepare(version);
      return;
    }
    const { delivered, num_pending } = this.consumer.info ?? {};
    this.last ??= delivered?.stream_seq ?? 0;
    this.end = num_pending;
    this.until = undefined;
    this.looks = 0;
    if (num_pending === 0) this.catchUp();
  }

  take(msg: Received, ack: string, delivery: Delivery): boolean {
    const { consumer, consumerSequence, sequence, timeNs } = delivery;
    // One of the previous consumer may still arrive.
    if (consumer !== this.consumer.name || consumerSequence !== this.lastOfConsumer + 1) return false;
    const { last = 0 } = this;
    const isAnother = sequence === last ? timeNs !== this.lastNs : sequence < last && isLater(timeNs, this.lastNs);
    if (isAnother) {
      // The stream has lost messages that were read, and has given their sequences to new ones.
      this.forget();
      return false;
    }
    this.lastOfConsumer = consumerSequence;
    if (sequence > last) {
      this.last = sequence;
      this.lastNs = timeNs;
      this.count++;
      this.turn ??= setImmediate(this.onTurn);
      this.user.onMessage(msg, ack, delivery, undefined);
    }
    if (!this.hasCaughtUp || this.isAgain) this.lookForEnd(delivery);
    return true;
  }

  idle(): void {
    if (this.last !== undefined) this.catchUp();
  }

  done(): void {}

  forget(): void {
    if (this.last) {
      this.isAgain = true;
      this.user.onAgain?.(false);
    }
    this.last = 0;
    this.lastNs = '';
  }

  emptied(): Promise<void> {
    return Promise.resolve();
  }

  handBack(): string[] {
    return [];
  }

  /**
   * The sequence with which the next consumer begins; `undefined`: where the settings say. That of the last message read
   * comes again, to see that it is still that one.
   */
  private get first(): number | undefined {
    const { last, lastNs } = this;
    const isRepeated = this.settings.start === 'last' && !this.hasCaughtUp;
    if (last === undefined || isRepeated) return undefined;
    return lastNs ? last : last + 1;
  }

  /**
   * Whether the consumer begins before `first`, because the stream is shorter. Up to version 2.10 it says so, even to a
   * user who may not see the stream. Of a cluster the server that answers may only be behind.
   */
  private beginsBefore(first = 0): boolean {
    const { delivered, cluster } = this.consumer.info ?? {};
    return !cluster && delivered !== undefined && delivered.stream_seq < first - 1;
  }

  /** The server would delete them as well, but some time later. */
  private deleteLeft(): void {
    for (const subject of this.left) {
      const request = { subject, data: Empty, confirm: true, whenDown: 'fail', maxAgeMs: 0 } as const;
      this.connection.publish(request, (error) => {
        if (error === undefined || (error as CodedError).code === 'PERMISSION') this.left.delete(subject);
      });
    }
  }

  /**
   * The consumer's own count says only when to look: the server miscounts a message that is replaced before it is
   * delivered. All that was stored after the consumer was made must arrive, too.
   */
  private lookForEnd({ pending, consumerSequence }: Delivery): void {
    const { end, until, last = 0 } = this;
    const isDue = until === undefined ? pending === 0 || consumerSequence >= (end ?? 0) : last >= until;
    if (!isDue || this.isLooking) return;
    this.isLooking = true;
    this.settings.stream.ensure().then(
      ({ info }) => this.onLook(info?.state.last_seq),
      ({ code }: CodedError) => {
        this.isLooking = false;
        // Nothing is left to read.
        if (code === 'NO_STREAM') this.catchUp();
      },
    );
  }

  private onLook(lastOfStream: number | undefined): void {
    this.isLooking = false;
    this.looks++;
    const { last = 0 } = this;
    // Without the right to see the stream there is only the count.
    const isThere = lastOfStream === undefined || lastOfStream <= Math.max(last, this.lastBefore);
    if (isThere || this.looks === MAX_LOOKS) this.catchUp();
    else this.until = lastOfStream;
  }

  private catchUp(): void {
    if (this.isAgain) {
      this.isAgain = false;
      this.user.onAgain?.(true);
    }
    if (this.hasCaughtUp) return;
    this.hasCaughtUp = true;
    this.user.onCaughtUp?.();
  }

  private readonly onTurn = () => {
    this.turn = undefined;
    this.count = 0;
    this.onRoom();
  };

  private newConsumer(): Consumer {
    const { stream, subjects, start, since, headersOnly } = this.settings;
    const settings: ConsumerSettings = {
      ...{ subjects, start, since, headersOnly, isDurable: false, isAcknowledged: false },
      stream: stream.name,
      name: ownConsumerName(),
    };
    return new Consumer(settings, stream.api);
  }
}
