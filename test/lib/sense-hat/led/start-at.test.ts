import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { shown } from '../../../../lib/coded-error';
import { type Animation, still } from '../../../../lib/sense-hat/led/animation';
import { encodeFrame, type Frame, fill } from '../../../../lib/sense-hat/led/frame';
import { DEFAULT_OPTIONS } from '../../../../lib/sense-hat/led/options';
import { Player } from '../../../../lib/sense-hat/led/player';
import { startTime } from '../../../../lib/sense-hat/led/start-at';
import { Clock } from '../../../support/clock';
import { reddening, redFrame, type WatchedOptions, watchPlayback } from '../../../support/playback';

/** A player whose frames are recorded by their shade of red, 0 to 31, with their times: `3 at 120`. */
function makeStage(t: TestContext) {
  const clock = new Clock(t);
  const written: string[] = [];
  const screen = {
    frame: Buffer.alloc(128) as Frame,
    failure: undefined as unknown,
    write(frame: Frame) {
      this.frame = frame;
      written.push(`${frame.readUInt16LE(0) >> 11} at ${clock.nowMs}`);
    },
  };
  const player = new Player(screen);
  const play = (animations: Animation | Animation[], options?: WatchedOptions) => {
    const watched = watchPlayback(animations, options);
    player.play(watched.playback);
    return watched;
  };
  return { clock, screen, written, player, play };
}

/** The shades 1, 2, ... of red, each for 100 ms. */
const slow = (length: number): Animation => ({ ...reddening(length), periodMs: 100 });

test('a start is given in milliseconds since 1970, by a number or its digits', (t) => {
  t.mock.method(Date, 'now', () => 1_700_000_000_000);
  t.mock.method(performance, 'now', () => 5000);
  assert.equal(startTime(1_700_000_000_000), 5000);
  assert.equal(startTime('1700000001000'), 6000);
  assert.equal(startTime(0), -1_699_999_995_000);
  for (const missing of [undefined, null, '', ' ']) assert.equal(startTime(missing), undefined);
});

test('a start that is no time is refused, as are microseconds', () => {
  for (const value of [
    'soon',
    -1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    1.7e15,
    '2026-01-01',
    true,
    {},
    [1],
    new Date(),
  ]) {
    const values = { field: 'startAt', value: shown(value), min: 0, max: 253_402_300_799_999 };
    assert.throws(() => startTime(value), { code: 'BAD_NUMBER', values }, shown(value));
  }
});

test('pictures are due from the start on, which may be to come', (t) => {
  const { clock, written, play } = makeStage(t);
  const watched = play(slow(3), { startsAt: 250 });
  clock.run(249);
  assert.deepEqual(written, []);
  clock.run(302);
  assert.deepEqual(written, ['1 at 250', '2 at 350', '3 at 450']);
  assert.deepEqual(watched.outcomes, ['shown']);
});

test('a display that gets the message late begins in the middle, in step with the others', (t) => {
  const { clock, written, play } = makeStage(t);
  clock.run(230);
  play([slow(2), slow(3)], { startsAt: 0, repeat: 2 });
  clock.run(900);
  assert.deepEqual(written.slice(0, 4), ['1 at 230', '2 at 300', '3 at 400', '1 at 500']);
  assert.equal(written.length, 8);
});

test('a message whose time is over shows its last picture and completes, however often it repeats', (t) => {
  const { clock, written, play } = makeStage(t);
  for (const repeat of [1, 1000, 2 ** 31 - 1]) {
    written.length = 0;
    clock.run(50);
    const watched = play(slow(3), { startsAt: -1e13, repeat });
    assert.deepEqual(written, [`3 at ${clock.nowMs}`]);
    clock.run(10);
    assert.deepEqual(watched.outcomes, ['shown']);
  }
  assert.equal(clock.pending, 0);
});

test('one that repeats until the next message joins at the time, and completes after a round', (t) => {
  const { clock, written, play } = makeStage(t);
  const watched = play(slow(3), { startsAt: -1e9 - 110, repeat: 0 });
  clock.run(90);
  // 1,000,000,110 ms are 3,333,333 rounds and 210 ms.
  assert.deepEqual(written, ['3 at 0', '1 at 90']);
  assert.deepEqual(watched.outcomes, ['shown']);
  clock.run(300);
  assert.deepEqual(written.slice(2), ['2 at 190', '3 at 290', '1 at 390']);
});

test('after a standstill a round is ended, and the pictures are those of the time again', (t) => {
  const { clock, written, play } = makeStage(t);
  play(slow(5), { startsAt: 0, repeat: 1000 });
  clock.jump(120_050);
  clock.run(50);
  assert.deepEqual(written, ['1 at 0', '5 at 120050', '1 at 120058', '2 at 120100']);
});

test('a message that waits behind another keeps its time', (t) => {
  const { clock, written, play } = makeStage(t);
  play(slow(2));
  play(slow(4), { startsAt: 0 });
  clock.run(401);
  assert.deepEqual(written, ['1 at 0', '2 at 100', '3 at 200', '4 at 300']);
});

test('one that waits for its time can be replaced, and has changed nothing', (t) => {
  const { clock, screen, play } = makeStage(t);
  play(still(fill([80, 0, 0])));
  const waiting = play({ ...slow(2), ground: fill([0, 0, 255]) }, { startsAt: 1e12 });
  clock.run(100);
  const grounds: Frame[] = [];
  const pictureAt: Animation['pictureAt'] = (_, shown) => {
    grounds.push(encodeFrame(shown, DEFAULT_OPTIONS));
    return shown;
  };
  play({ length: 1, periodMs: 0, pictureAt }, { busy: 'replace' });
  assert.deepEqual(waiting.outcomes, ['REPLACED']);
  assert.deepEqual(grounds, [redFrame(80)]);
  assert.deepEqual(screen.frame, redFrame(80));
});

test('one that replaces waits for its time, and what is on goes on until then', (t) => {
  const { clock, written, play } = makeStage(t);
  const shown = play(slow(9));
  const queued = play(slow(1));
  const replacing = play({ ...slow(2), pictureAt: () => fill([160, 0, 0]) }, { busy: 'replace', startsAt: 250 });
  clock.run(249);
  assert.deepEqual(written, ['1 at 0', '2 at 100', '3 at 200']);
  assert.deepEqual(
    [shown, replacing].map(({ outcomes }) => outcomes),
    [[], []],
  );
  clock.run(1);
  assert.deepEqual(shown.outcomes, ['REPLACED']);
  clock.run(400);
  assert.deepEqual(written.slice(3), ['20 at 250', '20 at 350', '1 at 450']);
  assert.deepEqual(
    [replacing, queued].map(({ outcomes }) => outcomes.join()),
    ['shown', 'shown'],
  );
  assert.equal(clock.pending, 0);
});

test('those that replace at several times do so in the order of these, whenever they came', (t) => {
  const { clock, written, play } = makeStage(t);
  const shade = (red: number): Animation => ({ ...slow(9), pictureAt: () => fill([8 * red, 0, 0]) });
  const watched = [
    play(shade(3), { busy: 'replace', startsAt: 300 }),
    play(shade(1), { busy: 'replace', startsAt: 100 }),
    play(shade(2), { busy: 'replace', startsAt: 200 }),
    play(shade(4), { busy: 'replace', startsAt: 300 }),
  ];
  clock.run(301);
  assert.deepEqual(written, ['1 at 100', '2 at 200', '4 at 300']);
  assert.deepEqual(
    watched.map(({ outcomes }) => outcomes.join()),
    ['REPLACED', 'REPLACED', 'REPLACED', ''],
  );
});

test('one that repeats until the next goes on until the time of that', (t) => {
  const goesOn = ['1 at 0', '2 at 100', '1 at 200', '2 at 300', '1 at 400'];
  const next = ['1 at 450', '2 at 550', '3 at 650'];
  const cases: [NonNullable<WatchedOptions['busy']>, number, string[]][] = [
    // The first round is not over yet.
    ['queue', 0, [...goesOn, ...next, '1 at 750']],
    ['queue', 210, [...goesOn, ...next, '1 at 750']],
    ['drop', 210, [...goesOn, ...next, '1 at 750']],
    // What has no time does not wait behind one that replaces.
    ['replace', 210, [...goesOn.slice(0, 3), '1 at 210', ...next]],
  ];
  for (const [busy, sentAt, expected] of cases) {
    const { clock, written, play } = makeStage(t);
    const watched = [play(slow(2), { repeat: 0 })];
    clock.run(sentAt);
    watched.push(play(slow(3), { startsAt: 450, busy }), play(slow(1)));
    clock.run(900);
    assert.deepEqual(written, expected, `${busy} at ${sentAt}`);
    assert.deepEqual(
      watched.map(({ outcomes }) => outcomes.join()),
      ['shown', 'shown', 'shown'],
    );
    assert.equal(clock.pending, 0);
    t.mock.restoreAll();
  }
});

test('one that waits for the time at which it replaces ends like any other that waits', (t) => {
  const { clock, player, play } = makeStage(t);
  const owner = {};
  const later = (options: WatchedOptions = {}) => play(slow(1), { busy: 'replace', startsAt: 1e9, ...options });
  const [stopped, withdrawn, moved] = [later(), later({ owner }), later()];
  player.withdraw(owner);
  const [given] = player.surrender((playback) => playback === moved.playback);
  assert.equal(given, moved.playback, 'it still replaces at its time');
  const dropped = play(slow(1), { busy: 'drop' });
  clock.run(100);
  player.stop();
  const outcomes = [stopped, withdrawn, moved, dropped].map(({ outcomes }) => outcomes.join());
  assert.deepEqual(outcomes, ['STOPPED', 'CLOSED', '', 'shown']);
  assert.equal(clock.pending, 0);
  const many = Array.from({ length: 1001 }, () => later());
  assert.deepEqual([many[999]?.outcomes, many[1000]?.outcomes], [[], ['QUEUE_FULL']]);
});

test('what is to replace at a time fails then if the screen does, or is shown when it works again', (t) => {
  const { clock, screen, written, player, play } = makeStage(t);
  const failing = play(slow(1), { busy: 'replace', startsAt: 100 });
  const waiting = play(slow(4), { busy: 'replace', startsAt: 100, whenMissing: 'wait' });
  const later = play(slow(1), { busy: 'replace', startsAt: 600 });
  screen.failure = new Error('broken');
  player.fail(screen.failure);
  clock.run(100);
  assert.deepEqual(
    [failing, waiting, later].map(({ outcomes }) => outcomes.join()),
    ['broken', '', ''],
  );
  screen.failure = undefined;
  clock.run(50);
  player.resume();
  clock.run(1000);
  assert.deepEqual(written, ['1 at 150', '2 at 200', '3 at 300', '4 at 400', '1 at 600']);
  assert.deepEqual(
    [waiting, later].map(({ outcomes }) => outcomes.join()),
    ['shown', 'shown'],
  );
});
