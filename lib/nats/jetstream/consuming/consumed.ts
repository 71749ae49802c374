import type { Received } from '../../client/received';
import type { Delivery } from './ack-subject';
import { consumedMessages } from './consumed-messages';
import { Judged, type Verdict, type VerdictOptions } from './verdict';

/** What carries out the verdicts on consumed messages. */
export interface Judge {
  carryOut(consumed: Consumed, verdict: Verdict, options: VerdictOptions): void;
}

/** A consumed message, from its delivery until the server has confirmed a verdict. */
export class Consumed extends Judged {
  /** As the server sent it, until the verdict is confirmed. */
  msg: Received | undefined;
  readonly size: number;
  /** When it entered the flow, and when the server last knew that it is worked on; times of the monotonic clock. */
  readonly since = performance.now();
  toldAt = this.since;
  /** That of the message in the flow, if it is known. */
  id: string | undefined;
  /** Whether the message has been copied into memory of its own. */
  isKept = false;
  /** Its stream has been deleted, or has lost it. */
  isGone = false;
  /** The verdict as it is sent to the server, from when it is known until another delivery takes its place. */
  answer: Uint8Array | undefined;

  constructor(
    private readonly judge: Judge,
    msg: Received,
    ack: string,
    override delivery: Delivery,
    /** How often it has entered the flow, this time included. */
    readonly entered: number,
  ) {
    super(ack, delivery);
    this.msg = msg;
    this.size = msg.size;
    consumedMessages.add(delivery, this);
  }

  /** The server has delivered it again; its old handles still lead to it. */
  renew(ack: string, delivery: Delivery): void {
    this.formerDeliveries ??= [];
    this.formerDeliveries.push(this.delivery);
    this.delivery = delivery;
    this.ack = ack;
    consumedMessages.add(delivery, this);
  }

  /** The server has confirmed the verdict, or it has failed. */
  end(error?: unknown): void {
    this.msg = undefined;
    this.onSettled(error);
  }

  protected override onEnded(): void {
    consumedMessages.end(this.delivery, this);
    if (this.formerDeliveries) for (const delivery of this.formerDeliveries) consumedMessages.end(delivery, this);
  }

  protected override carryOut(verdict: Verdict, options: VerdictOptions): void {
    this.judge.carryOut(this, verdict, options);
  }
}
