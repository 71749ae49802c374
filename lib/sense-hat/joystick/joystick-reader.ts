import type { CodedError } from '../../coded-error';
import type { Rotation } from '../led/frame';
import { type KeyEvent, keyEventReader } from './joystick';
import { findJoystick, openJoystick } from './joystick-device';

const FIRST_DELAY_MS = 1000;
const LONGEST_DELAY_MS = 30_000;

export type JoystickState =
  | { name: 'open'; path: string }
  | { name: 'missing' }
  /** `DEVICE` */
  | { name: 'failed'; error: CodedError };

/** What is read, and who is told. */
interface JoystickReading {
  /** A path; empty: the HAT's joystick, wherever it is. */
  device: string;
  /** That of the picture, degrees clockwise. */
  rotation: Rotation;
  onKey(event: KeyEvent): void;
  /** After each look; the same state may come again. */
  onState(state: JoystickState): void;
}

/**
 * Reads a joystick until the function that is returned is called. While there is none, or none that can be read, it
 * looks again after 1 s, then after twice as long each time up to 30 s; one that had events is looked for at once.
 */
export function readJoystick({ device, rotation, onKey, onState }: JoystickReading): () => void {
  let delayMs = FIRST_DELAY_MS;
  let timer: NodeJS.Timeout | undefined;
  let close = () => {};
  const look = () => {
    const path = device || findJoystick();
    if (path === undefined) return wait({ name: 'missing' });
    const read = keyEventReader(rotation);
    let hadEvents = false;
    close = openJoystick(path, {
      onOpen: () => onState({ name: 'open', path }),
      onBytes: (bytes) => {
        hadEvents = true;
        delayMs = FIRST_DELAY_MS;
        for (const event of read(bytes)) onKey(event);
      },
      onEnd: (error) => {
        if (hadEvents) look();
        else wait(error ? { name: 'failed', error } : { name: 'missing' });
      },
    });
  };
  const wait = (state: JoystickState) => {
    timer = setTimeout(look, delayMs).unref();
    delayMs = Math.min(2 * delayMs, LONGEST_DELAY_MS);
    onState(state);
  };
  look();
  return () => {
    clearTimeout(timer);
    close();
  };
}
