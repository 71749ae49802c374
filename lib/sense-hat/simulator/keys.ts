import type { Key, KeyEvent } from '../joystick/joystick';

/** The kernel's default for input devices that repeat (REP_DELAY and REP_PERIOD). */
const REPEAT_DELAY_MS = 250;
const REPEAT_PERIOD_MS = 33;

/** A key is released by itself unless it is pressed again within this time, because an editor may vanish. */
export const PRESS_MS = 3000;

/** The key of a simulated joystick that is held: like a real stick, it is pushed in one direction at a time. */
export class Keys {
  private held: Key | undefined;
  private repeat: NodeJS.Timeout | undefined;
  private expiry: NodeJS.Timeout | undefined;

  constructor(private readonly emit: (event: KeyEvent) => void) {}

  /** Presses a key until it is released, or another is pressed, or 3 s pass; pressed again, it is held for longer. */
  press(key: Key): void {
    clearTimeout(this.expiry);
    this.expiry = setTimeout(() => this.release(key), PRESS_MS).unref();
    if (key === this.held) return;
    this.letGo();
    this.held = key;
    this.emit({ key, state: 'press' });
    this.repeatAfter(REPEAT_DELAY_MS);
  }

  /** Releases a key if it is held. */
  release(key: Key): void {
    if (key !== this.held) return;
    clearTimeout(this.expiry);
    this.letGo();
  }

  private letGo(): void {
    clearTimeout(this.repeat);
    const key = this.held;
    this.held = undefined;
    if (key) this.emit({ key, state: 'release' });
  }

  private repeatAfter(ms: number): void {
    this.repeat = setTimeout(() => {
      this.repeatAfter(REPEAT_PERIOD_MS);
      if (this.held) this.emit({ key: this.held, state: 'hold' });
    }, ms).unref();
  }
}
