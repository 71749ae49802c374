import { CodedError } from '../../../coded-error';
import { Received } from '../../client/received';
import type { Exchanges } from '../exchanges';
import { type Delivery, isLater } from './ack-subject';
import { Acknowledgement, AGAIN, again, againAfterMs, DONE, GIVEN_UP, verdictOn, WORKING } from './acknowledgement';
import { Consumed, type Judge } from './consumed';
import { ReceivedSequences } from './received-sequences';
import type { Verdict, VerdictOptions } from './verdict';

/** What handles the messages in the flow. */
export interface InFlightUser {
  /** There is room for more messages. Returns whether that is told to the server now. */
  onRoom(): boolean;
  /** Writes together what `publish` publishes. */
  together(publish: () => void): void;
  /** The server does not know the consumer, or not at the moment. */
  onUnheard(): void;
  /** A message got no verdict in time; it is delivered again. */
  onTimeout(consumed: Consumed): void;
  /** The server has confirmed the verdict on a message, or another one has it now. */
  onEnded(consumed: Consumed): void;
  /** Hands over a message that is given up. Resolves with whether that was possible; if not, it is delivered again. */
  giveUp(consumed: Consumed, reason: string | undefined): Promise<boolean>;
  /** A verdict that no node waits for has failed. */
  onFailed(error: unknown): void;
}

/** How messages in the flow are treated. */
export interface InFlightOptions {
  /** How long a message may stay in the flow, in milliseconds. */
  mayTakeMs: number;
  /** How often a message may enter the flow; 0: no limit. */
  giveUpAfter: number;
  /** Whether the consumer is the node's own. */
  isAlone: boolean;
}

/** How often the messages in the flow are looked through, in milliseconds. */
const LOOK_MS = 500;

/** The part of the server's ack wait after which it is told that a message is still being worked on. */
const WORKING_PART = 1 / 3;

/** The most verdicts that one answer confirms. */
const LARGEST_GROUP = 256;

/** How long a verdict may wait for others, in milliseconds: a write for each turn of the event loop would cost most. */
const GATHERING_MS = 1;

/** How long it is doubted whether the server knows the last verdicts, and how many of them are looked up. */
const DOUBT_MS = 60_000;
const MAX_FINISHED = 8192;

/** When a message that is given up, but that nothing takes, is delivered again, in milliseconds. */
const UNTAKEN_MS = 60_000;

/**
 * The messages of one consumer that are in the flow, each once, however often the server delivers it. The server is
 * told from time to time that they are still being worked on, until their time is up.
 */
export class InFlight implements Judge {
  /** By their sequences, oldest first; also those whose verdict the server has not confirmed yet. */
  private readonly all = new Map<number, Consumed>();
  /** With a consumer of the node's own: how often the messages to be delivered again have entered the flow. */
  private readonly comingAgain = new Map<number, number>();
  private readonly received = new ReceivedSequences();
  /** When the latest message was stored that has been taken. */
  private latestNs = '';
  /**
   * With a consumer of the node's own: all messages up to this sequence are finished, except for those in the flow, those
   * to be delivered again, and those that may have been lost on their way.
   */
  private finishedUpTo = 0;
  /** With a shared consumer: the sequences finished last, and until when they are looked up. */
  private finished = new Set<number>();
  private finishedBefore = new Set<number>();
  private doubtUntil = 0;
  /** The messages whose verdicts are about to be sent, and the groups that have been. */
  private judged: Consumed[] = [];
  private gathering: NodeJS.Timeout | undefined;
  private turn: NodeJS.Immediate | undefined;
  private readonly groups = new Set<Acknowledgement>();
  private look: NodeJS.Timeout | undefined;
  private onEmpty: (() => void) | undefined;
  /** How many messages wait for a verdict, and their bytes. */
  count = 0;
  bytes = 0;
  /** After this time the server delivers a message again that is not acknowledged, in milliseconds. */
  ackWaitMs = 30_000;

  constructor(
    private readonly exchanges: Exchanges,
    private readonly options: InFlightOptions,
    private readonly user: InFlightUser,
  ) {}

  /**
   * Takes a message that the server has delivered. Returns it if it is to enter the flow: not if it is there already,
   * or if its verdict has been given. One that has entered the flow too often is given up.
   */
  take(msg: Received, ack: string, delivery: Delivery): Consumed | undefined {
    const { sequence, timeNs } = delivery;
    if (this.options.isAlone) this.received.follow(delivery.consumerSequence);
    // One behind all others has not been taken.
    if (sequence <= this.received.highest && this.hasTaken(ack, delivery)) return undefined;
    if (isLater(timeNs, this.latestNs)) this.latestNs = timeNs;
    const { giveUpAfter } = this.options;
    const before = Math.max(delivery.delivered - 1, this.comingAgain.get(sequence) ?? 0);
    const isGivenUp = giveUpAfter > 0 && before >= giveUpAfter;
    const consumed = new Consumed(this, msg, ack, delivery, isGivenUp ? before : before + 1);
    this.all.set(sequence, consumed);
    this.count++;
    this.bytes += consumed.size;
    this.received.add(sequence, delivery.delivered === 1);
    this.look ??= setTimeout(this.lookThrough, this.lookMs);
    if (!isGivenUp) return consumed;
    consumed.settle('giveUp', { delayMs: 0 }, this.onUnawaited);
    return undefined;
  }

  carryOut(consumed: Consumed, verdict: Verdict, { delayMs, reason }: VerdictOptions): void {
    if (consumed.isGone) consumed.end(noStream(consumed));
    else if (verdict === 'giveUp' && consumed.isOpen) this.giveUp(consumed, reason);
    else if (verdict === 'giveUp') this.acknowledge(consumed, GIVEN_UP);
    else {
      if (consumed.isOpen) this.release(consumed);
      this.acknowledge(consumed, verdict === 'done' ? DONE : again(this.delayMs(consumed, delayMs)));
    }
  }

  /**
   * The server may not know the last verdicts, which it stores some time after confirming them: what is finished is not
   * to enter the flow again. And what it has sent last may not have arrived.
   */
  doubt(): void {
    if (this.options.isAlone) {
      this.finishedUpTo = this.received.highest;
      this.received.doubt();
    } else this.doubtUntil = performance.now() + DOUBT_MS;
  }

  /** The lowest sequence that is not finished: where the consumer begins if it is made again. */
  get firstUnfinished(): number {
    let first = this.received.firstMissing;
    for (const sequence of this.all.keys()) first = Math.min(first, sequence);
    for (const sequence of this.comingAgain.keys()) first = Math.min(first, sequence);
    return first;
  }

  /** With a consumer of the node's own: see `ReceivedSequences.learnSent`. */
  learnSent(sequence: number, isSettled: boolean): void {
    this.received.learnSent(sequence, isSettled);
  }

  /** What is stored up to this sequence is not consumed. */
  startAfter(sequence: number): void {
    this.received.startAfter(sequence);
  }

  /**
   * Forgets the messages after the last one of the stream, `end`: the stream has lost them, and gives their sequences to
   * new messages. 0: it has been deleted. Returns whether it had any messages there.
   */
  forgetAfter(end = Number.POSITIVE_INFINITY): boolean {
    if (end >= this.received.highest) return false;
    const gone = [...this.all.values()].filter(({ delivery }) => delivery.sequence > end);
    for (const consumed of gone) {
      consumed.isGone = true;
      this.all.delete(consumed.delivery.sequence);
      this.user.onEnded(consumed);
      if (isInFlow(consumed)) this.release(consumed);
    }
    const judged = this.judged.filter(({ isGone }) => isGone);
    this.judged = this.judged.filter(({ isGone }) => !isGone);
    for (const consumed of judged) consumed.end(noStream(consumed));
    // A group may also contain messages that the stream still has.
    if (end === 0) this.withdrawGroups(gone);
    for (const sequence of this.comingAgain.keys()) if (sequence > end) this.comingAgain.delete(sequence);
    for (const finished of [this.finished, this.finishedBefore]) {
      for (const sequence of finished) if (sequence > end) finished.delete(sequence);
    }
    this.received.forgetAfter(end);
    this.finishedUpTo = Math.min(this.finishedUpTo, end);
    if (this.all.size === 0) this.onEmpty?.();
    return true;
  }

  private withdrawGroups([first]: Consumed[]): void {
    const { stream = '' } = first?.delivery ?? {};
    for (const group of [...this.groups])
      this.exchanges.withdraw(group, new CodedError('NO_STREAM-deleted', { stream }));
  }

  /** The name belongs to a new consumer, which may deliver finished messages again. */
  forgetFinished(): void {
    this.finished.clear();
    this.finishedBefore.clear();
  }

  /** Resolves when the server has confirmed verdicts on all messages. */
  emptied(): Promise<void> {
    return new Promise((resolve) => {
      this.onEmpty = resolve;
      if (this.all.size === 0) resolve();
    });
  }

  /** Ends the messages without a verdict, so that other consumers get them. Returns their handles. */
  handBack(): string[] {
    clearTimeout(this.look);
    this.sendJudged();
    const left = [...this.all.values()].filter(isInFlow);
    for (const consumed of left) {
      consumed.lateness = 'closed';
      consumed.verdict = 'again';
      this.release(consumed);
      this.all.delete(consumed.delivery.sequence);
      consumed.end();
      this.user.onEnded(consumed);
    }
    return left.map(({ ack }) => ack);
  }

  /** Whether a message is in the flow already, or finished, which the server is told again. */
  private hasTaken(ack: string, delivery: Delivery): boolean {
    const { sequence, timeNs } = delivery;
    const known = this.all.get(sequence);
    const isFinished = !known && this.isFinished(sequence);
    const isAnother = known ? known.delivery.timeNs !== timeNs : isFinished && isLater(timeNs, this.latestNs);
    if (isAnother) {
      // The stream has lost messages that were taken, and has given their sequences to new ones.
      this.forgetAfter(sequence - 1);
      return false;
    }
    if (known?.answer === AGAIN && !this.judged.includes(known)) {
      // The server has taken the verdict, and its confirmation is still on its way.
      this.onAcknowledged(known, undefined);
      known.answer = undefined;
      return false;
    }
    if (known) known.renew(ack, delivery);
    else if (isFinished) this.exchanges.send(new Acknowledgement(verdictOn(ack, DONE), () => {}));
    else return false;
    return true;
  }

  private giveUp(consumed: Consumed, reason: string | undefined): void {
    this.user.giveUp(consumed, reason).then(
      (isPossible) => this.endGivenUp(consumed, isPossible ? GIVEN_UP : again(UNTAKEN_MS)),
      (error) => {
        this.endGivenUp(consumed, again(UNTAKEN_MS));
        consumed.end(error);
      },
    );
  }

  private endGivenUp(consumed: Consumed, data: Uint8Array): void {
    this.release(consumed);
    if (consumed.isGone) consumed.end(noStream(consumed));
    else this.acknowledge(consumed, data);
  }

  /** The message no longer counts as in the flow. */
  private release(consumed: Consumed): void {
    this.count--;
    this.bytes -= consumed.size;
  }

  /** Verdicts go out together, and the answer to the last one confirms them all. */
  private acknowledge(consumed: Consumed, answer: Uint8Array): void {
    consumed.answer = answer;
    this.turn ??= setImmediate(this.onTurn);
    this.gathering ??= setTimeout(this.sendJudged, GATHERING_MS);
    if (this.judged.push(consumed) >= LARGEST_GROUP) this.sendJudged();
  }

  private readonly onTurn = () => {
    this.turn = undefined;
    this.user.together(() => {
      if (this.user.onRoom()) this.sendJudged();
    });
  };

  private readonly sendJudged = () => {
    const { judged } = this;
    clearTimeout(this.gathering);
    this.gathering = undefined;
    if (judged.length === 0) return;
    this.judged = [];
    const groups = new Map<Uint8Array | undefined, Consumed[]>();
    for (const consumed of judged) {
      const group = groups.get(consumed.answer);
      if (group) group.push(consumed);
      else groups.set(consumed.answer, [consumed]);
    }
    this.user.together(() => {
      for (const [answer = DONE, group] of groups) this.sendGroup(answer, group);
    });
  };

  /** Sends the same verdict on several messages. */
  private sendGroup(answer: Uint8Array, judged: Consumed[]): void {
    const onAnswered = (error: unknown) => {
      this.groups.delete(group);
      // Another one has been given since, or another delivery has taken its place.
      for (const consumed of judged) if (consumed.answer === answer) this.onAcknowledged(consumed, error);
      if (this.all.size === 0) this.onEmpty?.();
    };
    const handles = judged.map(({ ack }) => ack);
    const last = handles.pop() as string;
    const verdict = verdictOn(last, answer, undefined, handles);
    const group = new Acknowledgement(verdict, onAnswered, this.user.onUnheard);
    this.groups.add(group);
    this.exchanges.send(group);
  }

  private onAcknowledged(consumed: Consumed, error: unknown): void {
    const { delivery, answer } = consumed;
    const { sequence } = delivery;
    if (this.all.get(sequence) === consumed) {
      this.all.delete(sequence);
      const isFinished = error === undefined && (answer === DONE || answer === GIVEN_UP);
      if (!this.options.isAlone) {
        if (isFinished) this.addFinished(sequence);
      } else if (!isFinished) this.comingAgain.set(sequence, consumed.entered);
      else if (this.comingAgain.size > 0) this.comingAgain.delete(sequence);
    }
    consumed.end(error);
    this.user.onEnded(consumed);
  }

  private isFinished(sequence: number): boolean {
    if (this.options.isAlone) {
      return sequence <= this.finishedUpTo && !this.comingAgain.has(sequence) && !this.received.mayBeLost(sequence);
    }
    if (this.doubtUntil === 0 || performance.now() > this.doubtUntil) return false;
    return this.finished.has(sequence) || this.finishedBefore.has(sequence);
  }

  private addFinished(sequence: number): void {
    this.finished.add(sequence);
    if (this.finished.size < MAX_FINISHED) return;
    this.finishedBefore = this.finished;
    this.finished = new Set();
  }

  /** One that has entered the flow too often comes back at once, to be given up. */
  private delayMs({ entered }: Consumed, delayMs: number): number {
    const { giveUpAfter } = this.options;
    if (giveUpAfter > 0 && entered >= giveUpAfter) return 0;
    return delayMs || againAfterMs(entered);
  }

  private get lookMs(): number {
    return Math.min(LOOK_MS, (this.ackWaitMs * WORKING_PART) / 2);
  }

  private readonly lookThrough = () => {
    this.look = this.all.size > 0 ? setTimeout(this.lookThrough, this.lookMs) : undefined;
    const now = performance.now();
    const toKeep: Received[] = [];
    const working: string[] = [];
    for (const consumed of this.all.values()) {
      const { verdict, answer, msg } = consumed;
      if (answer || !msg) continue;
      if (verdict === undefined && now - consumed.since >= this.options.mayTakeMs) this.timeOut(consumed);
      else if (now - consumed.toldAt >= this.ackWaitMs * WORKING_PART) {
        consumed.toldAt = now;
        working.push(consumed.ack);
      }
      if (!consumed.isKept) {
        consumed.isKept = true;
        toKeep.push(msg);
      }
    }
    if (toKeep.length > 0) Received.keep(toKeep);
    const last = working.pop();
    // If they are lost, the next ones tell the same.
    if (!last) return;
    const verdict = verdictOn(last, WORKING, undefined, working);
    this.exchanges.send(new Acknowledgement(verdict, () => {}, this.user.onUnheard));
  };

  private timeOut(consumed: Consumed): void {
    this.user.onTimeout(consumed);
    consumed.lateness = 'timeout';
    consumed.settle('again', { delayMs: 0 }, this.onUnawaited);
  }

  private readonly onUnawaited = (error: unknown) => {
    if (error !== undefined) this.user.onFailed(error);
  };
}

function noStream({ delivery: { stream } }: Consumed): CodedError {
  return new CodedError('NO_STREAM-deleted', { stream });
}

/** Whether a message still counts as in the flow. One whose verdict has failed was released before. */
function isInFlow({ verdict, isOpen }: Consumed): boolean {
  return verdict === undefined && isOpen;
}
