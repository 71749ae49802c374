import { EventEmitter } from 'node:events';
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
  /** A frame has been shown. */
  frame: [Frame];
  /** The state of the device has changed. */
  device: [DeviceState];
  /** `activity` may have changed. Emitted often, so listen once at a time. */
  activity: [];
}

/** What a display shows and how much waits for it. */
export interface Activity {
  /** The sequence that plays, or the last one if its picture is still there. */
  showing?: Label;
  /** How many sequences wait. */
  queued: number;
}

/** A display that several nodes may share. Without a device only its listeners get the frames. */
export class Display extends EventEmitter<DisplayEvents> implements Screen {
  private readonly jobs = new TimeSlices();
  private readonly player = new Player(this, () => this.emit('activity'));
  private readonly device: Device;
  private lastFrame: Frame | undefined;

  /** `path` is that of a framebuffer; empty: the HAT's, which `find` finds. */
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

  /** The frame that is shown; while the device fails, the last one. */
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

  /** The picture that is shown, decoded with a projection. Throws `DEVICE`. */
  readPicture(projection: Projection): Picture {
    return decodeFrame(this.read(), projection);
  }

  /** Shows a frame at once, without queuing it. Throws `DEVICE`. */
  write(frame: Frame): void {
    this.device.write(frame);
    this.lastFrame = frame;
    this.emit('frame', frame);
  }

  /** Runs a job after the earlier ones, within the time slices of the event loop. */
  take(job: Job): void {
    this.jobs.take(job);
  }

  play(playback: Playback): void {
    this.player.play(playback);
  }

  /** Rotates, flips or dims the picture that is shown and all that is queued. */
  adjust(change: Partial<Projection>): void {
    this.player.adjust(change);
  }

  /** Ends all playbacks with `STOPPED`; the picture stays. */
  stop(): void {
    this.player.stop();
  }

  /** Ends the playbacks and jobs of this owner with `CLOSED`. */
  withdraw(owner: object): void {
    this.player.withdraw(owner);
    this.jobs.cancel((job) => job.owner === owner, new CodedError('CLOSED'));
  }

  /** Ends everything with `CLOSED`. The picture stays, unless `clear` turns all LEDs off. */
  close(clear = false): void {
    this.player.close();
    this.jobs.cancel(() => true, new CodedError('CLOSED'));
    try {
      if (clear) this.device.write(encodeFrame(fill(BLACK), DEFAULT_OPTIONS));
    } catch {
      // A failing device cannot be cleared.
    }
    this.device.close();
  }

  private read(): Frame {
    return this.device.read() ?? this.lastFrame ?? Buffer.alloc(FRAME_BYTES);
  }

  private onDevice(): void {
    try {
      // A device that has just been opened gets the frame that it should show.
      if (this.lastFrame && this.deviceState.name === 'open') this.device.write(this.lastFrame);
    } catch {
      return; // The failure has already called this method again.
    }
    this.emit('device', this.deviceState);
    if (this.failure !== undefined) this.player.fail(this.failure);
    else this.player.resume();
  }
}
