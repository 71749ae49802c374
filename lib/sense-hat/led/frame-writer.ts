import type { Picture } from './canvas';
import { type Drawn, groundOf } from './drawn';
import { encodeFrame, type Frame, type Projection } from './frame';
import { DEFAULT_OPTIONS } from './options';
import { relit } from './pixel-looks';

/** What frames are written to. */
export interface Screen {
  /** The frame that is shown now. */
  readonly frame: Frame;
  /** Why frames cannot be written now; `undefined` if they can. */
  readonly failure: unknown;
  /** What a player wrote last; the screen keeps it for later players. */
  drawn?: Drawn | undefined;
  /** Throws if the frame cannot be written; `failure` then says why. */
  write(frame: Frame): void;
}

/** A picture and how it is projected. */
type Projected = Pick<Drawn, 'picture' | 'projection'>;

/** At most 100 frames a second are written. */
const SHORTEST_PERIOD_MS = 10;

/** How late a timer may fire without delaying the frames after it. */
const JITTER_MS = 2;

/** Keeps the picture that was drawn last, and writes it to a screen when a frame may be written. */
export class FrameWriter {
  private picture: Picture | undefined;
  private projection: Projection = DEFAULT_OPTIONS;
  private isUnwritten = false;
  private nextAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly screen: Screen) {}

  /** Whether a picture has been drawn and not yet written. */
  get isDirty(): boolean {
    return this.isUnwritten;
  }

  /** When the next frame may be written. */
  get nextWriteAt(): number {
    return this.nextAt;
  }

  /** The picture that was drawn or assumed last, if any. */
  get last(): Projected | undefined {
    const { picture, projection } = this;
    return picture && { picture, projection };
  }

  /** Draws a picture, to be written. */
  draw(picture: Picture, projection: Projection): void {
    this.assume(picture, projection);
    this.isUnwritten = true;
  }

  /** Makes a picture the one that is changed next, without writing it. */
  assume(picture: Picture, projection: Projection): void {
    this.picture = picture;
    this.projection = projection;
  }

  /** Rotates, flips or dims what the screen shows. */
  adjust(change: Partial<Projection>): void {
    const { picture, projection } = this.ground(this.projection);
    this.draw(relit(picture, change), { ...projection, ...change });
  }

  /** Forgets a picture that cannot be written. */
  forget(): void {
    this.picture = undefined;
    this.isUnwritten = false;
  }

  /**
   * The picture that the next one changes in part: what the screen shows. A frame that others have drawn is assumed to
   * have this look.
   */
  ground(look: Projection): Projected {
    const { last } = this;
    if (last && this.isDirty) return last;
    const { frame, drawn } = this.screen;
    // This may not be the picture that was drawn, but the ground of an interrupted text.
    if (last && drawn?.frame.equals(frame)) return last;
    return groundOf(frame, drawn, look);
  }

  /**
   * Writes the picture if a frame may be written now. Returns when the next one may; infinity if nothing is left to
   * write. Throws what the screen throws.
   */
  write(now: number): number {
    const { picture, projection } = this;
    if (!this.isDirty || !picture) return Number.POSITIVE_INFINITY;
    if (now < this.nextAt) return this.nextAt;
    this.isUnwritten = false;
    const at = performance.now();
    this.nextAt = Math.min(Math.max(this.nextAt, at - JITTER_MS), at) + SHORTEST_PERIOD_MS;
    const frame = encodeFrame(picture, projection);
    this.screen.write(frame);
    this.screen.drawn = { frame, picture, projection };
    return Number.POSITIVE_INFINITY;
  }
}
