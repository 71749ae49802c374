import { realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Tile, WHOLE } from './canvas';
import { Display } from './display';
import type { Drawn } from './drawn';
import { findSenseHat } from './framebuffer';
import { isTileName, tileName } from './tile';

interface Shared {
  display: Display;
  users: number;
}

const displays = new Map<string, Shared>();

/** What was drawn last on the devices of displays that are closed, by their keys. */
const kept = new Map<string, Drawn>();

/**
 * The display at a path, or that of the HAT for an empty path; opened for its first user. Without a path, each tile of a
 * wall has a display of its own, so that one computer can preview all of a wall.
 */
export function acquireDisplay(path: string, tile: Tile = WHOLE): Display {
  const key = path === '' && tile.canvas !== WHOLE.canvas ? tileName(tile) : deviceKey(path);
  const shared = displays.get(key) ?? open(key);
  shared.users++;
  return shared.display;
}

/** The display with this `Display.path`, if it is in use. */
export function findDisplay(path: string): Display | undefined {
  return displays.get(path)?.display;
}

/** The last user's release closes the display, and turns its LEDs off if one of its users has asked for it (`clear`). */
export function releaseDisplay(display: Display, clear = false): void {
  for (const [key, shared] of displays) {
    if (shared.display !== display) continue;
    display.clearsOnClose ||= clear;
    if (--shared.users > 0) continue;
    displays.delete(key);
    display.close();
    // Where there is no device, nothing keeps a picture.
    if (display.drawn && display.deviceState.name !== 'missing') kept.set(key, display.drawn);
  }
}

/** A display remains in use: forgets that users who have left asked for its LEDs to be turned off. */
export function keepDisplay(display: Display): void {
  for (const each of [display, display.host]) each.clearsOnClose = false;
}

function open(key: string): Shared {
  const display = new Display(key, finderFor(key), kept.get(key));
  const shared = { display, users: 0 };
  displays.set(key, shared);
  display.on('open', () => regroup(display));
  display.on('device', () => regroup(display));
  regroup(display);
  return shared;
}

/** Lets displays play together if, and as long as, they have the same device. */
function regroup(changed: Display): void {
  const all = Array.from(displays.values(), ({ display }) => display);
  for (const display of [changed, ...all.filter(({ host }) => host === changed)]) {
    const { deviceId, host } = display;
    if (host !== display && deviceId !== undefined && host.deviceId === deviceId) continue;
    const stage = all.find((one) => one !== display && one.host === one && one.deviceId === deviceId);
    display.playOn((deviceId !== undefined && stage) || display);
  }
}

/** Finds the HAT, which has one matrix: of several tiles the first one in use gets it. */
function finderFor(key: string): typeof findSenseHat {
  if (!isTileName(key)) return findSenseHat;
  return () => (([...displays.keys()].find(isTileName) ?? key) === key ? findSenseHat() : undefined);
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
