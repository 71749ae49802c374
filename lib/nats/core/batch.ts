import type { Received } from '../client/received';
import { decodeHeaders, type PlainHeaders } from '../message/headers';
import { payloadOf } from '../message/message';
import type { Output } from '../message/payload';

/** Several received messages as one: lists of equal length; `headers` and `replies` only if one message has them. */
export type ReceivedBatch = {
  topics: string[];
  payload: unknown[];
  headers?: (PlainHeaders | undefined)[];
  replies?: (string | undefined)[];
};

/** When a batch is full, whichever comes first. */
export interface BatchLimits {
  count: number;
  /** How long its first message waits. */
  ms: number;
}

/** The largest batch, not counting its last message, whatever its limits are. */
export const MAX_BATCH_BYTES = 8 * 1024 * 1024;

/** Gathers messages until the batch is full or its time is up. */
export class Batch {
  private batch: ReceivedBatch = { topics: [], payload: [] };
  private bytes = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly limits: BatchLimits,
    private readonly output: Output,
    private readonly deliver: (batch: ReceivedBatch) => void,
  ) {}

  /** Adds a message. Throws `BAD_JSON` if the output is JSON and the data is not, and leaves that message out. */
  add(msg: Received): void {
    const { batch } = this;
    const count = batch.payload.push(payloadOf(msg, this.output));
    batch.topics.push(msg.subject);
    const headers = decodeHeaders(msg.headers);
    if (headers) {
      batch.headers ??= [];
      batch.headers[count - 1] = headers;
    }
    const { reply } = msg;
    if (reply) {
      batch.replies ??= [];
      batch.replies[count - 1] = reply;
    }
    this.bytes += msg.size;
    if (count >= this.limits.count || this.bytes >= MAX_BATCH_BYTES) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), this.limits.ms);
  }

  /** Delivers the gathered messages now, if there are any. */
  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const { batch } = this;
    const { length } = batch.payload;
    if (length === 0) return;
    this.batch = { topics: [], payload: [] };
    this.bytes = 0;
    // No holes, which a flow's loop would skip.
    const { headers, replies } = batch;
    if (headers) batch.headers = Array.from({ length }, (_, index) => headers[index]);
    if (replies) batch.replies = Array.from({ length }, (_, index) => replies[index]);
    this.deliver(batch);
  }
}
