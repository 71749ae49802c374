import { realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Display } from './display';
import { findSenseHat } from './framebuffer';

const displays = new Map<string, { display: Display; users: number }>();

/** The display at a path, or that of the HAT for an empty path; opened for its first user. */
export function acquireDisplay(path: string): Display {
  const key = deviceKey(path);
  const shared = displays.get(key) ?? { display: new Display(key), users: 0 };
  shared.users++;
  displays.set(key, shared);
  return shared.display;
}

/** The display with this `Display.path`, if it is in use. */
export function findDisplay(path: string): Display | undefined {
  return displays.get(path)?.display;
}

/** The last user's release closes the display, and with `clear` turns its LEDs off. */
export function releaseDisplay(display: Display, clear = false): void {
  for (const [key, shared] of displays) {
    if (shared.display !== display || --shared.users > 0) continue;
    displays.delete(key);
    display.close(clear);
  }
}

/** The same key for all paths of one device; empty for the HAT. */
function deviceKey(path: string): string {
  if (path === '') return '';
  try {
    const real = join(realpathSync(dirname(path)), basename(path));
    return real === findSenseHat() ? '' : real;
  } catch {
    return path;
  }
}
