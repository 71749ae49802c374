import { FRAME_BYTES, type Frame } from './frame';
import { type Framebuffer, findSenseHat, openFramebuffer } from './framebuffer';
import { type Playback, Player } from './player';

/** Told of each frame as it is shown. */
export type Viewer = (frame: Frame) => void;

/**
 * One display, shared by all who show something on it. Without a HAT it shows its frames to the viewers alone.
 */
export class Display {
  private readonly framebuffer: Framebuffer | undefined;
  private readonly player = new Player((frame) => this.draw(frame));
  private readonly viewers = new Set<Viewer>();
  private lastFrame: Frame;

  /** Opens the device at a path, or with `undefined` none. Throws `DEVICE`. */
  constructor(readonly path: string | undefined) {
    this.framebuffer = path === undefined ? undefined : openFramebuffer(path);
    try {
      this.lastFrame = this.framebuffer?.read() ?? Buffer.alloc(FRAME_BYTES);
    } catch (error) {
      this.framebuffer?.close();
      throw error;
    }
  }

  /** What is shown now. */
  get frame(): Frame {
    return this.lastFrame;
  }

  play(playback: Playback): void {
    this.player.play(playback);
  }

  withdraw(playbacks: ReadonlySet<Playback>): void {
    this.player.withdraw(playbacks);
  }

  watch(viewer: Viewer): void {
    this.viewers.add(viewer);
  }

  unwatch(viewer: Viewer): void {
    this.viewers.delete(viewer);
  }

  close(): void {
    this.player.close();
    this.framebuffer?.close();
  }

  private draw(frame: Frame): void {
    this.framebuffer?.write(frame);
    this.lastFrame = frame;
    for (const viewer of this.viewers) viewer(frame);
  }
}

const displays = new Map<string, { display: Display; users: number }>();

/** Where a display is looked for: a device's path, or empty for the HAT, wherever it is. */
export type DisplayName = string;

/** The one display of a name, opened for its first user. Throws `DEVICE`. */
export function acquireDisplay(name: DisplayName): Display {
  const shared = displays.get(name) ?? { display: new Display(name || findSenseHat()), users: 0 };
  shared.users++;
  displays.set(name, shared);
  return shared.display;
}

/** Gives the display back; the last user's release closes the device. What was drawn stays. */
export function releaseDisplay(name: DisplayName): void {
  const shared = displays.get(name);
  if (!shared || --shared.users > 0) return;
  displays.delete(name);
  shared.display.close();
}
