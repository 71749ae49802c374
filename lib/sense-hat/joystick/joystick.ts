import type { Rotation } from '../led/frame';

type Key = 'UP' | 'RIGHT' | 'DOWN' | 'LEFT' | 'ENTER';
type KeyState = 'press' | 'hold' | 'release';

/** What happened to a key, which is named as the one sees it who looks at the turned picture. */
export interface KeyEvent {
  key: Key;
  state: KeyState;
}

/**
 * The bytes of one event, `struct input_event`: two longs of time, then type and code of 16 bits and a value of 32.
 * A long is that of the process that reads.
 */
export const EVENT_BYTES = ['arm', 'ia32', 'mips', 'mipsel'].includes(process.arch) ? 16 : 24;

/** The type of a key's events; all others, such as the one that ends a report, say nothing about keys. */
const EV_KEY = 1;

/** The codes of Raspberry Pi's driver rpisense-js, and those of the mainline kernel's sensehat-joystick. */
const KEYS = new Map<number, Key>([
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

/** Clockwise, so that a turn of the picture is a step back. */
const DIRECTIONS: readonly Key[] = ['UP', 'RIGHT', 'DOWN', 'LEFT'];

/**
 * Reads events as the kernel writes them (https://docs.kernel.org/input/input.html#event-interface), however a stream
 * has cut them: gives the key events that are complete with these bytes. `rotation` is that of the picture, clockwise
 * as for `encodeFrame`; at 90 its top is the HAT's right edge, so a push to the right is UP.
 */
export function keyEventReader(rotation: Rotation, eventBytes = EVENT_BYTES): (bytes: Buffer) => KeyEvent[] {
  let rest: Buffer = Buffer.alloc(0);
  return (bytes) => {
    const all = Buffer.concat([rest, bytes]);
    const complete = all.length - (all.length % eventBytes);
    rest = all.subarray(complete);
    const events: KeyEvent[] = [];
    for (let end = eventBytes; end <= complete; end += eventBytes) {
      const key = KEYS.get(all.readUInt16LE(end - 6));
      const state = STATES[all.readUInt32LE(end - 4)];
      if (all.readUInt16LE(end - 8) === EV_KEY && key && state) events.push({ key: turn(key, rotation), state });
    }
    return events;
  };
}

function turn(key: Key, rotation: Rotation): Key {
  const at = DIRECTIONS.indexOf(key);
  return at < 0 ? key : (DIRECTIONS.at(at - rotation / 90) ?? key);
}
