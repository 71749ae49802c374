import { isDeepStrictEqual } from 'node:util';
import { type Backoff, backoffMs } from '../../backoff';
import { CodedError } from '../../coded-error';
import type { Frame } from './frame';
import { type Framebuffer, findSenseHat, openFramebuffer } from './framebuffer';

/** Whether the device is open, absent, or failing. */
export type DeviceState = { name: 'open'; path: string } | { name: 'missing' } | { name: 'failed'; error: CodedError };

/** How long to wait before opening a missing or failed device again. */
const RETRIES: Backoff = { firstMs: 1000, longestMs: 30_000 };

/**
 * A framebuffer that may come and go, as when a HAT is plugged in or a driver is loaded late. A failed one is opened
 * again and again. A missing HAT is no failure unless there was one before.
 */
export class Device {
  private framebuffer: Framebuffer | undefined;
  private current: DeviceState = { name: 'missing' };
  private wasFound = false;
  private attempt = 0;
  private timer: NodeJS.Timeout | undefined;

  /** An empty `path` means the HAT, which `find` finds. `onChange` is called when the state has changed. */
  constructor(
    private readonly path: string,
    private readonly onChange: () => void,
    private readonly find = findSenseHat,
  ) {}

  get state(): DeviceState {
    return this.current;
  }

  /** Opens the device, and keeps trying if that fails. */
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

  /** The frame that the device shows, also one of another program; `undefined` without a device. Throws `DEVICE`. */
  read(): Frame | undefined {
    return this.use((framebuffer) => framebuffer.read());
  }

  /** Does nothing without a device. Throws `DEVICE`. */
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
    // A retry that fails in the same way is no change.
    if (isDeepStrictEqual(describe(state), describe(this.current))) return;
    this.current = state;
    this.onChange();
  }
}

function describe(state: DeviceState): unknown {
  return state.name === 'failed' ? [state.error.text, state.error.values] : state;
}
