import { EventEmitter } from 'node:events';
import { realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { CodedError } from '../../coded-error';
import { type Job, TimeSlices } from '../../time-slices';
import type { Label } from './animation';
import { BLACK } from './colour';
import { Device, type DeviceState } from './device';
import { decodeFrame, encodeFrame, FRAME_BYTES, type Frame, fill, type Picture, type Projection } from './frame';
import { findSenseHat } from './framebuffer';
import { DEFAULT_OPTIONS } from './options';
import { type Playback, Player, type Screen } from './player';

interface DisplayEvents {
  /** A frame is shown. */
  frame: [Frame];
  /** The device has come, gone or failed. */
  device: [DeviceState];
  /** `activity` may have changed; comes often, so listen once. */
  activity: [];
}

/** What goes on at a display. */
export interface Activity {
  /** What is on, or was on last and can still be seen. */
  showing?: Label;
  /** How many messages wait. */
  queued: number;
}

/** One display, shared by all who show something on it. Without a device its frames go to its listeners alone. */
export class Display extends EventEmitter<DisplayEvents> implements Screen {
  private readonly jobs = new TimeSlices();
  private readonly player = new Player(this, () => this.emit('activity'));
  private readonly device: Device;
  private lastFrame: Frame | undefined;

  /** `path` is that of a framebuffer; empty: the HAT's, wherever it is. */
  constructor(
    readonly path: string,
    find = findSenseHat,
  ) {
    super();
    this.setMaxListeners(0);
    this.device = new Device(path, () => this.onDevice(), find);
    this.device.open();
  }

  get deviceState(): DeviceState {
    return this.device.state;
  }

  get failure(): unknown {
    return this.deviceState.name === 'failed' ? this.deviceState.error : undefined;
  }

  /** What is shown now, or was shown last while the device fails. */
  get frame(): Frame {
    try {
      return this.read();
    } catch {
      return this.lastFrame ?? Buffer.alloc(FRAME_BYTES);
    }
  }

  get activity(): Activity {
    const { label, isPlaying, queued } = this.player;
    const isSeen = isPlaying || this.frame.some((byte) => byte !== 0);
    return { ...(label && isSeen && { showing: label }), queued };
  }

  /** The picture that is shown, as somebody sees it who draws with such a projection. Throws `DEVICE`. */
  readPicture(projection: Projection): Picture {
    return decodeFrame(this.read(), projection);
  }

  /** Puts a frame on the display at once, past the queue. Throws `DEVICE`. */
  write(frame: Frame): void {
    this.device.write(frame);
    this.lastFrame = frame;
    this.emit('frame', frame);
  }

  /** Does something with the display after all that was to be done before, as soon as the event loop has time. */
  take(job: Job): void {
    this.jobs.take(job);
  }

  play(playback: Playback): void {
    this.player.play(playback);
  }

  /** TimeSlices or dims what is shown and what is still to be shown. */
  adjust(change: Partial<Projection>): void {
    this.player.adjust(change);
  }

  /** Ends what is on and what waits, with `STOPPED`; the picture stays. */
  stop(): void {
    this.player.stop();
  }

  /** Ends what is on or waits, as far as it is this owner's, with `CLOSED`. */
  withdraw(owner: object): void {
    this.player.withdraw(owner);
    this.jobs.cancel((job) => job.owner === owner, new CodedError('CLOSED'));
  }

  /** Ends all, with `CLOSED`. The picture stays, or with `clear` all LEDs go off. */
  close(clear = false): void {
    this.player.close();
    this.jobs.cancel(() => true, new CodedError('CLOSED'));
    try {
      if (clear) this.device.write(encodeFrame(fill(BLACK), DEFAULT_OPTIONS));
    } catch {
      // A device that fails cannot be cleared.
    }
    this.device.close();
  }

  private read(): Frame {
    return this.device.read() ?? this.lastFrame ?? Buffer.alloc(FRAME_BYTES);
  }

  private onDevice(): void {
    try {
      // A device that has come, or come back, gets what it should show.
      if (this.lastFrame && this.deviceState.name === 'open') this.device.write(this.lastFrame);
    } catch {
      return; // The failure is a change of its own.
    }
    this.emit('device', this.deviceState);
    if (this.failure !== undefined) this.player.fail(this.failure);
    else this.player.resume();
  }
}

const displays = new Map<string, { display: Display; users: number }>();

/** The one display at a path, or with an empty one the HAT's; opened for its first user. */
export function acquireDisplay(path: string): Display {
  const key = deviceKey(path);
  const shared = displays.get(key) ?? { display: new Display(key), users: 0 };
  shared.users++;
  displays.set(key, shared);
  return shared.display;
}

/** The display at a path, as `Display.path` has it, if somebody uses it. */
export function findDisplay(path: string): Display | undefined {
  return displays.get(path)?.display;
}

/** Gives the display back; the last user's release closes it, and with `clear` turns its LEDs off. */
export function releaseDisplay(display: Display, clear = false): void {
  for (const [key, shared] of displays) {
    if (shared.display !== display || --shared.users > 0) continue;
    displays.delete(key);
    display.close(clear);
  }
}

/** One key for all ways to write the path of one device; empty for the HAT. */
function deviceKey(path: string): string {
  if (path === '') return '';
  try {
    const real = join(realpathSync(dirname(path)), basename(path));
    return real === findSenseHat() ? '' : real;
  } catch {
    return path;
  }
}
