import { isDeepStrictEqual } from 'node:util';
import { type Backoff, backoffMs } from '../../backoff';
import { CodedError } from '../../coded-error';
import type { Frame } from './frame';
import { type Framebuffer, findSenseHat, openFramebuffer } from './framebuffer';

/** Whether there is a device: an open one, none at all, or one that fails. */
export type DeviceState = { name: 'open'; path: string } | { name: 'missing' } | { name: 'failed'; error: CodedError };

/** How long to wait before looking for a missing or failed device again. */
const RETRIES: Backoff = { firstMs: 1000, longestMs: 30_000 };

/**
 * A framebuffer that may come and go: a HAT that is plugged in, a driver that is loaded later. It is opened once, and
 * again whenever it has failed. As long as no HAT was ever found, that is no failure: there is nothing to show on.
 */
export class Device {
  private framebuffer: Framebuffer | undefined;
  private current: DeviceState = { name: 'missing' };
  private wasFound = false;
  private attempt = 0;
  private timer: NodeJS.Timeout | undefined;

  /** `path` is the one to open; empty: that of the HAT, by `find`. `onChange` is told when the state has changed. */
  constructor(
    private readonly path: string,
    private readonly onChange: () => void,
    private readonly find = findSenseHat,
  ) {}

  get state(): DeviceState {
    return this.current;
  }

  /** Opens the device, or begins to look for it. */
  open(): void {
    try {
      const path = this.path || this.find();
      if (path === undefined) {
        this.retry(this.wasFound ? new CodedError('DEVICE-gone') : undefined);
        return;
      }
      this.wasFound = true;
      this.framebuffer = openFramebuffer(path);
      this.framebuffer.read();
      this.attempt = 0;
      this.change({ name: 'open', path });
    } catch (error) {
      this.retry(error as CodedError);
    }
  }

  /** What is shown, whoever drew it; `undefined` where there is no device. Throws `DEVICE`. */
  read(): Frame | undefined {
    return this.use((framebuffer) => framebuffer.read());
  }

  /** Does nothing where there is no device. Throws `DEVICE`. */
  write(frame: Frame): void {
    this.use((framebuffer) => framebuffer.write(frame));
  }

  close(): void {
    clearTimeout(this.timer);
    this.framebuffer?.close();
    this.framebuffer = undefined;
  }

  private use<T>(action: (framebuffer: Framebuffer) => T): T | undefined {
    if (this.current.name === 'failed') throw this.current.error;
    try {
      return this.framebuffer && action(this.framebuffer);
    } catch (error) {
      this.retry(error as CodedError);
      throw error;
    }
  }

  private retry(error: CodedError | undefined): void {
    this.framebuffer?.close();
    this.framebuffer = undefined;
    this.timer = setTimeout(() => this.open(), backoffMs(this.attempt++, RETRIES));
    this.change(error ? { name: 'failed', error } : { name: 'missing' });
  }

  private change(state: DeviceState): void {
    // The same failure again is nothing new.
    if (isDeepStrictEqual(describe(state), describe(this.current))) return;
    this.current = state;
    this.onChange();
  }
}

function describe(state: DeviceState): unknown {
  return state.name === 'failed' ? [state.error.text, state.error.values] : state;
}
