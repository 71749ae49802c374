import { EventEmitter } from 'node:events';
import { CodedError } from '../../coded-error';
import { guarded } from '../../guarded';
import { type Job, TimeSlices } from '../../time-slices';
import type { Label } from './animation';
import { type Picture, type Tile, WHOLE } from './canvas';
import { BLACK } from './colour';
import { Device, type DeviceState } from './device';
import { type Drawn, readWall } from './drawn';
import { encodeFrame, FRAME_BYTES, type Frame, fill, type Projection } from './frame';
import type { Screen } from './frame-writer';
import { findSenseHat } from './framebuffer';
import { DEFAULT_OPTIONS } from './options';
import type { Playback } from './playback';
import { queueFull } from './playback-queue';
import { Player } from './player';
import { isTileName } from './tile';

/** A job of a display. */
export interface DisplayJob extends Job {
  /** How many bytes of memory its content takes; missing if it has nothing to show. */
  bytes?: number;
}

interface DisplayEvents {
  /** A frame has been shown. */
  frame: [Frame];
  /** The state of the device has changed. */
  device: [DeviceState];
  /** The device has been opened, perhaps again; the argument is its `Framebuffer.id`. */
  open: [string];
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

/**
 * A display that several nodes may share. Without a device only its listeners get the frames. Displays whose paths lead
 * to the same device play on one of them, their stage, so that they have one queue.
 */
export class Display extends EventEmitter<DisplayEvents> implements Screen {
  /** What a player has written last. */
  drawn: Drawn | undefined;
  /** Whether `close` turns all LEDs off. */
  clearsOnClose = false;
  private readonly jobs = new TimeSlices<DisplayJob>();
  private readonly player = new Player(this, () => this.tell('activity'));
  private readonly device: Device;
  private lastFrame: Frame | undefined;
  private stage: Display = this;
  /** The other displays that play on this one. */
  private readonly guests = new Set<Display>();
  /** The playbacks that this display was given. */
  private readonly own = new WeakSet<Playback>();

  /**
   * `path` is that of a framebuffer; an empty one, or the name of a tile, stands for the HAT, which `find` finds.
   * `drawn` is what an earlier display with this path drew last, which the device may still show.
   */
  constructor(
    readonly path: string,
    find = findSenseHat,
    drawn?: Drawn,
  ) {
    super();
    this.setMaxListeners(0);
    this.device = new Device(
      isTileName(path) ? '' : path,
      { onOpen: (id) => this.onOpen(id), onChange: () => this.onDevice() },
      find,
    );
    this.device.open();
    this.drawn = drawn;
    // Written only to a device that is opened later: on this one another program may have drawn since.
    this.lastFrame ??= drawn?.frame;
  }

  get deviceState(): DeviceState {
    return this.device.state;
  }

  /** The `Framebuffer.id` of the device; `undefined` unless it is open. */
  get deviceId(): string | undefined {
    return this.device.id;
  }

  get failure(): unknown {
    return this.deviceState.name === 'failed' ? this.deviceState.error : undefined;
  }

  /** The frame that is shown, or the last one while the device fails. */
  get frame(): Frame {
    try {
      return this.stage.read();
    } catch {
      return this.stage.lastFrame ?? Buffer.alloc(FRAME_BYTES);
    }
  }

  get activity(): Activity {
    const { label, isPlaying, queued } = this.stage.player;
    const isSeen = isPlaying || this.frame.some((byte) => byte !== 0);
    return { ...(label && isSeen && { showing: label }), queued };
  }

  /** The tile of the picture that was drawn last. */
  get tile(): Tile {
    return this.stage.drawn?.projection.tile ?? WHOLE;
  }

  /** The picture that is shown, decoded with a projection. See `readWall` for walls. Throws `DEVICE`. */
  readPicture(projection: Projection): Picture {
    const { stage } = this;
    return readWall(stage.read(), stage.drawn, projection);
  }

  /** Shows a frame at once, without queuing it. Throws `DEVICE`. */
  write(frame: Frame): void {
    this.device.write(frame);
    this.onFrame(frame);
  }

  /**
   * Runs a job after the earlier ones, within the time slices of the event loop. Ends it with `QUEUE_FULL` if too many
   * wait for an earlier one.
   */
  take(job: DisplayJob): void {
    const { jobs, player } = this.stage;
    const refusal = jobs.isBusy ? this.stage.refusal(job) : undefined;
    if (refusal) player.report({ owner: job.owner, outcome: job.end }, refusal);
    else jobs.take(job);
  }

  play(playback: Playback): void {
    this.own.add(playback);
    this.stage.player.play(playback);
  }

  /** Rotates, flips or dims the picture that is shown and all that is queued. */
  adjust(change: Partial<Projection>): void {
    this.stage.player.adjust(change);
  }

  /** Ends all playbacks, and the jobs that have something to show, with `STOPPED`; the picture stays. */
  stop(): void {
    const { jobs, player } = this.stage;
    player.stop();
    const stopped = jobs.remove((job) => job.bytes !== undefined);
    for (const { owner, end } of stopped) player.report({ owner, outcome: end }, new CodedError('STOPPED'));
  }

  /** Ends the playbacks and jobs of this owner with `CLOSED`. */
  withdraw(owner: object): void {
    this.stage.player.withdraw(owner);
    // A job stays with the stage that took it.
    for (const { jobs } of new Set([this, this.stage])) {
      jobs.cancel((job) => job.owner === owner, new CodedError('CLOSED'));
    }
  }

  /** The display that plays for this one, perhaps itself. */
  get host(): Display {
    return this.stage;
  }

  /** Plays on another display of the same device from now on, or on this one again. Its playbacks move with it. */
  playOn(stage: Display): void {
    if (stage === this.stage) return;
    const given = this.leave();
    this.stage = stage;
    if (stage !== this) {
      stage.guests.add(this);
      stage.on('frame', this.onFrame).on('activity', this.onActivity);
      this.onFrame(stage.frame);
      for (const guest of [...this.guests]) guest.playOn(stage);
    }
    for (const playback of given) this.play(playback);
  }

  /** Ends everything with `CLOSED`. The picture stays, unless `clear` turns all LEDs off. */
  close(clear = this.clearsOnClose): void {
    const heir = this.stage === this ? [...this.guests][0] : this.stage;
    for (const guest of [heir, ...this.guests]) if (heir && guest !== this) guest?.playOn(heir);
    const left = this.stage === this ? [] : this.leave();
    for (const { outcome } of left) guarded(() => outcome(new CodedError('CLOSED')));
    this.player.close();
    this.jobs.cancel(() => true, new CodedError('CLOSED'));
    if (heir) heir.clearsOnClose ||= clear;
    else if (clear) this.turnOff();
    this.device.close();
  }

  /** Leaves the stage, and returns what was to be played there. */
  private leave(): Playback[] {
    const { stage } = this;
    const given = stage.player.surrender((playback) => this.own.has(playback));
    stage.off('frame', this.onFrame).off('activity', this.onActivity);
    stage.guests.delete(this);
    this.drawn = stage.drawn;
    this.lastFrame = stage.lastFrame;
    return given;
  }

  private turnOff(): void {
    const picture = fill(BLACK);
    const frame = encodeFrame(picture, DEFAULT_OPTIONS);
    try {
      this.device.write(frame);
    } catch {
      // A failing device cannot be cleared.
    }
    this.drawn = { frame, picture, projection: DEFAULT_OPTIONS };
  }

  private refusal({ bytes = 0 }: DisplayJob): CodedError | undefined {
    const { queued } = this.jobs;
    const before = queued.reduce((sum, job) => sum + (job.bytes ?? 0), this.player.queuedBytes);
    return queueFull(queued.length, before + bytes);
  }

  private read(): Frame {
    this.lastFrame = this.device.read() ?? this.lastFrame ?? Buffer.alloc(FRAME_BYTES);
    return this.lastFrame;
  }

  private readonly onFrame = (frame: Frame) => {
    this.lastFrame = frame;
    this.tell('frame', frame);
  };

  private readonly onActivity = () => this.tell('activity');

  /** A device that is opened after a while gets the frame that it should show, unless another display draws on it. */
  private onOpen(id: string): Frame | undefined {
    this.tell('open', id);
    return this.stage === this ? this.lastFrame : undefined;
  }

  private onDevice(): void {
    this.tell('device', this.deviceState);
    if (this.failure !== undefined) this.player.fail(this.failure);
    else this.player.resume();
  }

  /** Emits an event, even if one of its listeners throws. */
  private tell<Name extends keyof DisplayEvents>(name: Name, ...args: DisplayEvents[Name]): void {
    const listeners: ((...args: DisplayEvents[Name]) => void)[] = this.rawListeners(name);
    for (const listener of listeners) guarded(() => listener.apply(this, args));
  }
}
