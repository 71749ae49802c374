import { CodedError } from '../../coded-error';
import { TimeSlices } from '../../time-slices';
import type { Label } from './animation';
import { retile } from './canvas';
import type { Projection } from './frame';
import { FrameWriter, type Screen } from './frame-writer';
import { lookOf } from './light';
import { isToCome, type Playback } from './playback';
import { PlaybackQueue } from './playback-queue';
import { beginRound, endScene, isComplete, type Playing, sceneOf, start } from './playing';

/** If the process stands still for longer than this, the next scene starts late instead of catching up. */
const STANDSTILL_MS = 250;

/** The longest delay of `setTimeout`. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;

/** How long pictures are drawn in one turn of the event loop, and how many at least: a short list is shown at once. */
const SLICE_MS = 3;
const PICTURES_AT_ONCE = 8;

/**
 * Plays one sequence at a time, in order. A picture is due at start + n periods, so that nothing drifts. Pictures that
 * follow each other faster than frames may be written are coalesced: the last one wins, and is always shown.
 */
export class Player {
  private current: Playing | undefined;
  private readonly queue = new PlaybackQueue();
  /** Played in full, except that the last frame is not written yet. */
  private unwritten: Playback[] = [];
  /** Reports the outcomes, in the order in which playbacks end. */
  private readonly outcomes = new TimeSlices();
  private readonly writer: FrameWriter;
  private lastLabel: Label | undefined;
  private timer: NodeJS.Timeout | undefined;
  private isAdvancing = false;
  private mustRepeat = false;

  /** `onAdvance` is called often: whenever `label`, `isPlaying` or `queued` may have changed. */
  constructor(
    private readonly screen: Screen,
    private readonly onAdvance = () => {},
  ) {
    this.writer = new FrameWriter(screen);
  }

  /** The label of the sequence that plays, or played last. */
  get label(): Label | undefined {
    return this.lastLabel;
  }

  get isPlaying(): boolean {
    return this.current !== undefined;
  }

  /** How many sequences wait. */
  get queued(): number {
    return this.queue.length;
  }

  /** How many bytes of memory they take. */
  get queuedBytes(): number {
    return this.queue.bytes;
  }

  play(playback: Playback): void {
    const { failure } = this.screen;
    const isAppointed = playback.busy === 'replace' && isToCome(playback, performance.now());
    const refusal =
      playback.whenMissing === 'fail' && failure !== undefined ? failure : this.refusal(playback, isAppointed);
    if (refusal !== undefined) {
      this.report(playback, refusal);
    } else if (isAppointed) {
      this.queue.appoint(playback);
    } else if (this.isReplacing(playback)) {
      const replaced = this.makeRoom();
      this.queue.unshift(playback);
      for (const each of replaced) this.report(each, new CodedError('REPLACED'));
    } else {
      this.queue.push(playback);
    }
    this.advance();
  }

  /** Rotates, flips or dims the picture that is shown and all that is queued. */
  adjust(change: Partial<Projection>): void {
    const playbacks = [...(this.current ? [this.current.playback] : []), ...this.queue.all];
    for (const playback of playbacks) playback.change = { ...playback.change, ...change };
    this.writer.adjust(change);
    this.advance();
  }

  /** Ends all playbacks with `STOPPED`; the picture stays. */
  stop(): void {
    this.end('STOPPED', () => true);
  }

  /** Ends the playbacks of this owner with `CLOSED`. */
  withdraw(owner: object): void {
    this.write(Number.POSITIVE_INFINITY);
    this.end('CLOSED', (playback) => playback.owner === owner);
    this.outcomes.finish();
  }

  /** Ends all playbacks with `CLOSED`. */
  close(): void {
    this.write(Number.POSITIVE_INFINITY);
    this.end('CLOSED', () => true);
    this.outcomes.finish();
  }

  /** Gives up the playbacks that match, for another player to play; they have no outcome here. */
  surrender(matches: (playback: Playback) => boolean): Playback[] {
    this.write(Number.POSITIVE_INFINITY);
    const { inOrder, appointed } = this.queue.remove(matches);
    const { current } = this;
    if (current && matches(current.playback)) {
      this.current = undefined;
      // A complete one has had its outcome.
      inOrder.unshift(isComplete(current) ? { ...current.playback, outcome: () => {} } : current.playback);
    }
    this.advance();
    // Whether one replaces another or is dropped has been decided already.
    return [...inOrder.map((playback) => ({ ...playback, busy: 'queue' as const })), ...appointed];
  }

  /** Continues after a failure of the screen. */
  resume(): void {
    this.advance();
  }

  /**
   * The screen fails: ends the playbacks that do not wait for it. The others start over once it works again, as does an
   * endless one that is complete.
   */
  fail(error: unknown): void {
    const { current } = this;
    const affected = [...this.unwritten, ...this.queue.takeAll()];
    if (current && !isComplete(current)) affected.splice(this.unwritten.length, 0, current.playback);
    const endless = current && isComplete(current) && !this.unwritten.includes(current.playback) ? current : undefined;
    this.current = endless && start(endless.playback, endless.rounds);
    this.unwritten = [];
    this.writer.forget();
    this.queue.unshift(...affected.filter(({ whenMissing }) => whenMissing === 'wait'));
    for (const playback of affected) {
      if (playback.whenMissing === 'fail') this.report(playback, error);
    }
  }

  private interrupt(current: Playing): void {
    const { animation, projection } = sceneOf(current);
    // A sequence that still waits for its time has shown nothing.
    const isWaiting = current.startedAt !== undefined && current.drawn < 0;
    if (animation.ground && !isWaiting) this.writer.assume(animation.ground, projection);
    this.current = undefined;
  }

  private isReplacing({ busy }: Playback): boolean {
    return busy === 'replace' && (this.current !== undefined || this.screen.failure !== undefined);
  }

  /** Removes the playback to replace: the one that plays; while the screen fails, the next one and its replacements. */
  private makeRoom(): Playback[] {
    const { current } = this;
    if (!current) return this.queue.takeReplaced();
    this.interrupt(current);
    // A complete one has had its outcome.
    return isComplete(current) ? [] : [current.playback];
  }

  /** Why a playback is refused; `undefined` if it is not. One with an appointment replaces others only later. */
  private refusal(playback: Playback, isAppointed: boolean): unknown {
    const isBusy = (this.current && !isComplete(this.current)) || this.queue.next !== undefined;
    // While the screen fails nothing plays, yet playbacks may wait.
    if (playback.busy === 'drop' && isBusy) return new CodedError('BUSY');
    return this.isReplacing(playback) && !isAppointed ? undefined : this.queue.refusal(playback);
  }

  private end(code: string, matches: (playback: Playback) => boolean): void {
    const { inOrder, appointed } = this.queue.remove(matches);
    const ended = [...inOrder, ...appointed];
    if (this.current && matches(this.current.playback)) {
      if (!isComplete(this.current)) ended.unshift(this.current.playback);
      this.current = undefined;
    }
    for (const playback of ended) this.report(playback, new CodedError(code));
    this.advance();
  }

  /** Lets the playbacks whose time has come take the place of the one that is on. */
  private takeTurns(now: number): void {
    for (let due = this.queue.takeAppointed(now); due; due = this.queue.takeAppointed(now)) {
      const { failure } = this.screen;
      if (due.whenMissing === 'fail' && failure !== undefined) {
        this.report(due, failure);
        continue;
      }
      const replaced = this.isReplacing(due) ? this.makeRoom() : [];
      if (failure === undefined) this.current = start(due);
      else this.queue.unshift(due);
      for (const each of replaced) this.report(each, new CodedError('REPLACED'));
    }
    if (this.current && isComplete(this.current) && this.isNextDue(now)) this.interrupt(this.current);
  }

  /** Whether another playback waits for its turn, and not for its time. */
  private isNextDue(now: number): boolean {
    const { next } = this.queue;
    return next !== undefined && !isToCome(next, now);
  }

  /** When `takeTurns` has something to do next. */
  private get nextTurn(): number {
    const { current, queue } = this;
    const next = current && isComplete(current) ? queue.next : undefined;
    return Math.min(queue.nextAppointment, next?.startsAt ?? Number.POSITIVE_INFINITY);
  }

  /** Draws the pictures that are due, writes the last one, and sets a timer for the next one. */
  private advance(): void {
    // A write may make the screen fail or work again, which calls this method.
    this.mustRepeat = true;
    if (this.isAdvancing) return;
    this.isAdvancing = true;
    clearTimeout(this.timer);
    let now = 0;
    let dueAt = 0;
    try {
      while (this.mustRepeat) {
        this.mustRepeat = false;
        now = performance.now();
        this.takeTurns(now);
        const next = this.draw(now);
        // A half-drawn picture is not written.
        dueAt = next === undefined ? now : Math.min(next, this.write(now), this.nextTurn);
      }
    } finally {
      this.isAdvancing = false;
    }
    if (dueAt < Number.POSITIVE_INFINITY) {
      const waitMs = Math.min(Math.max(Math.ceil(dueAt - now), 0), LONGEST_WAIT_MS);
      this.timer = setTimeout(() => this.advance(), waitMs);
    }
    this.onAdvance();
  }

  /** Draws the picture that is due, and returns when the next one is; `undefined` if it is not done yet. */
  private draw(now: number): number | undefined {
    for (let pictures = 0; this.screen.failure === undefined; ) {
      if (pictures >= PICTURES_AT_ONCE && performance.now() - now >= SLICE_MS) return undefined;
      const next = this.current ? undefined : this.queue.shift();
      if (next) this.current = start(next);
      const { current } = this;
      if (!current) break;
      const { animation } = sceneOf(current);
      const { length, periodMs, isUnhurried } = animation;
      const isFree = isUnhurried && current.playback.startsAt === undefined;
      current.startedAt ??= beginRound(current, isFree ? Math.max(now, this.writer.nextWriteAt) : now);
      if (isFree) current.startedAt = Math.max(current.startedAt, now - (current.drawn + 1) * periodMs);
      const elapsed = now - current.startedAt;
      if (elapsed < 0) return current.startedAt;
      // Late pictures are skipped, except for the last one.
      const due = Math.min(periodMs > 0 ? Math.floor(elapsed / periodMs) : length, length - 1);
      if (due > current.drawn) {
        if (!this.drawPicture(current, due)) continue;
        pictures++;
      }
      if (elapsed < length * periodMs) return current.startedAt + (due + 1) * periodMs;
      const { sequence, startsAt } = current.playback;
      // A display that joins late does not stop to write what it has missed.
      const isMissed = startsAt !== undefined && current.scene < sequence.scenes.length - 1;
      if (periodMs > 0 && this.writer.isDirty && !isMissed) return this.writer.nextWriteAt;
      const endedAt = current.startedAt + length * periodMs;
      const isOnTime = startsAt !== undefined || now - endedAt < STANDSTILL_MS;
      if (endScene(current, isOnTime ? endedAt : now)) this.endRound(current, now);
    }
    return Number.POSITIVE_INFINITY;
  }

  /** Draws a picture of the scene that is on. Returns whether that scene is still on. */
  private drawPicture(current: Playing, index: number): boolean {
    const { animation, projection } = sceneOf(current);
    const { look = projection, sequence } = current.playback;
    // Read once a scene: the later pictures of an animation follow its own.
    const ground = (current.drawn >= 0 && this.writer.last) || this.writer.ground(look);
    // Reading the screen may find that it fails.
    if (this.current !== current) return false;
    try {
      const shown = retile(ground.picture, ground.projection.tile, projection.tile);
      const picture = animation.pictureAt(index, shown, ground.projection, projection);
      this.writer.draw(picture, animation.keepsLook ? { ...projection, ...lookOf(ground.projection) } : projection);
    } catch (error) {
      this.current = undefined;
      if (!isComplete(current)) this.report(current.playback, error);
      return false;
    }
    this.lastLabel = sequence.label;
    current.drawn = index;
    return true;
  }

  private endRound(current: Playing, now: number): void {
    const { playback } = current;
    const { scenes, repeat } = playback.sequence;
    const isTimed = scenes.some(({ animation }) => animation.periodMs > 0);
    const goesOn = isTimed && (repeat === 0 ? !this.isNextDue(now) : current.missed + current.rounds < repeat);
    if (!goesOn) this.current = undefined;
    if (repeat === 0 ? current.rounds > 1 : goesOn) return;
    if (this.writer.isDirty) this.unwritten.push(playback);
    else this.report(playback);
  }

  /** Writes the picture if a frame may be written now, and returns when one may. */
  private write(now: number): number {
    try {
      const nextAt = this.writer.write(now);
      if (nextAt < Number.POSITIVE_INFINITY) return nextAt;
    } catch (error) {
      this.fail(error);
    }
    for (const playback of this.unwritten.splice(0)) this.report(playback);
    return Number.POSITIVE_INFINITY;
  }

  /** Reports an outcome, after those that came before it. */
  report({ owner, outcome }: Pick<Playback, 'owner' | 'outcome'>, error?: unknown): void {
    this.outcomes.take({ owner, run: () => outcome(error), end: () => {} });
  }
}
