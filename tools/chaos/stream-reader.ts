import { DeliverPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from 'nats';

const LARGEST_FETCH = 1000;

/** Reads a stream bit by bit, each message once. */
export class StreamReader {
  private next = 1;

  constructor(private readonly stream: string) {}

  /** Reads what has been stored since the last time. */
  async read(peer: NatsConnection, onMessage: (subject: string, data: Uint8Array) => void): Promise<void> {
    const { state } = await (await jetstreamManager(peer)).streams.info(this.stream);
    if (state.last_seq < this.next || state.messages === 0) return;
    const consumer = await jetstream(peer).consumers.get(this.stream, {
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: this.next,
    });
    while (this.next <= state.last_seq) {
      const messages = await consumer.fetch({ max_messages: Math.min(LARGEST_FETCH, state.last_seq + 1 - this.next) });
      for await (const { seq, subject, data } of messages) {
        this.next = seq + 1;
        onMessage(subject, data);
      }
    }
    await consumer.delete();
  }

  /** The stream was deleted, and another one has its name. */
  startAnew(): void {
    this.next = 1;
  }
}
