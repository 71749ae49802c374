import { type Backoff, backoffMs } from '../../backoff';
import type { CodedError } from '../../coded-error';
import type { Rotation } from '../rotation';
import { type KeyEvent, keyEventReader } from './joystick';
import { findJoystick, openJoystick } from './joystick-device';
import { readSimulator, SIMULATOR } from './simulated-joystick';

/** How long to wait before opening a missing or failed joystick again. */
const RETRIES: Backoff = { firstMs: 1000, longestMs: 30_000 };

export type JoystickState =
  /** It is read; `shared` is why it cannot be kept from the console: `DEVICE`. */
  | { name: 'open'; path: string; shared?: CodedError }
  /** Meanwhile the simulator provides the keys, unless a certain joystick is wanted. */
  | { name: 'missing' }
  /** `DEVICE` */
  | { name: 'failed'; error: CodedError };

/** Which joystick to read, and the callbacks. */
export interface JoystickReaderOptions {
  /** The path of the joystick; `simulator`; empty: the HAT's, and the simulator's while there is none. */
  device: string;
  /** The rotation of the picture. */
  rotation: Rotation;
  /** Whether the joystick is kept from the console, which takes it for a keyboard. */
  exclusive: boolean;
  /** `isSimulated`: a key of the simulator. */
  onKey(event: KeyEvent, isSimulated: boolean): void;
  /** Called after each attempt to open the joystick, even if the state is the same as before. */
  onState(state: JoystickState): void;
}

/**
 * Reads a joystick until the returned function is called. While it is missing or cannot be read, it is opened again
 * after 1 s, then after twice as long each time up to 30 s. One that ends after it sent events is opened again at once.
 */
export function readJoystick({ device, rotation, exclusive, onKey, onState }: JoystickReaderOptions): () => void {
  let attempt = 0;
  let timer: NodeJS.Timeout | undefined;
  let close = () => {};
  let stopSimulator: (() => void) | undefined;
  const simulate = (isWanted: boolean) => {
    if (isWanted === (stopSimulator !== undefined)) return;
    stopSimulator?.();
    stopSimulator = isWanted ? readSimulator(rotation, (event) => onKey(event, true)) : undefined;
  };
  const open = () => {
    const path = device || findJoystick();
    if (path === undefined) return retry({ name: 'missing' });
    const read = keyEventReader(rotation);
    let hadEvents = false;
    const listener = {
      onOpen: () => {
        simulate(false);
        onState({ name: 'open', path });
      },
      onShared: (shared: CodedError) => onState({ name: 'open', path, shared }),
      onBytes: (bytes: Buffer) => {
        hadEvents = true;
        attempt = 0;
        for (const event of read(bytes)) onKey(event, false);
      },
      onEnd: (error?: CodedError) => {
        if (hadEvents) open();
        else retry(error ? { name: 'failed', error } : { name: 'missing' });
      },
    };
    close = openJoystick(path, listener, exclusive);
  };
  const retry = (state: JoystickState) => {
    timer = setTimeout(open, backoffMs(attempt++, RETRIES)).unref();
    simulate(device === '' && state.name === 'missing');
    onState(state);
  };
  if (device === SIMULATOR) {
    simulate(true);
    onState({ name: 'open', path: SIMULATOR });
  } else open();
  return () => {
    clearTimeout(timer);
    simulate(false);
    close();
  };
}
