import type { Msg } from 'nats';
import { sizeOf } from '../../client/received';
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
  msg: Msg | undefined;
  readonly size: number;
  /** When it entered the flow, and when the server last knew that it is worked on; times of the monotonic clock. */
  readonly since = performance.now();
  toldAt = this.since;
  /** That of the message in the flow, if it is known. */
  id: string | undefined;
  /** Whether the message has been copied into memory of its own. */
  isKept = false;
  /** Its stream has been deleted. */
  isGone = false;
  /** The verdict as it is sent to the server, once it is known. */
  answer: Uint8Array | undefined;
  private formerAcks: string[] | undefined;

  constructor(
    private readonly judge: Judge,
    msg: Msg,
    ack: string,
    readonly delivery: Delivery,
    /** How often it has entered the flow, this time included. */
    readonly entered: number,
  ) {
    super(ack);
    this.msg = msg;
    this.size = sizeOf(msg);
    consumedMessages.add(ack, this);
  }

  /** The server has delivered it again; its old handles still lead to it. */
  renew(ack: string): void {
    this.formerAcks ??= [];
    this.formerAcks.push(this.ack);
    this.ack = ack;
    consumedMessages.add(ack, this);
  }

  /** The server has confirmed the verdict, or it has failed. */
  end(error?: unknown): void {
    this.msg = undefined;
    this.onSettled(error);
  }

  protected override onEnded(): void {
    consumedMessages.end(this.ack, this);
    if (this.formerAcks) for (const ack of this.formerAcks) consumedMessages.end(ack, this);
  }

  protected override carryOut(verdict: Verdict, options: VerdictOptions): void {
    this.judge.carryOut(this, verdict, options);
  }
}
