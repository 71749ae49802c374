import type { Msg } from 'nats';
import { CodedError } from '../../coded-error';
import { keep } from '../client/received';
import type { Publication } from '../core/publication';
import type { Delivery } from './ack-subject';
import { Acknowledgement, again, againAfterMs, DONE, GIVEN_UP, verdictOn, WORKING } from './acknowledgement';
import { Consumed, type Judge } from './consumed';
import type { Exchanges } from './exchanges';
import { ReceivedSequences } from './received-sequences';
import type { Verdict, VerdictOptions } from './verdict';

/** What handles the messages in the flow. */
export interface InFlightUser {
  /** There is room for more messages. */
  onRoom(): void;
  /** Writes together what `publish` publishes. */
  together(publish: () => void): void;
  /** The server does not know the consumer, or not at the moment. */
  onUnheard(): void;
  /** A message has got no verdict in time; it comes again. */
  onTimeout(consumed: Consumed): void;
  /** The server has confirmed the verdict on a message, or another one has it now. */
  onEnded(consumed: Consumed): void;
  /** Puts a message aside for good. Resolves with whether that has been possible; else it comes again. */
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
  /** Whether nobody else consumes with this consumer. */
  isAlone: boolean;
}

/** How often the messages in the flow are looked through, in milliseconds. */
const LOOK_MS = 500;

/** The part of the server's ack wait after which it is told that a message is still being worked on. */
const WORKING_PART = 1 / 3;

/** So many verdicts may be confirmed by one answer. */
const LARGEST_GROUP = 256;

/** How long it is doubted whether the server knows the last verdicts, and how many of them are looked up. */
const DOUBT_MS = 60_000;
const MAX_FINISHED = 8192;

/** A message that nothing takes comes again after this time, in milliseconds. */
const UNTAKEN_MS = 60_000;

/**
 * The messages of one consumer that are in the flow, each once, however often the server delivers it. The server is
 * told from time to time that they are still being worked on, until their time is up.
 */
export class InFlight implements Judge {
  /** By their sequences, oldest first; also those whose verdict the server has not confirmed yet. */
  private readonly all = new Map<number, Consumed>();
  /** If nobody else consumes: how often those have entered the flow that come again. */
  private readonly comingAgain = new Map<number, number>();
  private readonly received = new ReceivedSequences();
  /** If nobody else consumes: up to here all is finished but what is in the flow, comes again or may never have arrived. */
  private finishedUpTo = 0;
  /** If others consume too: some sequences that have been finished last, and until when they are looked up. */
  private finished = new Set<number>();
  private finishedBefore = new Set<number>();
  private doubtUntil = 0;
  /** Those whose verdicts go out at the end of this turn of the event loop, and what has gone out. */
  private judged: Consumed[] = [];
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
  take(msg: Msg, ack: string, delivery: Delivery): Consumed | undefined {
    const { sequence } = delivery;
    // One that follows all others is new.
    if (sequence <= this.received.highest && this.hasTaken(sequence, ack)) return undefined;
    const { giveUpAfter } = this.options;
    const before = Math.max(delivery.delivered - 1, this.comingAgain.get(sequence) ?? 0);
    const isGivenUp = giveUpAfter > 0 && before >= giveUpAfter;
    const consumed = new Consumed(this, msg, ack, delivery, isGivenUp ? before : before + 1);
    this.all.set(sequence, consumed);
    this.count++;
    this.bytes += consumed.size;
    this.received.add(sequence);
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
   * to enter the flow again. And what it has sent last may not have arrived. Up to `settled` it knows all verdicts.
   */
  doubt(settled = 0): void {
    if (this.options.isAlone) {
      this.finishedUpTo = this.received.highest;
      this.received.doubt(settled);
    } else this.doubtUntil = performance.now() + DOUBT_MS;
  }

  /** The lowest sequence that is not finished: where the consumer begins if it is made again. */
  get firstUnfinished(): number {
    let first = this.received.firstMissing;
    for (const sequence of this.all.keys()) first = Math.min(first, sequence);
    for (const sequence of this.comingAgain.keys()) first = Math.min(first, sequence);
    return first;
  }

  /** What is stored up to this sequence is not consumed. */
  startAfter(sequence: number): void {
    this.received.startAfter(sequence);
  }

  /** The stream has been deleted, and its messages with it: the sequences of the next one begin anew. */
  forget(): void {
    for (const consumed of this.all.values()) {
      consumed.isGone = true;
      this.user.onEnded(consumed);
      if (consumed.verdict === undefined) this.release(consumed);
    }
    const { stream = '' } = [...this.all.values()][0]?.delivery ?? {};
    this.all.clear();
    for (const group of [...this.groups])
      this.exchanges.withdraw(group, new CodedError('NO_STREAM-deleted', { stream }));
    this.comingAgain.clear();
    this.received.clear();
    this.finishedUpTo = 0;
    this.forgetFinished();
    this.onEmpty?.();
  }

  /** Another consumer has the name: it may deliver again what has been finished. */
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

  /** Ends with the messages that have no verdict: others are to get them. Returns their handles. */
  handBack(): string[] {
    clearTimeout(this.look);
    const left = [...this.all.values()].filter(({ verdict }) => verdict === undefined);
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
  private hasTaken(sequence: number, ack: string): boolean {
    const known = this.all.get(sequence);
    if (known) known.renew(ack);
    else if (this.isFinished(sequence)) this.exchanges.send(new Acknowledgement(verdictOn(ack, DONE), () => {}));
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

  /** The verdicts of one turn of the event loop go out together, and the answer to the last one confirms them all. */
  private acknowledge(consumed: Consumed, answer: Uint8Array): void {
    consumed.answer = answer;
    this.turn ??= setImmediate(this.onTurn);
    if (this.judged.push(consumed) >= LARGEST_GROUP) this.user.together(() => this.sendJudged());
  }

  private readonly onTurn = () => {
    this.turn = undefined;
    this.user.together(() => {
      this.sendJudged();
      this.user.onRoom();
    });
  };

  private sendJudged(): void {
    const { judged } = this;
    if (judged.length === 0) return;
    this.judged = [];
    const publications = judged.map(({ ack, answer = DONE }) => verdictOn(ack, answer));
    const last = publications.pop() as Publication;
    const onAnswered = (error: unknown) => {
      this.groups.delete(group);
      for (const consumed of judged) this.onAcknowledged(consumed, error);
      if (this.all.size === 0) this.onEmpty?.();
    };
    const group = new Acknowledgement(last, onAnswered, publications, this.user.onUnheard);
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
    const toKeep: Msg[] = [];
    const working: Publication[] = [];
    for (const consumed of this.all.values()) {
      const { verdict, answer, msg } = consumed;
      if (answer || !msg) continue;
      if (verdict === undefined && now - consumed.since >= this.options.mayTakeMs) this.timeOut(consumed);
      else if (now - consumed.toldAt >= this.ackWaitMs * WORKING_PART) {
        consumed.toldAt = now;
        working.push(verdictOn(consumed.ack, WORKING));
      }
      if (!consumed.isKept) {
        consumed.isKept = true;
        toKeep.push(msg);
      }
    }
    if (toKeep.length > 0) keep(toKeep);
    const last = working.pop();
    // Those that do not arrive are sent again next time.
    if (last) this.exchanges.send(new Acknowledgement(last, () => {}, working, this.user.onUnheard));
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
