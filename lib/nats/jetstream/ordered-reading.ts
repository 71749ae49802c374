import type { Msg } from 'nats';
import type { Connection } from '../connection/connection';
import type { Delivery } from './ack-subject';
import { Consumer, type ConsumerSettings, ownName } from './consumer';
import type { ConsumptionSettings, ConsumptionUser } from './consumption';
import type { Reading } from './reading';

const NOTHING = new Uint8Array(0);

/**
 * Reads messages in order without acknowledging them. Each connection gets a new consumer, which begins after the last
 * message that was read, so a message that is lost on its way is read again.
 */
export class OrderedReading implements Reading {
  consumer: Consumer;
  /** The last message in the stream that was read; `undefined` before a consumer has been made. */
  private last: number | undefined;
  private lastOfConsumer = 0;
  private turn: NodeJS.Immediate | undefined;
  count = 0;

  constructor(
    private readonly connection: Connection,
    private readonly settings: ConsumptionSettings,
    private readonly user: Pick<ConsumptionUser, 'onMessage'>,
    private readonly onRoom: () => void,
  ) {
    this.consumer = this.newConsumer();
  }

  get room(): number {
    return this.settings.atOnce - this.count;
  }

  /** Those that have been read belong to the flow. */
  get bytes(): number {
    return 0;
  }

  async prepare(version: string | undefined): Promise<void> {
    if (this.last !== undefined) {
      const { deleteSubject: subject } = this.consumer;
      // The server deletes it some time later anyway.
      const request = { subject, data: NOTHING, confirm: true, whenDown: 'fail', maxAgeMs: 0 } as const;
      this.connection.publish(request, () => {});
      this.consumer = this.newConsumer();
    }
    this.lastOfConsumer = 0;
    await this.consumer.make(version, this.last === undefined ? undefined : this.last + 1);
    this.last ??= this.consumer.info?.delivered.stream_seq ?? 0;
  }

  take(msg: Msg, ack: string, delivery: Delivery): boolean {
    const { consumer, consumerSequence, sequence } = delivery;
    // One of the previous consumer may still arrive.
    if (consumer !== this.consumer.name || consumerSequence !== this.lastOfConsumer + 1) return false;
    this.lastOfConsumer = consumerSequence;
    this.last = sequence;
    this.count++;
    this.turn ??= setImmediate(this.onTurn);
    this.user.onMessage(msg, ack, delivery, undefined);
    return true;
  }

  done(): void {}

  forget(): void {
    this.last = 0;
  }

  emptied(): Promise<void> {
    return Promise.resolve();
  }

  handBack(): string[] {
    return [];
  }

  private readonly onTurn = () => {
    this.turn = undefined;
    this.count = 0;
    this.onRoom();
  };

  private newConsumer(): Consumer {
    const { stream, subjects, start, since } = this.settings;
    const settings: ConsumerSettings = {
      ...{ subjects, start, since, isDurable: false, isAcknowledged: false },
      stream: stream.name,
      name: ownName(),
    };
    return new Consumer(settings, stream.api);
  }
}
