// Compares the path from payloads to the bytes of the device with a simple model.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { Display } from '../../../../lib/sense-hat/led/display';
import { DEFAULT_OPTIONS } from '../../../../lib/sense-hat/led/options';
import { makeRandom, SEEDS } from '../../../../scripts/random';
import { deviceFile } from '../../../support/device-file';
import { drawPayload } from '../../../support/drawing';
import { watchPlayback } from '../../../support/playback';

const STEPS = 2000;

type Colour = [red: number, green: number, blue: number];

/** 8 rows of 8 colours, and their projection. */
class Model {
  rows: Colour[][] = Array.from({ length: 8 }, () => Array.from({ length: 8 }, (): Colour => [0, 0, 0]));
  rotation = 0;
  flipH = false;
  flipV = false;

  set(rows: number[], columns: number[], colour: Colour): void {
    for (const row of rows) for (const column of columns) (this.rows[row] as Colour[])[column] = colour;
  }

  get bytes(): Buffer {
    const bytes = Buffer.alloc(128);
    let seen = this.rows;
    if (this.flipH) seen = seen.map((row) => row.toReversed());
    if (this.flipV) seen = seen.toReversed();
    for (let row = 0; row < 8; row++) {
      for (let col = 0; col < 8; col++) {
        const [r, g, b] = (seen[row] as Colour[])[col] as Colour;
        const index = {
          0: 8 * row + col,
          90: 8 * col + (7 - row),
          180: 8 * (7 - row) + (7 - col),
          270: 8 * (7 - col) + row,
        }[this.rotation] as number;
        bytes.writeUInt16LE(((r >> 3) << 11) | ((g >> 2) << 5) | (b >> 3), 2 * index);
      }
    }
    return bytes;
  }
}

function runModel(seed: number, t: TestContext): void {
  const { below: number } = makeRandom(seed);
  const colour = (): Colour => [number(256), number(256), number(256)];
  const path = deviceFile(t);
  const display = new Display(path);
  t.after(() => display.close());
  const owner = {};
  const model = new Model();

  /** A range of coordinates, in the form of a command and as numbers. */
  const range = (): [unknown, number[]] => {
    const [from, to] = [number(8), number(8)].sort() as [number, number];
    const all = Array.from({ length: to - from + 1 }, (_, index) => from + index);
    return [
      [from, [from]],
      [`${from}-${to}`, all],
      ['*', [0, 1, 2, 3, 4, 5, 6, 7]],
    ][number(3)] as [unknown, number[]];
  };
  const changes: (() => unknown)[] = [
    () => {
      model.rows = Array.from({ length: 8 }, () => Array.from({ length: 8 }, colour));
      return [
        model.rows.map((row) => [...row]),
        model.rows.flat(),
        model.rows.flat(2),
        Buffer.from(model.rows.flat(2)),
      ][number(4)];
    },
    () => {
      const [x, columns] = range();
      const [y, rows] = range();
      const color = colour();
      model.set(rows, columns, color);
      return { x, y, color };
    },
    () => {
      const list = Array.from({ length: 1 + number(5) }, () => ({ x: number(8), y: number(8), color: colour() }));
      for (const { x, y, color } of list) model.set([y], [x], color);
      return list;
    },
    () => {
      const color = colour();
      model.set([0, 1, 2, 3, 4, 5, 6, 7], [0, 1, 2, 3, 4, 5, 6, 7], color);
      return { fill: color };
    },
    () => {
      model.set([0, 1, 2, 3, 4, 5, 6, 7], [0, 1, 2, 3, 4, 5, 6, 7], [0, 0, 0]);
      return [null, { clear: true }][number(2)];
    },
    () => {
      model.rows = model.rows.map((row) => row.toReversed());
      return { flip: 'horizontal' };
    },
    () => {
      model.rows = model.rows.toReversed();
      return { flip: 'vertical' };
    },
    () => ({ rotation: model.rotation }),
  ];
  for (let step = 0; step < STEPS; step++) {
    if (number(4) === 0) {
      model.rotation = 90 * number(4);
      model.flipH = number(2) === 0;
      model.flipV = number(2) === 0;
    }
    // The first step draws all pixels, because the content of the device is not that of the model.
    const payload = (changes[step === 0 ? 0 : number(changes.length)] as () => unknown)();
    const options = { ...DEFAULT_OPTIONS, rotation: model.rotation as 0, flipH: model.flipH, flipV: model.flipV };
    const { playback } = watchPlayback([], { owner });
    display.play({ ...playback, sequence: drawPayload(payload, options) });
    display.withdraw(owner); // Writes at once.
    assert.deepEqual(readFileSync(path), model.bytes, `step ${step} of seed ${seed}: ${JSON.stringify(payload)}`);
  }
}

for (const seed of SEEDS) {
  test(`pictures, pixels, fills, flips and rotations on the device match the model, seed ${seed}`, (t) => {
    runModel(seed, t);
  });
}
