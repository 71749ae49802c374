import { CodedError } from '../coded-error';
import type { Animation } from './animation';
import type { Frame, Picture } from './frame';

/** What becomes of an animation that arrives while another shows. */
export type Busy = 'queue' | 'replace' | 'drop';

/** An animation on its way to the matrix. */
export interface Playback {
  animation: Animation;
  busy: Busy;
  /** How a picture becomes a frame: its turn and its light. */
  encode(picture: Picture): Frame;
  /** Called once: without an error when all of it has been shown, else with `REPLACED`, `BUSY`, `CLOSED`, ... */
  outcome(error?: unknown): void;
}

/** How many animations may wait. */
export const MAX_QUEUED = 1000;

/** The display takes no more than 100 frames a second. */
const SHORTEST_PERIOD_MS = 10;

/** `setTimeout` takes no longer wait. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;

/** Plays one animation at a time, in order. A frame is due at start + n periods, so that nothing drifts. */
export class Player {
  private current: Playback | undefined;
  private waiting: Playback[] = [];
  private timer: NodeJS.Timeout | undefined;
  private startedAt = 0;
  private index = 0;

  /** `draw` puts a frame on the display; what it throws ends the animation. */
  constructor(private readonly draw: (frame: Frame) => void) {}

  play(playback: Playback): void {
    if (!this.current) {
      this.waiting.push(playback);
      this.next();
    } else if (playback.busy === 'drop') {
      playback.outcome(new CodedError('BUSY'));
    } else if (playback.busy === 'replace') {
      this.waiting.unshift(playback);
      this.end(new CodedError('REPLACED'));
    } else if (this.waiting.length >= MAX_QUEUED) {
      playback.outcome(new CodedError('QUEUE_FULL', { limit: MAX_QUEUED }));
    } else {
      this.waiting.push(playback);
    }
  }

  /** Takes back what is shown or waits, as far as it is one of these; it ends in `CLOSED`. */
  withdraw(playbacks: ReadonlySet<Playback>): void {
    const withdrawn = this.waiting.filter((playback) => playbacks.has(playback));
    this.waiting = this.waiting.filter((playback) => !playbacks.has(playback));
    for (const playback of withdrawn) playback.outcome(new CodedError('CLOSED'));
    if (this.current && playbacks.has(this.current)) this.end(new CodedError('CLOSED'));
  }

  /** Takes back all. */
  close(): void {
    this.withdraw(new Set(this.current ? [this.current, ...this.waiting] : this.waiting));
  }

  private next(): void {
    while (!this.current) {
      const playback = this.waiting.shift();
      if (!playback) return;
      this.current = playback;
      this.startedAt = performance.now();
      // Without a period only the last picture would ever be seen.
      this.index = playback.animation.periodMs === 0 ? playback.animation.length - 1 : 0;
      this.show(playback);
    }
  }

  private show(playback: Playback): void {
    const { animation, encode } = playback;
    try {
      this.draw(encode(animation.pictureAt(this.index)));
    } catch (error) {
      this.finish(error);
      return;
    }
    if (animation.periodMs === 0) {
      this.finish();
      return;
    }
    const periodMs = Math.max(animation.periodMs, SHORTEST_PERIOD_MS);
    const elapsed = performance.now() - this.startedAt;
    const isLast = this.index === animation.length - 1;
    // A frame whose time has passed already is left out, but never the last one.
    this.index = isLast
      ? animation.length
      : Math.min(Math.max(this.index + 1, Math.floor(elapsed / periodMs)), animation.length - 1);
    const waitMs = Math.min(Math.max(this.index * periodMs - elapsed, 0), LONGEST_WAIT_MS);
    this.timer = setTimeout(() => {
      if (isLast) return this.end();
      this.show(playback);
      this.next();
    }, waitMs);
  }

  private end(error?: unknown): void {
    this.finish(error);
    this.next();
  }

  private finish(error?: unknown): void {
    const ended = this.current;
    clearTimeout(this.timer);
    this.current = undefined;
    ended?.outcome(error);
  }
}
