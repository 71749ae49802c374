import { type Backoff, backoffMs } from '../../backoff';
import type { CodedError } from '../../coded-error';
import type { Rotation } from '../rotation';
import { type KeyEvent, keyEventReader } from './joystick';
import { findJoystick, openJoystick } from './joystick-device';

/** How long to wait before opening a missing or failed joystick again. */
const RETRIES: Backoff = { firstMs: 1000, longestMs: 30_000 };

export type JoystickState =
  | { name: 'open'; path: string }
  | { name: 'missing' }
  /** `DEVICE` */
  | { name: 'failed'; error: CodedError };

/** Which joystick to read, and the callbacks. */
interface JoystickReaderOptions {
  /** The path of the joystick; empty: the HAT's. */
  device: string;
  /** The rotation of the picture. */
  rotation: Rotation;
  onKey(event: KeyEvent): void;
  /** Called after each attempt to open the joystick, also if the state is the same as before. */
  onState(state: JoystickState): void;
}

/**
 * Reads a joystick until the returned function is called. While it is missing or cannot be read, it is opened again
 * after 1 s, then after twice as long each time up to 30 s. A joystick that ends after it had events is opened again at
 * once.
 */
export function readJoystick({ device, rotation, onKey, onState }: JoystickReaderOptions): () => void {
  let attempt = 0;
  let timer: NodeJS.Timeout | undefined;
  let close = () => {};
  const open = () => {
    const path = device || findJoystick();
    if (path === undefined) return retry({ name: 'missing' });
    const read = keyEventReader(rotation);
    let hadEvents = false;
    close = openJoystick(path, {
      onOpen: () => onState({ name: 'open', path }),
      onBytes: (bytes) => {
        hadEvents = true;
        attempt = 0;
        for (const event of read(bytes)) onKey(event);
      },
      onEnd: (error) => {
        if (hadEvents) open();
        else retry(error ? { name: 'failed', error } : { name: 'missing' });
      },
    });
  };
  const retry = (state: JoystickState) => {
    timer = setTimeout(open, backoffMs(attempt++, RETRIES)).unref();
    onState(state);
  };
  open();
  return () => {
    clearTimeout(timer);
    close();
  };
}
