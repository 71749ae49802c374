import { CodedError } from '../../coded-error';
import { TimeSlices } from '../../time-slices';
import type { Scene, Show, Title } from './animation';
import { decodeFrame, encodeFrame, type Frame, type Picture, type Projection } from './frame';
import { DEFAULT_LOOK } from './look';

/** What becomes of a show that arrives while another is on. */
export const BUSY = ['queue', 'replace', 'drop'] as const;
type Busy = (typeof BUSY)[number];

/** What becomes of a show while the screen fails: an error, or it waits, and begins anew when the screen is back. */
export const WHEN_MISSING = ['fail', 'wait'] as const;
type WhenMissing = (typeof WHEN_MISSING)[number];

/** A show on its way to the matrix. */
export interface Playback {
  show: Show;
  busy: Busy;
  whenMissing: WhenMissing;
  /** Whose it is. */
  owner: object;
  /** Called once: without an error when all of it has been shown, else with `REPLACED`, `BUSY`, `CLOSED`, ... */
  outcome(error?: unknown): void;
}

/** Where frames are put. */
export interface Screen {
  /** What is shown now. */
  readonly frame: Frame;
  /** Why it takes no frames, if so. */
  readonly failure: unknown;
  /** Throws if it takes no frames; then it has a `failure`. */
  write(frame: Frame): void;
}

/** How many shows may wait. */
export const MAX_QUEUED = 1000;

/** The display takes no more than 100 frames a second. */
const SHORTEST_PERIOD_MS = 10;

/** After so long a standstill of the whole process the time is not made up for. */
const STANDSTILL_MS = 250;

/** `setTimeout` takes no longer wait. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;

/** A timer may be so late; the next frame need not be late for it. */
const JITTER_MS = 2;

/** The show that is on. */
interface Current {
  playback: Playback;
  /** Which scene is on, when it began, if it did, and the last picture of it that was drawn; -1: none. */
  scene: number;
  startedAt: number | undefined;
  drawn: number;
  /** How often all of it has been shown. */
  rounds: number;
}

/**
 * Plays one show at a time, in order. A picture is due at start + n periods, so that nothing drifts. What comes faster
 * than the screen takes it coalesces: the last frame wins, and is always shown.
 */
export class Player {
  private current: Current | undefined;
  private waiting: Playback[] = [];
  /** Done, but for the frame that is still to be written. */
  private unseen: Playback[] = [];
  /** Tells of each that ends, in the order of the ends. */
  private readonly endings = new TimeSlices();
  private picture: Picture | undefined;
  private lastTitle: Title | undefined;
  private projection: Projection = DEFAULT_LOOK;
  /** Whether the picture has not been written yet. */
  private isDirty = false;
  private nextWriteAt = Number.NEGATIVE_INFINITY;
  private timer: NodeJS.Timeout | undefined;
  private isAdvancing = false;
  private isAsked = false;

  /** `onAdvance` is called often: whenever what is on or waits may have changed. */
  constructor(
    private readonly screen: Screen,
    private readonly onAdvance = () => {},
  ) {}

  /** What is on, or was on last. */
  get title(): Title | undefined {
    return this.lastTitle;
  }

  get isPlaying(): boolean {
    return this.current !== undefined;
  }

  /** How many shows wait. */
  get queued(): number {
    return this.waiting.length;
  }

  play(playback: Playback): void {
    const { failure } = this.screen;
    if (playback.whenMissing === 'fail' && failure !== undefined) {
      this.tell(playback, failure);
      return;
    }
    if (this.current && isOver(this.current)) this.cutOff(this.current);
    const refusal = this.refusal(playback);
    if (refusal !== undefined) {
      this.tell(playback, refusal);
    } else if (this.isReplacing(playback)) {
      const replaced = this.makeRoom();
      this.waiting.unshift(playback);
      for (const each of replaced) this.tell(each, new CodedError('REPLACED'));
    } else {
      this.waiting.push(playback);
    }
    this.advance();
  }

  /** TimeSlices or dims what is shown and what is still to be shown. */
  adjust(change: Partial<Projection>): void {
    const playbacks = this.current ? [this.current.playback, ...this.waiting] : this.waiting;
    for (const scene of playbacks.flatMap(({ show }) => show.scenes)) {
      scene.projection = { ...scene.projection, ...change };
    }
    this.picture ??= decodeFrame(this.screen.frame, this.projection);
    this.projection = { ...this.projection, ...change };
    this.isDirty = true;
    this.advance();
  }

  /** Ends what is on and what waits, with `STOPPED`; the picture stays. */
  stop(): void {
    this.end('STOPPED', () => true);
  }

  /** Ends what is on or waits, as far as it is this owner's, with `CLOSED`. */
  withdraw(owner: object): void {
    this.write(Number.POSITIVE_INFINITY);
    this.end('CLOSED', (playback) => playback.owner === owner);
    this.endings.finish();
  }

  /** Ends all, with `CLOSED`. */
  close(): void {
    this.write(Number.POSITIVE_INFINITY);
    this.end('CLOSED', () => true);
    this.endings.finish();
  }

  /** Goes on after the screen has failed. */
  resume(): void {
    this.advance();
  }

  /** The screen fails: ends what cannot be shown; what may wait, or is over, begins anew when the screen is back. */
  fail(error: unknown): void {
    const { current } = this;
    const concerned = [...this.unseen, ...this.waiting];
    if (current && !isOver(current)) concerned.splice(this.unseen.length, 0, current.playback);
    const endless = current && isOver(current) && !this.unseen.includes(current.playback) ? current : undefined;
    this.current = endless && begun(endless.playback, endless.rounds);
    this.unseen = [];
    this.picture = undefined;
    this.isDirty = false;
    this.waiting = concerned.filter(({ whenMissing }) => whenMissing === 'wait');
    for (const playback of concerned) {
      if (playback.whenMissing === 'fail') this.tell(playback, error);
    }
  }

  private cutOff(current: Current): void {
    this.picture = sceneOf(current).animation.ground ?? this.picture;
    this.current = undefined;
  }

  private isReplacing({ busy }: Playback): boolean {
    return busy === 'replace' && (this.current !== undefined || this.screen.failure !== undefined);
  }

  /** Takes away what is on. While the screen fails: what would be on, and what came to replace it. */
  private makeRoom(): Playback[] {
    if (this.current) {
      const { playback } = this.current;
      this.cutOff(this.current);
      return [playback];
    }
    const [first, ...others] = this.waiting;
    this.waiting = others.filter(({ busy }) => busy !== 'replace');
    return first ? [first, ...others.filter(({ busy }) => busy === 'replace')] : [];
  }

  /** Why a show is not even taken, if so. */
  private refusal(playback: Playback): unknown {
    // What waits for the screen is in the way too.
    if (playback.busy === 'drop' && (this.current || this.waiting.length > 0)) return new CodedError('BUSY');
    const isFull = this.waiting.length >= MAX_QUEUED && !this.isReplacing(playback);
    return isFull ? new CodedError('QUEUE_FULL', { limit: MAX_QUEUED }) : undefined;
  }

  private end(code: string, isMeant: (playback: Playback) => boolean): void {
    const ended = this.waiting.filter(isMeant);
    this.waiting = this.waiting.filter((playback) => !isMeant(playback));
    if (this.current && isMeant(this.current.playback)) {
      if (!isOver(this.current)) ended.unshift(this.current.playback);
      this.current = undefined;
    }
    for (const playback of ended) this.tell(playback, new CodedError(code));
    this.advance();
  }

  /** Draws all that is due, writes the last of it, and comes back when more is due. */
  private advance(): void {
    // While the screen is written to, it may fail or come back.
    this.isAsked = true;
    if (this.isAdvancing) return;
    this.isAdvancing = true;
    clearTimeout(this.timer);
    let now = 0;
    let dueAt = 0;
    while (this.isAsked) {
      this.isAsked = false;
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

  /** Draws what is due, and returns when more is. */
  private draw(now: number): number {
    while (this.screen.failure === undefined) {
      const next = this.current ? undefined : this.waiting.shift();
      if (next) this.current = begun(next);
      const { current } = this;
      if (!current) break;
      current.startedAt ??= now;
      const { animation, projection } = sceneOf(current);
      const { length, periodMs } = animation;
      const elapsed = now - current.startedAt;
      // A picture whose time has passed already is left out, but never the last one.
      const due = Math.min(periodMs > 0 ? Math.floor(elapsed / periodMs) : length, length - 1);
      if (due > current.drawn) {
        const shown = this.picture ?? decodeFrame(this.screen.frame, projection);
        // Who reads the screen may find that it fails.
        if (this.current !== current) continue;
        try {
          this.picture = animation.pictureAt(due, shown);
        } catch (error) {
          this.current = undefined;
          if (!isOver(current)) this.tell(current.playback, error);
          continue;
        }
        this.projection = projection;
        this.lastTitle = current.playback.show.title;
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
    const { scenes, repeat } = playback.show;
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
    if (this.isDirty) this.unseen.push(playback);
    else this.tell(playback);
  }

  /** Writes the picture if it is time, and returns when it will be. */
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
    for (const playback of this.unseen.splice(0)) this.tell(playback);
    return Number.POSITIVE_INFINITY;
  }

  private tell({ owner, outcome }: Playback, error?: unknown): void {
    this.endings.take({ owner, run: () => outcome(error), end: () => {} });
  }
}

/** A show at its beginning. */
function begun(playback: Playback, rounds = 0): Current {
  return { playback, scene: 0, startedAt: undefined, drawn: -1, rounds };
}

/** The scene that is on. */
function sceneOf({ playback, scene }: Current): Scene {
  return playback.show.scenes[scene] as Scene;
}

/** Whether a show is complete, and only goes on until another comes. */
function isOver({ playback, rounds }: Current): boolean {
  return playback.show.repeat === 0 && rounds > 0;
}
