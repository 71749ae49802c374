import { CodedError } from '../../../coded-error';
import { writeHeaders } from '../../client/headers';
import type { Received } from '../../client/received';
import type { Connection } from '../../connection/connection';
import { jetStreamOf } from '../jetstream';
import type { Delivery } from './ack-subject';
import type { Consumed } from './consumed';
import { CONSUMER_TOLERANCE_MS, Consumer, type ConsumerInfo, isSameCreation, ownConsumerName } from './consumer';
import type { ConsumptionSettings, ConsumptionUser } from './consumption';
import { InFlight, type InFlightUser } from './in-flight';
import type { Reading } from './reading';

/** Reads messages that come again until they are acknowledged. */
export class AcknowledgedReading implements Reading, InFlightUser {
  readonly consumer: Consumer;
  private readonly inFlight: InFlight;
  /** Whether the consumer has existed, and whether the stream has since been made again or has lost messages. */
  private wasFound = false;
  private isStreamNew = false;
  /** Whether it was missing the last time. */
  private isMissing = false;
  /** The messages sent into the flow in this turn, which are done at its end. */
  private sent: Consumed[] = [];

  constructor(
    private readonly connection: Connection,
    private readonly settings: ConsumptionSettings,
    private readonly user: ConsumptionUser,
    readonly onRoom: () => boolean,
    readonly onUnheard: () => void,
  ) {
    const { stream, subjects, start, since, durable, mayTakeMs, giveUpAfter } = settings;
    this.consumer = new Consumer(
      {
        ...{ subjects, start, since },
        isAcknowledged: true,
        isDurable: durable !== undefined,
        stream: stream.name,
        name: durable ?? ownConsumerName(),
      },
      stream.api,
    );
    const options = { mayTakeMs, giveUpAfter, isAlone: durable === undefined };
    this.inFlight = new InFlight(jetStreamOf(connection).exchanges, options, this);
  }

  get room(): number {
    return this.settings.atOnce - this.inFlight.count;
  }

  get count(): number {
    return this.inFlight.count;
  }

  get bytes(): number {
    return this.inFlight.bytes;
  }

  async prepare(version: string | undefined): Promise<void> {
    const { consumer, wasFound } = this;
    const { isDurable, stream, name } = consumer.settings;
    const created = consumer.info?.created;
    if (this.inFlight.forgetAfter(this.settings.stream.end)) this.isStreamNew = true;
    this.inFlight.doubt();
    if (isDurable || wasFound) {
      await consumer.find().catch((error) => {
        if (error.code !== 'NO_CONSUMER') throw error;
        const wasMissing = this.isMissing;
        this.isMissing = true;
        // Somebody has deleted it, and where it was is not known here.
        if (isDurable && wasFound && !this.isStreamNew) throw error;
        // The server still removes the files of one that it no longer knows, and would remove those of the next one too.
        if (wasFound && !this.isStreamNew && !wasMissing) {
          throw new CodedError('NO_CONSUMER-again', { stream, consumer: name });
        }
        return this.make(version);
      });
      // Whether it is still there is only known by making it, which leaves one that is there as it is.
      if (!isDurable && !consumer.info) await this.make(version);
    } else await this.make(version);
    if (!isDurable && consumer.info) this.learnSent(consumer.info);
    // One that was missing in the meantime is another one, however soon it was made.
    const isSame = isSameCreation(created, consumer.info?.created, this.isMissing ? 0 : CONSUMER_TOLERANCE_MS);
    if (isDurable && !isSame) this.inFlight.forgetFinished();
    this.wasFound = true;
    this.isStreamNew = false;
    this.isMissing = false;
    this.inFlight.ackWaitMs = consumer.ackWaitMs;
    // A consumer of the node's own starts elsewhere when it is made again.
    if (isDurable) this.user.onDiffers(consumer.compare());
  }

  take(msg: Received, ack: string, delivery: Delivery): boolean {
    const consumed = this.inFlight.take(msg, ack, delivery);
    if (consumed) this.user.onMessage(msg, ack, delivery, consumed);
    return true;
  }

  idle(): void {}

  done(consumed: Consumed): void {
    if (this.sent.push(consumed) === 1) setImmediate(this.onSent);
  }

  forget(): void {
    this.isStreamNew = true;
    this.inFlight.forgetAfter(0);
  }

  emptied(): Promise<void> {
    return this.inFlight.emptied();
  }

  handBack(): string[] {
    this.sent = [];
    return this.inFlight.handBack();
  }

  together(publish: () => void): void {
    this.connection.together(publish);
  }

  onTimeout(consumed: Consumed): void {
    this.user.onTimeout(consumed);
  }

  onEnded(consumed: Consumed): void {
    this.user.onEnded(consumed);
  }

  onFailed(error: unknown): void {
    this.user.onError(error);
  }

  giveUp(consumed: Consumed, reason = this.user.reasonOf(consumed)): Promise<boolean> {
    const { msg, delivery, entered } = consumed;
    const { giveUpTo } = this.settings;
    if (!msg) return Promise.resolve(false);
    // A copy that is consumed again would be given up to the same subject, in an endless loop.
    if (!giveUpTo || msg.subject === giveUpTo) return Promise.resolve(this.user.onGivenUp(consumed, reason));
    const { stream, consumer, sequence, timeNs } = delivery;
    // The stream would act on its own headers again.
    const own = [...(msg.headers ?? [])].filter(([name]) => !/^nats-/i.test(name));
    const headers = writeHeaders([
      ...own,
      ['Nats-Gave-Up-Stream', [stream]],
      ['Nats-Gave-Up-Sequence', [String(sequence)]],
      ['Nats-Gave-Up-Subject', [msg.subject]],
      ['Nats-Gave-Up-Delivered', [String(entered)]],
      ['Nats-Gave-Up-Reason', [reason.replace(/[\r\n\0]+/g, ' ')]],
    ]);
    const id = `gave-up.${consumer}.${sequence}.${timeNs}`;
    return new Promise((resolve, reject) => {
      jetStreamOf(this.connection).storing.publish(
        { subject: giveUpTo, data: msg.data, headers, whenDown: 'hold', maxAgeMs: 0 },
        { id, isNew: false },
        (error) => {
          if (error === undefined) resolve(true);
          // With the added headers it is too large for the server.
          else if ((error as CodedError).code === 'MAX_PAYLOAD') resolve(this.user.onGivenUp(consumed, reason));
          else reject(error);
        },
      );
    });
  }

  private async make(version: string | undefined): Promise<void> {
    if (this.isStreamNew) await this.consumer.make(version, 1);
    else await this.consumer.make(version, this.wasFound ? this.inFlight.firstUnfinished : undefined);
  }

  private learnSent({ delivered, num_ack_pending }: ConsumerInfo): void {
    const { end = Number.POSITIVE_INFINITY } = this.settings.stream;
    if (delivered.consumer_seq === 0) this.inFlight.startAfter(delivered.stream_seq);
    // What the stream has lost since will be other messages.
    else this.inFlight.learnSent(Math.min(delivered.stream_seq, end), num_ack_pending === 0);
  }

  private readonly onSent = () => {
    const { sent } = this;
    this.sent = [];
    for (const consumed of sent) consumed.settle('done', { delayMs: 0 }, this.onDone);
  };

  private readonly onDone = (error: unknown) => {
    if (error !== undefined) this.user.onError(error);
  };
}
