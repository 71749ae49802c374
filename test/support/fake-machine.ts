import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Measured } from '../../lib/sense-hat/sensors/chip';
import type { Machine } from '../../lib/sense-hat/sensors/sensors';
import { deviceFolder } from './device-file';
import { errno } from './fake-chips';

/** A machine with nothing but what a test gives it, and its own clock. */
export interface FakeMachine extends Machine {
  tick(ms: number): void;
}

export function fakeMachine(t: TestContext, given: Partial<Machine> = {}): FakeMachine {
  const nowhere = join(deviceFolder(t), 'nowhere');
  let time = 1000;
  return {
    sys: nowhere,
    proc: nowhere,
    dev: '/dev',
    emulator: nowhere,
    openI2c: async () => {
      throw errno('ENOENT');
    },
    calibrationFiles: [],
    now: () => time,
    tick: (ms) => {
      time += ms;
    },
    ...given,
  };
}

/** Writes the files of a tree such as `/sys`, with these texts by path, into a new folder or an older one. */
export function makeTree(t: TestContext, files: Record<string, string>, root = deviceFolder(t)): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

/** Links a device of Industrial I/O to its place on a bus, as the kernel does. */
export function linkIioDevice(sys: string, entry: string, bus: number): void {
  const devices = join(sys, 'bus', 'iio', 'devices');
  mkdirSync(devices, { recursive: true });
  symlinkSync(join(sys, 'devices', `i2c-${bus}`, entry), join(devices, entry));
}

/** Compares numbers within a millionth, or what `within` says. */
export function assertNear(actual: Measured, expected: Measured, within = 1e-6): void {
  const flat = (measured: Measured) =>
    Object.entries(measured).flatMap(([name, value]): [string, number][] =>
      typeof value === 'number'
        ? [[name, value]]
        : Object.entries(value as object).map(([axis, number]) => [`${name}.${axis}`, number as number]),
    );
  const actuals = Object.fromEntries(flat(actual));
  const expecteds = Object.fromEntries(flat(expected));
  assert.deepEqual(Object.keys(actuals).sort(), Object.keys(expecteds).sort());
  for (const [name, value] of Object.entries(expecteds)) {
    assert(Math.abs((actuals[name] as number) - value) <= within, `${name} ${actuals[name]}, expected ${value}`);
  }
}
