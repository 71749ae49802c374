import type { Rotation } from '../rotation';

/** The keys of a joystick: four directions, and the stick itself. */
export const KEYS = ['UP', 'RIGHT', 'DOWN', 'LEFT', 'ENTER'] as const;
export type Key = (typeof KEYS)[number];
type KeyState = 'press' | 'hold' | 'release';

/** A key as seen by a viewer of the rotated picture, and what happened to it. */
export interface KeyEvent {
  key: Key;
  state: KeyState;
}

/**
 * The size of one event, `struct input_event`: two longs of time, then type and code of 16 bits and a value of 32. The
 * size of a long is that of the reading process.
 */
export const EVENT_BYTES = ['arm', 'ia32', 'mips', 'mipsel'].includes(process.arch) ? 16 : 24;

/** The type of key events; others, such as the one that ends a report, are ignored. */
const EV_KEY = 1;

/** The key codes of Raspberry Pi's driver rpisense-js, and of sensehat-joystick in the mainline kernel. */
const KEY_CODES = new Map<number, Key>([
  [103, 'UP'],
  [105, 'LEFT'],
  [106, 'RIGHT'],
  [108, 'DOWN'],
  [28, 'ENTER'],
  [0x220, 'UP'],
  [0x221, 'DOWN'],
  [0x222, 'LEFT'],
  [0x223, 'RIGHT'],
  [0x13a, 'ENTER'],
]);

const STATES: readonly (KeyState | undefined)[] = ['release', 'press', 'hold'];

/** Clockwise: rotating the picture by 90 degrees moves each key back by one. */
const DIRECTIONS: readonly Key[] = ['UP', 'RIGHT', 'DOWN', 'LEFT'];

/**
 * Makes a parser for the kernel's event stream (https://docs.kernel.org/input/input.html#event-interface). It takes
 * chunks of any size and returns the key events that each chunk completes. `rotation` is that of the picture: at 90 its
 * top is the HAT's right edge, so a push to the right is UP.
 */
export function keyEventReader(rotation: Rotation, eventBytes = EVENT_BYTES): (bytes: Buffer) => KeyEvent[] {
  let rest: Buffer = Buffer.alloc(0);
  return (bytes) => {
    const all = Buffer.concat([rest, bytes]);
    const complete = all.length - (all.length % eventBytes);
    rest = all.subarray(complete);
    const events: KeyEvent[] = [];
    for (let end = eventBytes; end <= complete; end += eventBytes) {
      const key = KEY_CODES.get(all.readUInt16LE(end - 6));
      const state = STATES[all.readUInt32LE(end - 4)];
      if (all.readUInt16LE(end - 8) === EV_KEY && key && state) events.push({ key: rotatedKey(key, rotation), state });
    }
    return events;
  };
}

/** A key of the HAT as seen by a viewer of the rotated picture; see `keyEventReader`. */
export function rotatedKey(key: Key, rotation: Rotation): Key {
  const at = DIRECTIONS.indexOf(key);
  return at < 0 ? key : (DIRECTIONS.at(at - rotation / 90) ?? key);
}
