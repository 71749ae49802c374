import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { CodedError } from '../../../../lib/coded-error';
import { type Animation, still } from '../../../../lib/sense-hat/led/animation';
import type { Drawn } from '../../../../lib/sense-hat/led/drawn';
import { encodeFrame, type Frame, fill, type Projection } from '../../../../lib/sense-hat/led/frame';
import type { Screen } from '../../../../lib/sense-hat/led/frame-writer';
import { DEFAULT_OPTIONS } from '../../../../lib/sense-hat/led/options';
import { Player } from '../../../../lib/sense-hat/led/player';
import { Clock } from '../../../support/clock';
import { type WatchedOptions, type WatchedPlayback, watchPlayback } from '../../../support/playback';

/** The longest delay of `setTimeout`, which replaces a longer one by 1 ms. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;

/** A picture named by a letter and a number up to 63: red encodes the letter, green the number. */
const named = (letter: string, index: number) => fill([8 * (letter.charCodeAt(0) - 64), 4 * (index % 64), 0]);

function nameOf(frame: Frame): string {
  const pixel = frame.readUInt16LE(0);
  return String.fromCharCode(64 + (pixel >> 11)) + ((pixel >> 5) & 63);
}

/** An animation with the pictures A0, A1, ... */
function animation(letter: string, length: number, periodMs: number): Animation {
  return { length, periodMs, pictureAt: (index) => named(letter, index) };
}

class TestScreen implements Screen {
  frame: Frame = Buffer.alloc(128);
  failure: unknown;
  drawn: Drawn | undefined;
  /** The failure that the next write will find. */
  breaksWith: unknown;
  /** The written frames with their times: `A0 at 100`. */
  readonly written: string[] = [];

  constructor(private readonly clock: Clock) {}

  write(frame: Frame): void {
    this.failure ??= this.breaksWith;
    if (this.failure !== undefined) throw this.failure;
    this.frame = frame;
    this.written.push(`${nameOf(frame)} at ${this.clock.nowMs}`);
  }

  /** The written frames: `A0`. */
  get names(): string[] {
    return this.written.map((line) => line.split(' ')[0] as string);
  }
}

function makeStage(t: TestContext) {
  const clock = new Clock(t);
  const screen = new TestScreen(clock);
  const player = new Player(screen);
  const play = (animations: Animation | Animation[], options?: WatchedOptions): WatchedPlayback => {
    const watched = watchPlayback(animations, options);
    player.play(watched.playback);
    return watched;
  };
  return { clock, screen, player, play };
}

function outcomesOf(watched: WatchedPlayback[]): string[] {
  return watched.map(({ outcomes }) => outcomes.join(' and '));
}

test('every picture of a slow animation is shown in order, each for the period, the last one included', (t) => {
  const { clock, screen, play } = makeStage(t);
  const watched = play(animation('A', 4, 100));
  clock.run(399);
  assert.deepEqual(screen.written, ['A0 at 0', 'A1 at 100', 'A2 at 200', 'A3 at 300']);
  assert.deepEqual(watched.outcomes, []);
  clock.run(1);
  assert.deepEqual(watched.outcomes, ['shown']);
  clock.run(1000);
  assert.equal(screen.written.length, 4);
  assert.equal(watched.outcomes.length, 1);
  assert.equal(clock.pending, 0, 'an idle player sets no timers');
});

test('timers that fire late do not add up', (t) => {
  const { clock, screen, play } = makeStage(t);
  const watched = play(animation('A', 5, 100));
  while (watched.outcomes.length === 0) clock.jump(7);
  assert.deepEqual(screen.written, ['A0 at 0', 'A1 at 105', 'A2 at 203', 'A3 at 301', 'A4 at 406']);
  assert.equal(clock.nowMs, 504);
});

test('after a pause of the process late pictures are skipped, and the others are on time', (t) => {
  const { clock, screen, play } = makeStage(t);
  play(animation('A', 10, 100));
  clock.jump(450);
  clock.run(550);
  assert.deepEqual(screen.written, [
    'A0 at 0',
    'A4 at 450',
    'A5 at 500',
    'A6 at 600',
    'A7 at 700',
    'A8 at 800',
    'A9 at 900',
  ]);
});

test('the last picture is always shown, even if it is late', (t) => {
  for (const pauseMs of [250, 399, 400, 1000, 100_000]) {
    const { clock, screen, play } = makeStage(t);
    const watched = play(animation('A', 4, 100));
    play(animation('B', 1, 100));
    clock.jump(pauseMs);
    clock.run(600);
    assert(screen.names.includes('A3'), `after ${pauseMs} ms`);
    assert.equal(screen.names.at(-1), 'B0');
    assert.deepEqual(watched.outcomes, ['shown']);
    t.mock.restoreAll();
  }
});

test('after a long standstill the next scene does not catch up', (t) => {
  const { clock, screen, play } = makeStage(t);
  play([animation('A', 2, 100), animation('B', 3, 100)]);
  clock.jump(3_600_000);
  clock.run(400);
  assert.deepEqual(screen.names, ['A0', 'A1', 'B0', 'B1', 'B2']);
});

test('an animation with a period of 0 ends at once, and its last picture stays', (t) => {
  const { screen, play } = makeStage(t);
  const watched = play(animation('A', 3, 0));
  assert.deepEqual(screen.written, ['A2 at 0']);
  assert.deepEqual(watched.outcomes, ['shown']);
});

test('pictures in quick succession are coalesced, and complete when their frame is written', (t) => {
  const { clock, screen, play } = makeStage(t);
  const watched = Array.from({ length: 5 }, (_, index) => play(still(named('A', index))));
  assert.deepEqual(screen.written, ['A0 at 0']);
  assert.deepEqual(outcomesOf(watched), ['shown', '', '', '', '']);
  clock.run(10);
  assert.deepEqual(screen.names, ['A0', 'A4']);
  assert.deepEqual(outcomesOf(watched), Array(5).fill('shown'));
});

test('at most a hundred frames a second are written, and the last one of each burst', (t) => {
  const { clock, screen, play } = makeStage(t);
  const outcomes: WatchedPlayback[] = [];
  for (let ms = 0; ms < 3000; ms++) {
    if (ms % 500 < 400) outcomes.push(play(still(named('A', ms))));
    else if (ms % 500 === 420) assert.equal(screen.names.at(-1), `A${(ms - 21) % 64}`, `after the burst before ${ms}`);
    clock.run(1);
  }
  const times = screen.written.map((line) => Number(line.split(' ')[2]));
  times.forEach((time, index) => {
    assert(index === 0 || time - (times[index - 1] as number) >= 8, `two frames within 8 ms at ${time}`);
    assert((times[index + 101] ?? Number.POSITIVE_INFINITY) - time > 1000, `more than 101 in a second at ${time}`);
  });
  assert(outcomes.every(({ outcomes }) => outcomes.length === 1 && outcomes[0] === 'shown'));
});

test('an animation that is too fast keeps its duration and ends with its last picture', (t) => {
  const { clock, screen, play } = makeStage(t);
  const watched = play(animation('A', 50, 1));
  clock.run(60);
  assert.deepEqual(watched.outcomes, ['shown']);
  assert.equal(screen.names.at(-1), 'A49');
  assert(screen.written.length <= 7);
});

test('no timer has a negative delay', (t) => {
  const { clock, play } = makeStage(t);
  play(animation('A', 10, 100));
  clock.jump(450);
  clock.run(600);
  for (const waitMs of clock.waits) assert(waitMs >= 0, `a wait of ${waitMs} ms`);
});

test('a period longer than setTimeout allows does not become a short one', (t) => {
  const { clock, play } = makeStage(t);
  play(animation('A', 2, 30 * 24 * 3600 * 1000));
  for (const waitMs of clock.waits) assert(waitMs <= LONGEST_WAIT_MS, `a wait of ${waitMs} ms`);
});

test('queued sequences are shown one after another, in order', (t) => {
  const { clock, screen, play } = makeStage(t);
  const order: string[] = [];
  const note = (name: string) => ({ onEnd: () => order.push(name) });
  play(animation('A', 2, 100), note('A'));
  play(animation('B', 1, 50), note('B'));
  play(animation('C', 1, 0), note('C'));
  play(animation('D', 2, 20), note('D'));
  clock.run(300);
  // C is coalesced with D.
  assert.deepEqual(screen.written, ['A0 at 0', 'A1 at 100', 'B0 at 200', 'D0 at 250', 'D1 at 270']);
  assert.deepEqual(order, ['A', 'B', 'C', 'D']);
});

test('the player plays again after it was idle', (t) => {
  const { clock, screen, play } = makeStage(t);
  play(animation('A', 1, 50));
  clock.run(1000);
  play(animation('B', 2, 50));
  clock.run(100);
  assert.deepEqual(screen.written, ['A0 at 0', 'B0 at 1000', 'B1 at 1050']);
});

test('the scenes of a sequence follow each other, and all of them are repeated', (t) => {
  const { clock, screen, play } = makeStage(t);
  const watched = play([animation('A', 2, 50), still(named('B', 0), 25), animation('C', 1, 75)], { repeat: 2 });
  while (watched.outcomes.length === 0) clock.jump(3);
  assert.deepEqual(screen.names, ['A0', 'A1', 'B0', 'C0', 'A0', 'A1', 'B0', 'C0']);
  assert(clock.nowMs >= 400 && clock.nowMs < 406, `${clock.nowMs} ms`);
});

test('an endless sequence completes after its first round and repeats until the next one', (t) => {
  for (const busy of ['queue', 'replace', 'drop'] as const) {
    const { clock, screen, play } = makeStage(t);
    const endless = play(animation('A', 2, 50), { repeat: 0 });
    clock.run(99);
    assert.deepEqual(endless.outcomes, []);
    clock.run(226);
    assert.deepEqual(endless.outcomes, ['shown']);
    assert.deepEqual(screen.names, ['A0', 'A1', 'A0', 'A1', 'A0', 'A1', 'A0']);
    const next = play(animation('B', 1, 50), { busy });
    clock.run(100);
    assert.deepEqual(screen.written.slice(7), ['B0 at 325'], busy);
    assert.deepEqual(outcomesOf([endless, next]), ['shown', 'shown']);
    assert.equal(clock.pending, 0);
    t.mock.restoreAll();
  }
});

test('the first round of an endless sequence plays like any other sequence', (t) => {
  const { clock, screen, player, play } = makeStage(t);
  const endless = play(animation('A', 2, 50), { repeat: 0 });
  const dropped = play(animation('B', 1, 50), { busy: 'drop' });
  const waiting = play(animation('C', 1, 50));
  clock.run(150);
  assert.deepEqual(outcomesOf([endless, dropped, waiting]), ['shown', 'BUSY', 'shown']);
  assert.deepEqual(screen.names, ['A0', 'A1', 'C0']);

  const replaced = play(animation('D', 2, 50), { repeat: 0 });
  play(animation('E', 2, 50), { repeat: 0, busy: 'replace' });
  const owner = {};
  clock.run(60);
  player.stop();
  const withdrawn = play(animation('F', 2, 50), { repeat: 0, owner });
  player.withdraw(owner);
  assert.deepEqual(outcomesOf([replaced, withdrawn]), ['REPLACED', 'CLOSED']);
  clock.run(1000);
  assert.equal(clock.pending, 0);
});

test('a sequence without duration ends at once, even if it is repeated', (t) => {
  for (const repeat of [0, 2, LONGEST_WAIT_MS]) {
    const { clock, screen, play } = makeStage(t);
    const watched = play(still(named('A', 1)), { repeat });
    assert.deepEqual(watched.outcomes, ['shown'], `repeat ${repeat}`);
    clock.run(100);
    assert.deepEqual(screen.names, ['A1']);
    t.mock.restoreAll();
  }
});

test('a replacing sequence is shown at once, and the waiting ones after it', (t) => {
  const { clock, screen, play } = makeStage(t);
  const watched = [play(animation('A', 5, 100)), play(animation('B', 1, 100))];
  clock.run(150);
  watched.push(play(animation('C', 2, 100), { busy: 'replace' }));
  assert.deepEqual(outcomesOf(watched), ['REPLACED', '', '']);
  clock.run(300);
  assert.deepEqual(screen.written, ['A0 at 0', 'A1 at 100', 'C0 at 150', 'C1 at 250', 'B0 at 350']);
  assert.deepEqual(outcomesOf(watched), ['REPLACED', 'shown', 'shown']);
});

test('single pixels that interrupt an animation change its ground, or else the picture that is shown', (t) => {
  const oneLit: Animation = {
    length: 1,
    periodMs: 0,
    pictureAt: (_, shown) => Uint8Array.from(shown).fill(255, 189),
  };
  for (const ground of [undefined, named('G', 7)]) {
    const { clock, screen, play } = makeStage(t);
    play({ ...animation('A', 5, 100), ...(ground && { ground }) });
    clock.run(150);
    play(oneLit, { busy: 'replace' });
    assert.equal(screen.names.at(-1), ground ? 'G7' : 'A1');
    assert.equal(screen.frame.readUInt16LE(126), 0xffff);
    t.mock.restoreAll();
  }
});

/** Sets the last pixel and leaves the others. */
const LAST_LIT: Animation = {
  length: 1,
  periodMs: 0,
  pictureAt: (_, shown) => Uint8Array.from(shown).fill(255, 189),
};

test('what another program has drawn is the ground of a change, by the look of the playback', (t) => {
  const corner = Uint8Array.from({ length: 192 }, (_, at) => (at < 3 ? 255 : 0));
  const cases: [look: Partial<Projection> | undefined, scene: Partial<Projection>, lit: number[]][] = [
    [undefined, {}, [0, 63]],
    [undefined, { rotation: 180 }, [0, 0]],
    [{}, { rotation: 180 }, [63, 0]],
    [{ rotation: 180 }, { rotation: 180 }, [0, 0]],
    [{ rotation: 180 }, {}, [63, 63]],
    [{ flipH: true }, {}, [7, 63]],
  ];
  for (const [look, scene, lit] of cases) {
    const { clock, screen, player, play } = makeStage(t);
    play(animation('A', 1, 0));
    clock.run(20);
    screen.frame = encodeFrame(corner, DEFAULT_OPTIONS);
    const { playback } = watchPlayback(LAST_LIT);
    for (const each of playback.sequence.scenes) each.projection = { ...DEFAULT_OPTIONS, ...scene };
    player.play({ ...playback, ...(look && { look: { ...DEFAULT_OPTIONS, ...look } }) });
    const places = Array.from({ length: 64 }, (_, at) => at).filter((at) => screen.frame.readUInt16LE(2 * at) > 0);
    assert.deepEqual(
      places,
      [...new Set(lit)].sort((a, b) => a - b),
      JSON.stringify([look, scene]),
    );
    t.mock.restoreAll();
  }
});

test('what another program has drawn is dimmed by adjust', (t) => {
  const { clock, screen, player, play } = makeStage(t);
  play(animation('A', 1, 0));
  clock.run(20);
  const foreign = fill([8, 200, 8]);
  screen.frame = encodeFrame(foreign, DEFAULT_OPTIONS);
  player.adjust({ brightness: 50 });
  assert.deepEqual(screen.frame, encodeFrame(foreign, { ...DEFAULT_OPTIONS, brightness: 50 }));
});

test('the ground is read once a scene, and not while a picture waits to be written', (t) => {
  const { clock, screen, play } = makeStage(t);
  let { frame } = screen;
  let reads = 0;
  Object.defineProperty(screen, 'frame', {
    get: () => {
      reads++;
      return frame;
    },
    set: (written) => {
      frame = written;
    },
  });
  play(animation('A', 20, 50));
  for (let count = 0; count < 100; count++) play(LAST_LIT);
  clock.run(1100);
  assert.equal(reads, 2);
});

test('a picture keeps its fine colours while only players draw', (t) => {
  const { clock, screen, player, play } = makeStage(t);
  play(still(fill([7, 3, 7])));
  clock.run(20);
  player.adjust({ brightness: 90 });
  clock.run(20);
  player.adjust({ brightness: 100 });
  clock.run(20);
  assert.deepEqual(screen.drawn?.picture, fill([7, 3, 7]));
});

test('an unhurried animation shows every picture, even if the process is late', (t) => {
  const { clock, screen, play } = makeStage(t);
  play(still(named('Z', 0)));
  const watched = play({ ...animation('A', 6, 20), isUnhurried: true });
  clock.run(30);
  clock.jump(70);
  clock.jump(25);
  clock.run(100);
  assert.deepEqual(screen.names, ['Z0', 'A0', 'A1', 'A2', 'A3', 'A4', 'A5']);
  const times = screen.written.map((line) => Number(line.split(' ')[2]));
  times.slice(2).forEach((time, index) => {
    assert(time - (times[index + 1] as number) >= 18, `${times}`);
  });
  assert.deepEqual(watched.outcomes, ['shown']);
});

test('surrendered sequences have no outcome, and another player shows them', (t) => {
  const { clock, screen, player, play } = makeStage(t);
  const mine = {};
  const watched = [
    play(still(named('A', 0)), { owner: mine }),
    play(animation('B', 2, 100), { owner: mine }),
    play(animation('C', 1, 100)),
    play(animation('D', 1, 100), { owner: mine }),
  ];
  clock.run(50);
  const given = player.surrender(({ owner }) => owner === mine);
  assert.deepEqual(outcomesOf(watched), ['shown', '', '', '']);
  const other = new TestScreen(clock);
  const otherPlayer = new Player(other);
  for (const playback of given) otherPlayer.play(playback);
  clock.run(400);
  assert.deepEqual(screen.names, ['A0', 'B0', 'C0']);
  assert.deepEqual(other.names, ['B0', 'B1', 'D0']);
  assert.deepEqual(outcomesOf(watched), ['shown', 'shown', 'shown', 'shown']);
});

test('a complete endless sequence that is surrendered goes on elsewhere, without another outcome', (t) => {
  const { clock, player, play } = makeStage(t);
  const endless = play(animation('A', 2, 50), { repeat: 0 });
  clock.run(220);
  const other = new TestScreen(clock);
  const otherPlayer = new Player(other);
  for (const playback of player.surrender(() => true)) otherPlayer.play(playback);
  clock.run(220);
  assert.deepEqual(other.names, ['A0', 'A1', 'A0', 'A1', 'A0']);
  assert.deepEqual(endless.outcomes, ['shown']);
  otherPlayer.stop();
  assert.equal(clock.pending, 0);
});

test('a single pixel keeps the brightness of the LEDs that another player has lit', (t) => {
  for (const light of [{ brightness: 50 }, { brightness: 30, lowLight: true }]) {
    const { screen, player } = makeStage(t);
    const projection = { ...DEFAULT_OPTIONS, ...light };
    const show = (lit: Animation, shownBy: Player) => {
      const { playback } = watchPlayback(lit);
      for (const scene of playback.sequence.scenes) scene.projection = projection;
      shownBy.play(playback);
      return screen.frame;
    };
    const red = show(still(fill([255, 0, 0])), player);
    const pixel: Animation = { length: 1, periodMs: 0, pictureAt: (_, shown) => Uint8Array.from(shown).fill(255, 189) };
    const both = show(pixel, new Player(screen));
    assert.deepEqual(both.subarray(0, 126), red.subarray(0, 126), JSON.stringify(light));
    assert.notDeepEqual(both.subarray(126), red.subarray(126));
    t.mock.restoreAll();
  }
});

test('a dropping sequence is not shown while another one plays', (t) => {
  const { clock, screen, play } = makeStage(t);
  const watched = [play(animation('A', 1, 100)), play(animation('B', 1, 100), { busy: 'drop' })];
  assert.deepEqual(outcomesOf(watched), ['', 'BUSY']);
  clock.run(100);
  watched.push(play(animation('C', 1, 100), { busy: 'drop' }));
  clock.run(100);
  assert.deepEqual(screen.written, ['A0 at 0', 'C0 at 100']);
  assert.deepEqual(outcomesOf(watched), ['shown', 'BUSY', 'shown']);
});

test('on an idle display replacing and dropping sequences are shown like any other', (t) => {
  const { clock, screen, play } = makeStage(t);
  for (const busy of ['replace', 'drop'] as const) {
    const watched = play(animation('A', 1, 100), { busy });
    clock.run(100);
    assert.deepEqual(watched.outcomes, ['shown']);
  }
  assert.deepEqual(screen.written, ['A0 at 0', 'A0 at 100']);
});

test('a thousand sequences may wait; the next one is refused until there is room', (t) => {
  const { clock, play } = makeStage(t);
  const watched = Array.from({ length: 1001 }, () => play(animation('A', 1, 10)));
  assert(watched.every(({ outcomes }) => outcomes.length === 0));
  assert.deepEqual(play(animation('B', 1, 10)).outcomes, ['QUEUE_FULL']);
  const urgent = play(animation('C', 1, 10), { busy: 'replace' });
  assert.deepEqual(watched[0]?.outcomes, ['REPLACED']);
  clock.run(10);
  assert.deepEqual(urgent.outcomes, ['shown']);
  const late = play(animation('D', 1, 10));
  clock.run(20 * 1001);
  assert.deepEqual(late.outcomes, ['shown']);
  assert(watched.slice(1).every(({ outcomes }) => outcomes.join() === 'shown'));
});

test('stop ends all sequences, and the picture stays', (t) => {
  const { clock, screen, player, play } = makeStage(t);
  const watched = [play(animation('A', 3, 100)), play(animation('B', 1, 100)), play(still(named('C', 0)))];
  clock.run(150);
  player.stop();
  assert.deepEqual(outcomesOf(watched), ['STOPPED', 'STOPPED', 'STOPPED']);
  clock.run(1000);
  assert.deepEqual(screen.names, ['A0', 'A1']);
  assert.equal(clock.pending, 0);
});

test('alternating plays and stops respect the frame rate, and report each outcome once', (t) => {
  const { clock, screen, player, play } = makeStage(t);
  const watched: WatchedPlayback[] = [];
  for (let count = 0; count < 1000; count++) {
    watched.push(play(still(named('A', count))));
    player.stop();
  }
  assert.equal(screen.written.length, 1);
  clock.run(10);
  assert.deepEqual(screen.written.slice(1), [`A${999 % 64} at 8`]);
  assert(watched.every(({ outcomes }) => outcomes.length <= 1));
});

test('withdrawing ends the sequences of an owner with CLOSED, and the next one plays', (t) => {
  const { clock, screen, player, play } = makeStage(t);
  const [mine, other] = [{}, {}];
  const watched = [
    play(animation('A', 2, 100), { owner: mine }),
    play(animation('B', 2, 100), { owner: other }),
    play(animation('C', 2, 100), { owner: mine }),
    play(animation('D', 2, 100), { owner: other }),
  ];
  clock.run(50);
  player.withdraw(mine);
  player.withdraw({});
  assert.deepEqual(outcomesOf(watched), ['CLOSED', '', 'CLOSED', '']);
  clock.run(400);
  assert.deepEqual(screen.written, ['A0 at 0', 'B0 at 50', 'B1 at 150', 'D0 at 250', 'D1 at 350']);
  assert.deepEqual(outcomesOf(watched), ['CLOSED', 'shown', 'CLOSED', 'shown']);
});

test('finished sequences are written and reported before their owner withdraws', (t) => {
  const { screen, player, play } = makeStage(t);
  const owner = {};
  const watched = Array.from({ length: 200 }, (_, index) => play(still(named('A', index)), { owner }));
  player.withdraw(owner);
  assert(watched.every(({ outcomes }) => outcomes.join() === 'shown'));
  assert.deepEqual(screen.names, ['A0', `A${199 % 64}`]);
});

test('sequences that outcomes withdraw in turn end once', (t) => {
  const { clock, player, play } = makeStage(t);
  const [one, two] = [{}, {}];
  const watched = [
    play(animation('A', 1, 100), { owner: one, onEnd: () => player.withdraw(two) }),
    play(animation('B', 1, 100), { owner: two, onEnd: () => player.withdraw(one) }),
    play(animation('C', 1, 100), { owner: one }),
  ];
  player.withdraw(one);
  clock.run(1000);
  assert.deepEqual(outcomesOf(watched), ['CLOSED', 'CLOSED', 'CLOSED']);
});

test('close ends all sequences with CLOSED', (t) => {
  const { clock, screen, player, play } = makeStage(t);
  player.close();
  const watched = ['A', 'B', 'C'].map((letter) => play(animation(letter, 2, 100)));
  clock.run(50);
  player.close();
  assert.deepEqual(outcomesOf(watched), ['CLOSED', 'CLOSED', 'CLOSED']);
  clock.run(1000);
  assert.deepEqual(screen.names, ['A0']);
  player.close();
  assert.equal(clock.pending, 0);
});

test('a picture that cannot be drawn ends only its sequence, and the next one plays', (t) => {
  for (const at of [0, 1, 2]) {
    const { clock, screen, play } = makeStage(t);
    const failing: Animation = {
      ...animation('A', 3, 100),
      pictureAt: (index) => {
        if (index === at) throw new Error('no picture');
        return named('A', index);
      },
    };
    const watched = [play(failing), play(animation('B', 2, 100))];
    clock.run(600);
    assert.deepEqual(outcomesOf(watched), ['no picture', 'shown']);
    assert.deepEqual(screen.names, [...['A0', 'A1', 'A2'].slice(0, at), 'B0', 'B1']);
    t.mock.restoreAll();
  }
});

test('when the screen fails, waiting sequences start over later, and the others end with the failure', (t) => {
  const { clock, screen, player, play } = makeStage(t);
  const gone = new CodedError('DEVICE');
  const order: string[] = [];
  const show = (letter: string, whenMissing: 'fail' | 'wait', length = 2) =>
    play(animation(letter, length, 100), { whenMissing, onEnd: () => order.push(letter) });
  const watched = [show('A', 'wait', 3), show('B', 'fail'), show('C', 'wait'), show('D', 'fail')];
  clock.run(150);
  screen.breaksWith = gone;
  clock.run(100);
  assert.deepEqual(outcomesOf(watched), ['', 'DEVICE', '', 'DEVICE']);
  watched.push(show('E', 'fail'), show('F', 'wait'));
  assert.deepEqual(play(animation('G', 1, 100), { whenMissing: 'wait', busy: 'drop' }).outcomes, ['BUSY']);
  clock.run(10_000);
  assert.equal(clock.pending, 0, 'no timer runs while it waits for the screen');
  screen.breaksWith = screen.failure = undefined;
  player.resume();
  clock.run(1000);
  assert.deepEqual(screen.names, ['A0', 'A1', 'A0', 'A1', 'A2', 'C0', 'C1', 'F0', 'F1']);
  assert.deepEqual(outcomesOf(watched), ['shown', 'DEVICE', 'shown', 'DEVICE', 'DEVICE', 'shown']);
  assert.deepEqual(order, ['B', 'D', 'E', 'A', 'C', 'F']);
});

test('an endless sequence that is complete starts over when the screen works again', (t) => {
  for (const whenMissing of ['fail', 'wait'] as const) {
    const { clock, screen, player, play } = makeStage(t);
    const endless = play([animation('A', 2, 50), animation('B', 2, 50)], { repeat: 0, whenMissing });
    clock.run(375);
    const before = screen.names.length;
    screen.breaksWith = new CodedError('DEVICE');
    clock.run(1000);
    assert.deepEqual(play(animation('C', 1, 50)).outcomes, ['DEVICE']);
    assert.equal(clock.pending, 0, 'no timer runs while it waits for the screen');
    screen.breaksWith = screen.failure = undefined;
    player.resume();
    clock.run(220);
    assert.deepEqual(screen.names.slice(before), ['A0', 'A1', 'B0', 'B1', 'A0'], whenMissing);
    play(animation('D', 1, 50));
    clock.run(100);
    assert.equal(screen.names.at(-1), 'D0');
    assert.deepEqual(endless.outcomes, ['shown']);
    assert.equal(clock.pending, 0);
    t.mock.restoreAll();
  }
});

test('an endless sequence whose first round was not fully written is not complete', (t) => {
  for (const [whenMissing, outcomes, names] of [
    ['fail', ['DEVICE'], []],
    ['wait', ['shown'], ['A0', 'A0', 'A0']],
  ] as const) {
    const { clock, screen, player, play } = makeStage(t);
    const endless = play([animation('A', 1, 50), still(named('B', 0))], { repeat: 0, whenMissing });
    clock.run(20);
    screen.breaksWith = new CodedError('DEVICE');
    clock.run(100);
    const before = screen.names.length;
    screen.breaksWith = screen.failure = undefined;
    player.resume();
    clock.run(100);
    assert.deepEqual(screen.names.slice(before), names, whenMissing);
    assert.deepEqual(endless.outcomes, outcomes);
    player.close();
    t.mock.restoreAll();
  }
});

test('a sequence that waits for the screen takes the place of an endless one that is complete', (t) => {
  for (const busy of ['queue', 'replace', 'drop'] as const) {
    const { clock, screen, player, play } = makeStage(t);
    const endless = play(animation('A', 2, 50), { repeat: 0 });
    clock.run(120);
    screen.failure = new CodedError('DEVICE');
    player.fail(screen.failure);
    const next = play(animation('B', 1, 50), { busy, whenMissing: 'wait' });
    clock.run(100);
    screen.failure = undefined;
    player.resume();
    clock.run(200);
    assert.deepEqual(screen.names, ['A0', 'A1', 'A0', 'B0'], busy);
    assert.deepEqual(outcomesOf([endless, next]), ['shown', 'shown']);
    t.mock.restoreAll();
  }
});

test('after a failure before a write there is nothing left to write', (t) => {
  const { clock, screen, player, play } = makeStage(t);
  const watched = [play(still(named('A', 0))), play(still(named('B', 0)))];
  screen.failure = new CodedError('DEVICE');
  player.fail(screen.failure);
  screen.failure = undefined;
  player.resume();
  const write = t.mock.method(screen, 'write');
  const fail = t.mock.method(player, 'fail');
  clock.run(100);
  assert.deepEqual([write.mock.callCount(), fail.mock.callCount()], [0, 0]);
  assert.deepEqual(outcomesOf(watched), ['shown', 'DEVICE']);
});

test('while the screen fails, a replacing sequence takes the place of the waiting one', (t) => {
  const { clock, screen, player, play } = makeStage(t);
  const replace = { busy: 'replace', whenMissing: 'wait' } as const;
  screen.failure = new CodedError('DEVICE');
  const watched = Array.from({ length: 1002 }, () => play(animation('A', 2, 100), replace));
  const queued = play(animation('B', 1, 100), { whenMissing: 'wait' });
  const last = play(animation('C', 2, 100), replace);
  assert.equal(player.queued, 2);
  assert(watched.every(({ outcomes }) => outcomes.join() === 'REPLACED'));
  screen.failure = undefined;
  player.resume();
  clock.run(300);
  assert.deepEqual(screen.names, ['C0', 'C1', 'B0']);
  assert.deepEqual(outcomesOf([last, queued]), ['shown', 'shown']);
});

test('while the screen fails, a replacing sequence is accepted even if the queue is full', (t) => {
  const { clock, screen, player, play } = makeStage(t);
  screen.failure = new CodedError('DEVICE');
  const watched = Array.from({ length: 1000 }, () => play(animation('A', 1, 10), { whenMissing: 'wait' }));
  const last = play(animation('B', 1, 10), { busy: 'replace', whenMissing: 'wait' });
  assert.deepEqual(outcomesOf([watched[0] as WatchedPlayback, last]), ['REPLACED', '']);
  screen.failure = undefined;
  player.resume();
  clock.run(10);
  assert.deepEqual(last.outcomes, ['shown']);
});

test('sequences that replaced each other before the screen failed do not return after the next one', (t) => {
  const { clock, screen, player, play } = makeStage(t);
  const replace = { busy: 'replace', whenMissing: 'wait' } as const;
  const watched = ['A', 'B', 'C'].map((letter) => play(still(named(letter, 0)), replace));
  screen.failure = new CodedError('DEVICE');
  player.fail(screen.failure);
  watched.push(play(still(named('D', 0)), replace));
  screen.failure = undefined;
  player.resume();
  clock.run(20);
  assert.deepEqual(screen.names, ['A0', 'D0']);
  assert.deepEqual(outcomesOf(watched), ['shown', 'REPLACED', 'REPLACED', 'shown']);
});

test('a reported failure ends all sequences', (t) => {
  const { clock, screen, player, play } = makeStage(t);
  const watched = [play(animation('A', 3, 100)), play(animation('B', 3, 100))];
  clock.run(50);
  screen.failure = new CodedError('DEVICE');
  player.fail(screen.failure);
  assert.deepEqual(outcomesOf(watched), ['DEVICE', 'DEVICE']);
});

test('a failure that is found by reading the screen ends each sequence once', (t) => {
  for (const whenMissing of ['fail', 'wait'] as const) {
    for (const cannotBeDrawn of [false, true]) {
      const { clock, screen, player, play } = makeStage(t);
      const black = screen.frame;
      let isBroken = true;
      Object.defineProperty(screen, 'frame', {
        get: () => {
          if (isBroken) {
            screen.failure = new CodedError('DEVICE');
            player.fail(screen.failure);
          }
          return black;
        },
        set: () => {},
      });
      const pictureAt = (index: number) => {
        if (cannotBeDrawn) throw new Error('no picture');
        return named('A', index);
      };
      const watched = play({ ...animation('A', 1, 50), pictureAt }, { whenMissing });
      clock.run(100);
      assert.deepEqual(watched.outcomes, whenMissing === 'fail' ? ['DEVICE'] : []);
      isBroken = false;
      screen.failure = undefined;
      player.resume();
      clock.run(100);
      const end = cannotBeDrawn ? 'no picture' : 'shown';
      assert.deepEqual(watched.outcomes, [whenMissing === 'fail' ? 'DEVICE' : end]);
      assert.deepEqual(screen.names, whenMissing === 'wait' && !cannotBeDrawn ? ['A0'] : []);
      t.mock.restoreAll();
    }
  }
});

test('adjust applies to the current and the waiting sequences without interrupting them', (t) => {
  const { clock, screen, player, play } = makeStage(t);
  const frames: Frame[] = [];
  const write = screen.write.bind(screen);
  t.mock.method(screen, 'write', (frame: Frame) => {
    frames.push(frame);
    write(frame);
  });
  const watched = [play(animation('A', 2, 100)), play(animation('B', 1, 100))];
  clock.run(50);
  player.adjust({ lowLight: true });
  clock.run(300);
  const dim = (letter: string, index: number) =>
    encodeFrame(named(letter, index), { ...DEFAULT_OPTIONS, lowLight: true });
  assert.deepEqual(frames, [encodeFrame(named('A', 0), DEFAULT_OPTIONS), dim('A', 0), dim('A', 1), dim('B', 0)]);
  assert.deepEqual(outcomesOf(watched), ['shown', 'shown']);
  assert.equal(clock.pending, 0);
});

test('a sequence that an outcome plays is shown after the waiting ones', (t) => {
  const { clock, screen, play } = makeStage(t);
  play(animation('A', 1, 100), { onEnd: () => play(animation('C', 1, 100)) });
  play(animation('B', 1, 100));
  clock.run(350);
  assert.deepEqual(screen.names, ['A0', 'B0', 'C0']);
});

test('an outcome that plays again and again does not block the process', (t) => {
  const { clock, screen, play } = makeStage(t);
  let count = 0;
  const again = () => {
    if (++count < 100) play(still(named('A', count)), { onEnd: again });
  };
  play(still(named('A', 0)), { onEnd: again });
  assert(count < 5, `${count} in one go`);
  clock.run(2000);
  assert.equal(count, 100);
  assert.equal(screen.written.length, 100);
});

test('many outcomes are reported over several turns of the event loop, in order', async (t) => {
  for (const end of ['shown', 'STOPPED', 'DEVICE'] as const) {
    const { clock, screen, player, play } = makeStage(t);
    const reported: number[] = [];
    const options = (index: number) => ({
      onEnd: () => {
        reported.push(index);
        clock.nowMs += 0.1;
      },
    });
    const watched = Array.from({ length: 1000 }, (_, index) =>
      play(end === 'shown' ? still(named('A', index)) : animation('A', 2, 100), options(index)),
    );
    if (end === 'shown') clock.run(10);
    if (end === 'STOPPED') player.stop();
    if (end === 'DEVICE') {
      screen.failure = new CodedError('DEVICE');
      player.fail(screen.failure);
    }
    assert(reported.length < 100, `${reported.length} in one turn`);
    while (reported.length < watched.length) await nextTurn();
    assert.deepEqual(outcomesOf(watched), Array(1000).fill(end));
    assert.deepEqual(
      reported,
      reported.toSorted((a, b) => a - b),
    );
    t.mock.restoreAll();
  }
});

test('withdrawing reports all pending outcomes', (t) => {
  const { clock, player, play } = makeStage(t);
  const owner = {};
  const onEnd = () => {
    clock.nowMs += 0.1;
  };
  const watched = Array.from({ length: 200 }, () => play(animation('A', 2, 100), { owner, onEnd }));
  player.stop();
  player.withdraw(owner);
  assert.deepEqual(outcomesOf(watched), Array(200).fill('STOPPED'));
});

test('pictures are drawn when they are due, not before', (t) => {
  const { clock, play } = makeStage(t);
  const asked: number[] = [];
  const pictureAt = (index: number) => {
    asked.push(index);
    return named('A', index);
  };
  play({ length: 1_000_000, periodMs: 100, pictureAt });
  clock.run(250);
  assert.deepEqual(asked, [0, 1, 2]);
});

test('waiting sequences may take 32 MiB of memory; a larger one may wait alone', (t) => {
  const { clock, play } = makeStage(t);
  const bytes = 10 * 2 ** 20;
  const first = play(animation('A', 1, 10), { bytes: 100 * bytes });
  const waiting = [play(animation('B', 1, 10), { bytes: 4 * bytes })];
  const refused = play(animation('C', 1, 10), { bytes: 1 });
  assert.deepEqual(refused.outcomes, ['QUEUE_FULL']);
  clock.run(10);
  for (let count = 0; count < 3; count++) waiting.push(play(animation('D', 1, 10), { bytes }));
  assert.deepEqual(play(animation('E', 1, 10), { bytes: 3 * 2 ** 20 }).outcomes, ['QUEUE_FULL']);
  const small = play(animation('F', 1, 10), { bytes: 2 ** 20 });
  const urgent = play(animation('G', 1, 10), { bytes, busy: 'replace' });
  clock.run(100);
  assert.deepEqual(outcomesOf([first, ...waiting, small, urgent]), ['shown', 'REPLACED', ...Array(5).fill('shown')]);
});

test('a long list is drawn in several turns of the event loop, and written when all of it is drawn', (t) => {
  const { clock, screen, player, play } = makeStage(t);
  let drawn = 0;
  const pictureAt = () => {
    drawn++;
    clock.nowMs++;
    return named('A', drawn % 64);
  };
  const slow = { length: 1, periodMs: 0, pictureAt };
  const watched = play(Array(100).fill(slow));
  assert(drawn <= 9, `${drawn} pictures`);
  assert.deepEqual(screen.names, []);
  for (let before = drawn; drawn < 100; before = drawn) {
    clock.jump(1);
    assert(drawn - before <= 9, `${drawn - before} pictures`);
  }
  clock.run(10);
  assert.deepEqual(screen.names, ['A36']);
  assert.deepEqual(watched.outcomes, ['shown']);
  assert.equal(clock.pending, 0);

  const stopped = play(Array(100).fill(slow));
  player.stop();
  clock.run(20);
  assert.deepEqual(stopped.outcomes, ['STOPPED']);
  assert.equal(clock.pending, 0);
});
