// A text that walks through several displays.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Canvas } from '../../../../lib/sense-hat/led/canvas';
import { Display } from '../../../../lib/sense-hat/led/display';
import { encodeFrame, fill } from '../../../../lib/sense-hat/led/frame';
import { DEFAULT_OPTIONS, type DisplayOptions } from '../../../../lib/sense-hat/led/options';
import { drawText } from '../../../../lib/sense-hat/led/text';
import { Clock } from '../../../support/clock';

const CANVAS: Canvas = { width: 24, height: 8 };
const PERIOD_MS = 100;

/** One of three tiles in a row. */
class Tile {
  readonly display = new Display('', () => undefined);
  /** When each column was shown, by its index. */
  readonly shownAt: number[] = [];
  outcome = '';
  private readonly animation;
  private readonly options: DisplayOptions;

  constructor(t: TestContext, clock: Clock, place: number) {
    t.after(() => this.display.close());
    this.options = { ...DEFAULT_OPTIONS, tile: { canvas: CANVAS, left: 8 * place, top: 0 } };
    this.animation = drawText('Walk', this.options);
    // Blank columns look the same, so the next one that fits is taken.
    this.display.on('frame', (frame) => {
      let column = this.shownAt.length;
      while (column < this.animation.length && !this.frameOf(column).equals(frame)) column++;
      assert(column < this.animation.length, 'a frame of the text');
      this.shownAt[column] = clock.nowMs;
    });
  }

  get columns(): number {
    return this.animation.length;
  }

  play(startsAt?: number): void {
    const label = { kind: 'text', text: 'Walk' } as const;
    const scenes = [{ animation: this.animation, projection: this.options }];
    const outcome = (error: unknown) => {
      this.outcome = error === undefined ? 'shown' : String(error);
    };
    const sequence = { label, scenes, repeat: 1 };
    this.display.play({ sequence, busy: 'queue', whenMissing: 'fail', startsAt, owner: this, bytes: 0, outcome });
  }

  private frameOf(column: number): Buffer {
    return encodeFrame(this.animation.pictureAt(column, fill([0, 0, 0], CANVAS)), this.options);
  }
}

function makeWall(t: TestContext) {
  const clock = new Clock(t);
  return { clock, tiles: [0, 1, 2].map((place) => new Tile(t, clock, place)) as [Tile, Tile, Tile] };
}

test('displays that get a text shortly after each other stay in step to its end', (t) => {
  const { clock, tiles } = makeWall(t);
  for (const tile of tiles) {
    tile.play();
    clock.run(7);
  }
  clock.run(60 * PERIOD_MS);
  const [first, second, third] = tiles;
  assert.equal(first.shownAt.length, first.columns);
  for (const column of first.shownAt.keys()) {
    const times = tiles.map(({ shownAt }) => shownAt[column] as number);
    assert.equal(Math.max(...times) - Math.min(...times), 14, `column ${column}`);
  }
  for (const tile of [first, second, third]) assert.equal(tile.outcome, 'shown');
});

test('displays that know the start show the same column at the same time, however late they get the text', (t) => {
  const { clock, tiles } = makeWall(t);
  const [early, late, latest] = tiles;
  early.play(50);
  clock.run(1234);
  late.play(50);
  clock.run(1089);
  latest.play(50);
  clock.run(60 * PERIOD_MS);
  assert.deepEqual(
    early.shownAt,
    Array.from({ length: early.columns }, (_, column) => 50 + PERIOD_MS * column),
  );
  // The first column that a display shows is the one of the moment; all others are on time.
  const joined: [Tile, number, number][] = [
    [late, 1234, 11],
    [latest, 2323, 22],
  ];
  for (const [tile, now, column] of joined) {
    assert.deepEqual(tile.shownAt.slice(column + 1), early.shownAt.slice(column + 1));
    assert.equal(Object.values(tile.shownAt)[0], now);
    assert.equal(tile.outcome, 'shown');
  }
});
