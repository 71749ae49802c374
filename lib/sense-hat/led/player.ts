import { CodedError } from '../../coded-error';
import { TimeSlices } from '../../time-slices';
import type { Label, Scene, Sequence } from './animation';
import { decodeFrame, encodeFrame, type Frame, type Picture, type Projection } from './frame';
import { DEFAULT_OPTIONS } from './options';

/** What to do with a sequence that arrives while another one plays. */
export const BUSY = ['queue', 'replace', 'drop'] as const;
type Busy = (typeof BUSY)[number];

/** What to do with a sequence while the screen fails: end it with an error, or start it once the screen works again. */
export const WHEN_MISSING = ['fail', 'wait'] as const;
type WhenMissing = (typeof WHEN_MISSING)[number];

/** A sequence to play. */
export interface Playback {
  sequence: Sequence;
  busy: Busy;
  whenMissing: WhenMissing;
  /** Whose playback it is, for `withdraw`. */
  owner: object;
  /** Called once: without an error when the sequence has been shown in full, else with `REPLACED`, `BUSY`, ... */
  outcome(error?: unknown): void;
}

/** What frames are written to. */
export interface Screen {
  /** The frame that is shown now. */
  readonly frame: Frame;
  /** Why frames cannot be written at present, if so. */
  readonly failure: unknown;
  /** Throws if the frame cannot be written, and then has a `failure`. */
  write(frame: Frame): void;
}

/** How many sequences may wait. */
export const MAX_QUEUED = 1000;

/** At most 100 frames a second are written. */
const SHORTEST_PERIOD_MS = 10;

/** If the process stands still for longer than this, the next scene starts late instead of catching up. */
const STANDSTILL_MS = 250;

/** The longest delay of `setTimeout`. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;

/** How late a timer may fire without delaying the frames after it. */
const JITTER_MS = 2;

/** The sequence that plays. */
interface Current {
  playback: Playback;
  /** The index of the scene that plays. */
  scene: number;
  /** When that scene began; `undefined`: not yet. */
  startedAt: number | undefined;
  /** The index of its last drawn picture; -1: none. */
  drawn: number;
  /** How often the whole sequence has been shown. */
  rounds: number;
}

/**
 * Plays one sequence at a time, in order. A picture is due at start + n periods, so that nothing drifts. Pictures that
 * follow each other faster than frames may be written are coalesced: the last one wins, and is always shown.
 */
export class Player {
  private current: Current | undefined;
  private waiting: Playback[] = [];
  /** Played in full, except that the last frame is not written yet. */
  private unwritten: Playback[] = [];
  /** Reports the outcomes, in the order in which playbacks end. */
  private readonly outcomes = new TimeSlices();
  private picture: Picture | undefined;
  private lastLabel: Label | undefined;
  private projection: Projection = DEFAULT_OPTIONS;
  /** Whether the picture has not been written yet. */
  private isDirty = false;
  private nextWriteAt = Number.NEGATIVE_INFINITY;
  private timer: NodeJS.Timeout | undefined;
  private isAdvancing = false;
  private mustRepeat = false;

  /** `onAdvance` is called often: whenever `label`, `isPlaying` or `queued` may have changed. */
  constructor(
    private readonly screen: Screen,
    private readonly onAdvance = () => {},
  ) {}

  /** The label of the sequence that plays, or played last. */
  get label(): Label | undefined {
    return this.lastLabel;
  }

  get isPlaying(): boolean {
    return this.current !== undefined;
  }

  /** How many sequences wait. */
  get queued(): number {
    return this.waiting.length;
  }

  play(playback: Playback): void {
    const { failure } = this.screen;
    if (playback.whenMissing === 'fail' && failure !== undefined) {
      this.report(playback, failure);
      return;
    }
    if (this.current && isComplete(this.current)) this.interrupt(this.current);
    const refusal = this.refusal(playback);
    if (refusal !== undefined) {
      this.report(playback, refusal);
    } else if (this.isReplacing(playback)) {
      const replaced = this.makeRoom();
      this.waiting.unshift(playback);
      for (const each of replaced) this.report(each, new CodedError('REPLACED'));
    } else {
      this.waiting.push(playback);
    }
    this.advance();
  }

  /** Rotates, flips or dims the picture that is shown and all that is queued. */
  adjust(change: Partial<Projection>): void {
    const playbacks = this.current ? [this.current.playback, ...this.waiting] : this.waiting;
    for (const scene of playbacks.flatMap(({ sequence }) => sequence.scenes)) {
      scene.projection = { ...scene.projection, ...change };
    }
    this.picture ??= decodeFrame(this.screen.frame, this.projection);
    this.projection = { ...this.projection, ...change };
    this.isDirty = true;
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
    const affected = [...this.unwritten, ...this.waiting];
    if (current && !isComplete(current)) affected.splice(this.unwritten.length, 0, current.playback);
    const endless = current && isComplete(current) && !this.unwritten.includes(current.playback) ? current : undefined;
    this.current = endless && start(endless.playback, endless.rounds);
    this.unwritten = [];
    this.picture = undefined;
    this.isDirty = false;
    this.waiting = affected.filter(({ whenMissing }) => whenMissing === 'wait');
    for (const playback of affected) {
      if (playback.whenMissing === 'fail') this.report(playback, error);
    }
  }

  private interrupt(current: Current): void {
    this.picture = sceneOf(current).animation.ground ?? this.picture;
    this.current = undefined;
  }

  private isReplacing({ busy }: Playback): boolean {
    return busy === 'replace' && (this.current !== undefined || this.screen.failure !== undefined);
  }

  /** Removes the playback to replace: the one that plays; while the screen fails, the next one and its replacements. */
  private makeRoom(): Playback[] {
    if (this.current) {
      const { playback } = this.current;
      this.interrupt(this.current);
      return [playback];
    }
    const [first, ...others] = this.waiting;
    this.waiting = others.filter(({ busy }) => busy !== 'replace');
    return first ? [first, ...others.filter(({ busy }) => busy === 'replace')] : [];
  }

  /** Why a playback is refused, if so. */
  private refusal(playback: Playback): unknown {
    // While the screen fails nothing plays, yet playbacks may wait.
    if (playback.busy === 'drop' && (this.current || this.waiting.length > 0)) return new CodedError('BUSY');
    const isFull = this.waiting.length >= MAX_QUEUED && !this.isReplacing(playback);
    return isFull ? new CodedError('QUEUE_FULL', { limit: MAX_QUEUED }) : undefined;
  }

  private end(code: string, matches: (playback: Playback) => boolean): void {
    const ended = this.waiting.filter(matches);
    this.waiting = this.waiting.filter((playback) => !matches(playback));
    if (this.current && matches(this.current.playback)) {
      if (!isComplete(this.current)) ended.unshift(this.current.playback);
      this.current = undefined;
    }
    for (const playback of ended) this.report(playback, new CodedError(code));
    this.advance();
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
    while (this.mustRepeat) {
      this.mustRepeat = false;
      now = performance.now();
      dueAt = Math.min(this.draw(now), this.write(now));
    }
    this.isAdvancing = false;
    if (dueAt < Number.POSITIVE_INFINITY) {
      const waitMs = Math.min(Math.max(Math.ceil(dueAt - now), 0), LONGEST_WAIT_MS);
      this.timer = setTimeout(() => this.advance(), waitMs);
    }
    this.onAdvance();
  }

  /** Draws the picture that is due, and returns when the next one is. */
  private draw(now: number): number {
    while (this.screen.failure === undefined) {
      const next = this.current ? undefined : this.waiting.shift();
      if (next) this.current = start(next);
      const { current } = this;
      if (!current) break;
      current.startedAt ??= now;
      const { animation, projection } = sceneOf(current);
      const { length, periodMs } = animation;
      const elapsed = now - current.startedAt;
      // Late pictures are skipped, except for the last one.
      const due = Math.min(periodMs > 0 ? Math.floor(elapsed / periodMs) : length, length - 1);
      if (due > current.drawn) {
        const shown = this.picture ?? decodeFrame(this.screen.frame, projection);
        // Reading the screen may find that it fails.
        if (this.current !== current) continue;
        try {
          this.picture = animation.pictureAt(due, shown);
        } catch (error) {
          this.current = undefined;
          if (!isComplete(current)) this.report(current.playback, error);
          continue;
        }
        this.projection = projection;
        this.lastLabel = current.playback.sequence.label;
        this.isDirty = true;
        current.drawn = due;
      }
      if (elapsed < length * periodMs) return current.startedAt + (due + 1) * periodMs;
      if (periodMs > 0 && this.isDirty) return this.nextWriteAt;
      const endedAt = current.startedAt + length * periodMs;
      this.endScene(current, now - endedAt < STANDSTILL_MS ? endedAt : now);
    }
    return Number.POSITIVE_INFINITY;
  }

  private endScene(current: Current, endedAt: number): void {
    const { playback } = current;
    const { scenes, repeat } = playback.sequence;
    current.startedAt = endedAt;
    current.drawn = -1;
    current.scene++;
    if (current.scene < scenes.length) return;
    current.scene = 0;
    current.rounds++;
    const isTimed = scenes.some(({ animation }) => animation.periodMs > 0);
    const goesOn = isTimed && (repeat === 0 ? this.waiting.length === 0 : current.rounds < repeat);
    if (!goesOn) this.current = undefined;
    if (repeat === 0 ? current.rounds > 1 : goesOn) return;
    if (this.isDirty) this.unwritten.push(playback);
    else this.report(playback);
  }

  /** Writes the picture if a frame may be written now, and returns when one may. */
  private write(now: number): number {
    const { picture } = this;
    if (this.isDirty && picture) {
      if (now < this.nextWriteAt) return this.nextWriteAt;
      this.isDirty = false;
      const at = performance.now();
      this.nextWriteAt = Math.min(Math.max(this.nextWriteAt, at - JITTER_MS), at) + SHORTEST_PERIOD_MS;
      try {
        this.screen.write(encodeFrame(picture, this.projection));
      } catch (error) {
        this.fail(error);
      }
    }
    for (const playback of this.unwritten.splice(0)) this.report(playback);
    return Number.POSITIVE_INFINITY;
  }

  private report({ owner, outcome }: Playback, error?: unknown): void {
    this.outcomes.take({ owner, run: () => outcome(error), end: () => {} });
  }
}

function start(playback: Playback, rounds = 0): Current {
  return { playback, scene: 0, startedAt: undefined, drawn: -1, rounds };
}

/** The scene that is on. */
function sceneOf({ playback, scene }: Current): Scene {
  return playback.sequence.scenes[scene] as Scene;
}

/** Whether an endless sequence has been shown once, and repeats until the next message. */
function isComplete({ playback, rounds }: Current): boolean {
  return playback.sequence.repeat === 0 && rounds > 0;
}
