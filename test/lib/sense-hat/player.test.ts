import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Animation } from '../../../lib/sense-hat/animation';
import type { Frame } from '../../../lib/sense-hat/frame';
import { MAX_QUEUED, Player } from '../../../lib/sense-hat/player';
import { type WatchedPlayback, watchPlayback } from '../../support/playback';

/** The longest wait that `setTimeout` takes; it makes a longer one 1 ms, and warns of a negative one. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;

/** Time that passes only when a test says so. */
class Clock {
  nowMs = 0;
  readonly waits: number[] = [];
  private readonly timers = new Set<{ due: number; fire(): void }>();

  constructor(t: TestContext) {
    t.mock.method(performance, 'now', () => this.nowMs);
    t.mock.method(globalThis, 'setTimeout', (fire: () => void, waitMs: number) => {
      this.waits.push(waitMs);
      const timer = { due: this.nowMs + Math.max(waitMs, 1), fire };
      this.timers.add(timer);
      return timer;
    });
    t.mock.method(globalThis, 'clearTimeout', (timer: { due: number; fire(): void }) => this.timers.delete(timer));
  }

  /** Passes in one go, as when the process was busy: what has come due fires only then. */
  jump(ms: number): void {
    this.nowMs += ms;
    for (const timer of [...this.timers].sort((a, b) => a.due - b.due)) {
      if (timer.due > this.nowMs || !this.timers.delete(timer)) continue;
      timer.fire();
    }
  }

  /** Passes millisecond by millisecond. */
  run(ms: number): void {
    for (let passed = 0; passed < ms; passed++) this.jump(1);
  }
}

interface Stage {
  clock: Clock;
  player: Player;
  /** What was drawn, and when: `A0 at 100`. */
  drawn: string[];
  /** What was drawn: `A0`. */
  names(): string[];
  /** An animation whose pictures are called A0, A1, ...; one with a `!` cannot be drawn. */
  animation(name: string, length: number, periodMs: number): Animation;
}

function makeStage(t: TestContext): Stage {
  const clock = new Clock(t);
  const drawn: string[] = [];
  const player = new Player((frame: Frame) => {
    const name = frame.toString();
    drawn.push(`${name} at ${clock.nowMs}`);
    if (name.includes('!')) throw new Error(`no ${name}`);
  });
  return {
    clock,
    player,
    drawn,
    names: () => drawn.map((line) => line.split(' ')[0] as string),
    animation: (name, length, periodMs) => ({ length, periodMs, pictureAt: (index) => Buffer.from(`${name}${index}`) }),
  };
}

function outcomesOf(watched: WatchedPlayback[]): string[][] {
  return watched.map(({ outcomes }) => outcomes);
}

test('every picture of an unhurried animation is shown in order, each for the period, the last one too', (t) => {
  const { clock, player, drawn, animation } = makeStage(t);
  const watched = watchPlayback(animation('A', 4, 100));
  player.play(watched.playback);
  clock.run(399);
  assert.deepEqual(drawn, ['A0 at 0', 'A1 at 100', 'A2 at 200', 'A3 at 300']);
  assert.deepEqual(watched.outcomes, []);
  clock.run(1);
  assert.deepEqual(watched.outcomes, ['shown']);
  clock.run(1000);
  assert.equal(drawn.length, 4);
  assert.equal(watched.outcomes.length, 1);
});

test('timers that fire late do not add up', (t) => {
  const { clock, player, drawn, animation } = makeStage(t);
  const watched = watchPlayback(animation('A', 5, 100));
  player.play(watched.playback);
  while (watched.outcomes.length === 0) clock.jump(7);
  assert.deepEqual(drawn, ['A0 at 0', 'A1 at 105', 'A2 at 203', 'A3 at 301', 'A4 at 406']);
  assert.equal(clock.nowMs, 504);
});

test('after a pause of the process pictures are left out and the rest is shown when it is due', (t) => {
  const { clock, player, drawn, names, animation } = makeStage(t);
  player.play(watchPlayback(animation('A', 10, 100)).playback);
  clock.jump(450);
  clock.run(550);
  const order = names().map((name) => Number(name.slice(1)));
  assert.deepEqual(
    order,
    [...order].sort((a, b) => a - b),
  );
  assert(order.length < 10, `${order} were shown`);
  assert.deepEqual(drawn.slice(-5), ['A5 at 500', 'A6 at 600', 'A7 at 700', 'A8 at 800', 'A9 at 900']);
});

test('the last picture is shown, however late', (t) => {
  for (const pauseMs of [250, 399, 400, 1000, 100_000]) {
    const { clock, player, names, animation } = makeStage(t);
    const watched = watchPlayback(animation('A', 4, 100));
    player.play(watched.playback);
    clock.jump(pauseMs);
    clock.run(400);
    assert.equal(names().at(-1), 'A3', `after ${pauseMs} ms`);
    assert.deepEqual(watched.outcomes, ['shown']);
    t.mock.restoreAll();
  }
});

test('an animation with period 0 is done at once', (t) => {
  const { player, drawn, animation } = makeStage(t);
  const watched = ['A', 'B', 'C'].map((name) => watchPlayback(animation(name, 1, 0)));
  for (const { playback } of watched) player.play(playback);
  assert.deepEqual(drawn, ['A0 at 0', 'B0 at 0', 'C0 at 0']);
  assert.deepEqual(outcomesOf(watched), [['shown'], ['shown'], ['shown']]);
});

test('of several pictures with period 0 the last one stays', (t) => {
  const { player, names, animation } = makeStage(t);
  const watched = watchPlayback(animation('A', 3, 0));
  player.play(watched.playback);
  assert.deepEqual(watched.outcomes, ['shown']);
  assert.equal(names().at(-1), 'A2');
});

test('pictures change at most every 10 ms', (t) => {
  const { clock, player, drawn, animation } = makeStage(t);
  const watched = watchPlayback(animation('A', 3, 1));
  player.play(watched.playback);
  clock.run(29);
  assert.deepEqual(watched.outcomes, []);
  clock.run(1);
  assert.deepEqual(watched.outcomes, ['shown']);
  assert.deepEqual(drawn, ['A0 at 0', 'A1 at 10', 'A2 at 20']);
});

test('what is late is due now, never before now', (t) => {
  const { clock, player, animation } = makeStage(t);
  player.play(watchPlayback(animation('A', 10, 100)).playback);
  clock.jump(450);
  clock.run(600);
  for (const waitMs of clock.waits) assert(waitMs >= 0, `a wait of ${waitMs} ms`);
});

test('a period longer than setTimeout takes does not become a short one', (t) => {
  const { clock, player, animation } = makeStage(t);
  player.play(watchPlayback(animation('A', 2, 30 * 24 * 3600 * 1000)).playback);
  for (const waitMs of clock.waits) assert(waitMs <= LONGEST_WAIT_MS, `a wait of ${waitMs} ms`);
});

test('animations that queue are shown one after another, in the order in which they came', (t) => {
  const { clock, player, drawn, animation } = makeStage(t);
  const order: string[] = [];
  const watched = [
    watchPlayback(animation('A', 2, 100), { onEnd: () => order.push('A') }),
    watchPlayback(animation('B', 1, 50), { onEnd: () => order.push('B') }),
    watchPlayback(animation('C', 1, 0), { onEnd: () => order.push('C') }),
    watchPlayback(animation('D', 2, 20), { onEnd: () => order.push('D') }),
  ];
  for (const { playback } of watched) player.play(playback);
  clock.run(290);
  assert.deepEqual(drawn, ['A0 at 0', 'A1 at 100', 'B0 at 200', 'C0 at 250', 'D0 at 250', 'D1 at 270']);
  assert.deepEqual(order, ['A', 'B', 'C', 'D']);
  assert.deepEqual(outcomesOf(watched), [['shown'], ['shown'], ['shown'], ['shown']]);
});

test('the player starts again after it was idle', (t) => {
  const { clock, player, drawn, animation } = makeStage(t);
  player.play(watchPlayback(animation('A', 1, 50)).playback);
  clock.run(1000);
  player.play(watchPlayback(animation('B', 2, 50)).playback);
  clock.run(100);
  assert.deepEqual(drawn, ['A0 at 0', 'B0 at 1000', 'B1 at 1050']);
});

test('one that replaces is shown at once, then come those that waited', (t) => {
  const { clock, player, drawn, animation } = makeStage(t);
  const [a, b, c] = [
    watchPlayback(animation('A', 5, 100)),
    watchPlayback(animation('B', 1, 100)),
    watchPlayback(animation('C', 2, 100), { busy: 'replace' }),
  ] as const;
  player.play(a.playback);
  player.play(b.playback);
  clock.run(150);
  player.play(c.playback);
  assert.deepEqual(outcomesOf([a, b, c]), [['REPLACED'], [], []]);
  clock.run(300);
  assert.deepEqual(drawn, ['A0 at 0', 'A1 at 100', 'C0 at 150', 'C1 at 250', 'B0 at 350']);
  assert.deepEqual(outcomesOf([a, b, c]), [['REPLACED'], ['shown'], ['shown']]);
});

test('one that drops is not shown while another is', (t) => {
  const { clock, player, drawn, animation } = makeStage(t);
  const [a, b, c] = [
    watchPlayback(animation('A', 1, 100)),
    watchPlayback(animation('B', 1, 100), { busy: 'drop' }),
    watchPlayback(animation('C', 1, 100), { busy: 'drop' }),
  ] as const;
  player.play(a.playback);
  player.play(b.playback);
  assert.deepEqual(outcomesOf([a, b]), [[], ['BUSY']]);
  clock.run(100);
  player.play(c.playback);
  clock.run(100);
  assert.deepEqual(drawn, ['A0 at 0', 'C0 at 100']);
  assert.deepEqual(outcomesOf([a, b, c]), [['shown'], ['BUSY'], ['shown']]);
});

test('on an idle display one that replaces or drops is shown like any other', (t) => {
  const { clock, player, drawn, animation } = makeStage(t);
  for (const busy of ['replace', 'drop'] as const) {
    const watched = watchPlayback(animation(busy, 1, 100), { busy });
    player.play(watched.playback);
    clock.run(100);
    assert.deepEqual(watched.outcomes, ['shown']);
  }
  assert.deepEqual(drawn, ['replace0 at 0', 'drop0 at 100']);
});

test('a thousand wait; the next is refused until there is room', (t) => {
  const { clock, player, names, animation } = makeStage(t);
  assert.equal(MAX_QUEUED, 1000);
  const waiting = Array.from({ length: 1001 }, (_, n) => watchPlayback(animation(`${n}.`, 1, 10)));
  for (const { playback } of waiting) player.play(playback);
  assert(waiting.every(({ outcomes }) => outcomes.length === 0));

  const errors: unknown[] = [];
  const refused = {
    ...watchPlayback(animation('refused', 1, 10)).playback,
    outcome: (error: unknown) => errors.push(error),
  };
  player.play(refused);
  assert.equal(errors.length, 1);
  const [{ code, values }] = errors as [{ code: string; values: unknown }];
  assert.deepEqual({ code, values }, { code: 'QUEUE_FULL', values: { limit: 1000 } });

  const urgent = watchPlayback(animation('urgent', 1, 10), { busy: 'replace' });
  player.play(urgent.playback);
  clock.run(10);
  assert.deepEqual(urgent.outcomes, ['shown']);
  const late = watchPlayback(animation('late', 1, 10));
  player.play(late.playback);
  clock.run(10 * 1001);
  assert.deepEqual(late.outcomes, ['shown']);
  assert.deepEqual(names(), ['0.0', 'urgent0', ...Array.from({ length: 1000 }, (_, n) => `${n + 1}.0`), 'late0']);
});

test('what is withdrawn ends with CLOSED, whether it is shown or waits, and the next plays on', (t) => {
  const { clock, player, drawn, animation } = makeStage(t);
  const watched = ['A', 'B', 'C', 'D'].map((name) => watchPlayback(animation(name, 2, 100)));
  const [a, b, c, d] = watched as [WatchedPlayback, WatchedPlayback, WatchedPlayback, WatchedPlayback];
  for (const { playback } of watched) player.play(playback);
  clock.run(50);
  player.withdraw(new Set([a.playback, c.playback]));
  assert.deepEqual(outcomesOf([a, b, c, d]), [['CLOSED'], [], ['CLOSED'], []]);
  clock.run(400);
  assert.deepEqual(drawn, ['A0 at 0', 'B0 at 50', 'B1 at 150', 'D0 at 250', 'D1 at 350']);
  assert.deepEqual(outcomesOf([a, b, c, d]), [['CLOSED'], ['shown'], ['CLOSED'], ['shown']]);
});

test('withdrawing those that wait leaves the one that is shown alone', (t) => {
  const { clock, player, drawn, animation } = makeStage(t);
  const [a, b] = [watchPlayback(animation('A', 2, 100)), watchPlayback(animation('B', 2, 100))];
  player.play(a.playback);
  player.play(b.playback);
  player.withdraw(new Set([b.playback]));
  clock.run(1000);
  assert.deepEqual(drawn, ['A0 at 0', 'A1 at 100']);
  assert.deepEqual(outcomesOf([a, b]), [['shown'], ['CLOSED']]);
});

test('withdrawing what has ended or never came does nothing', (t) => {
  const { clock, player, drawn, animation } = makeStage(t);
  const [ended, stranger, shown] = ['A', 'B', 'C'].map((name) => watchPlayback(animation(name, 1, 100))) as [
    WatchedPlayback,
    WatchedPlayback,
    WatchedPlayback,
  ];
  player.play(ended.playback);
  clock.run(100);
  player.play(shown.playback);
  player.withdraw(new Set([ended.playback, stranger.playback]));
  player.withdraw(new Set());
  clock.run(100);
  assert.deepEqual(outcomesOf([ended, stranger, shown]), [['shown'], [], ['shown']]);
  assert.deepEqual(drawn, ['A0 at 0', 'C0 at 100']);
});

test('all may be withdrawn by an outcome that forgets them one by one', (t) => {
  const { clock, player, drawn, animation } = makeStage(t);
  const mine = new Set<WatchedPlayback['playback']>();
  const watched = ['A', 'B', 'C'].map((name) => {
    const one: WatchedPlayback = watchPlayback(animation(name, 1, 100), { onEnd: () => mine.delete(one.playback) });
    mine.add(one.playback);
    player.play(one.playback);
    return one;
  });
  player.withdraw(mine);
  clock.run(1000);
  assert.deepEqual(outcomesOf(watched), [['CLOSED'], ['CLOSED'], ['CLOSED']]);
  assert.deepEqual(drawn, ['A0 at 0']);
  assert.equal(mine.size, 0);
});

test('what an outcome withdraws in its turn ends once, and what it does not goes on', (t) => {
  const { clock, player, names, animation } = makeStage(t);
  const [a, c, d] = ['A', 'C', 'D'].map((name) => watchPlayback(animation(name, 1, 100))) as [
    WatchedPlayback,
    WatchedPlayback,
    WatchedPlayback,
  ];
  const b = watchPlayback(animation('B', 1, 100), { onEnd: () => player.withdraw(new Set([c.playback])) });
  for (const { playback } of [a, b, c, d]) player.play(playback);
  player.withdraw(new Set([b.playback, c.playback]));
  clock.run(300);
  assert.deepEqual(outcomesOf([a, b, c, d]), [['shown'], ['CLOSED'], ['CLOSED'], ['shown']]);
  assert.deepEqual(names(), ['A0', 'D0']);
});

test('a player that closes ends with CLOSED what is shown and what waits', (t) => {
  const { clock, player, names, animation } = makeStage(t);
  player.close();
  const watched = ['A', 'B', 'C'].map((name) => watchPlayback(animation(name, 2, 100)));
  for (const { playback } of watched) player.play(playback);
  clock.run(50);
  player.close();
  assert.deepEqual(outcomesOf(watched), [['CLOSED'], ['CLOSED'], ['CLOSED']]);
  clock.run(1000);
  assert.deepEqual(names(), ['A0']);
  player.close();
});

test('a draw that throws ends only its animation, and the next plays on', (t) => {
  const failures: Record<string, (animation: Animation, at: number) => WatchedPlayback> = {
    'the display': (animation, at) =>
      watchPlayback({ ...animation, pictureAt: (index) => Buffer.from(index === at ? 'A!' : `A${index}`) }),
    'the picture': (animation, at) =>
      watchPlayback({
        ...animation,
        pictureAt: (index) => {
          if (index === at) throw new Error('no A!');
          return animation.pictureAt(index);
        },
      }),
    'the frame': (animation, at) =>
      watchPlayback(animation, {
        encode: (picture) => {
          if (Buffer.from(picture).toString() === `A${at}`) throw new Error('no A!');
          return Buffer.from(picture);
        },
      }),
  };
  for (const [what, fail] of Object.entries(failures)) {
    for (const at of [0, 1, 2]) {
      const { clock, player, names, animation } = makeStage(t);
      const failing = fail(animation('A', 3, 100), at);
      const next = watchPlayback(animation('B', 2, 100));
      player.play(failing.playback);
      player.play(next.playback);
      clock.run(600);
      assert.deepEqual(failing.outcomes, ['no A!'], `${what} ${at}`);
      assert.deepEqual(next.outcomes, ['shown'], `after ${what} ${at} failed`);
      assert.deepEqual(
        names().filter((name) => name !== 'A!'),
        [...['A0', 'A1', 'A2'].slice(0, at), 'B0', 'B1'],
      );
      t.mock.restoreAll();
    }
  }
});

test('what an outcome plays comes after those that wait', (t) => {
  const { clock, player, names, animation } = makeStage(t);
  const later = watchPlayback(animation('C', 1, 100));
  player.play(watchPlayback(animation('A', 1, 100), { onEnd: () => player.play(later.playback) }).playback);
  player.play(watchPlayback(animation('B', 1, 100)).playback);
  clock.run(300);
  assert.deepEqual(names(), ['A0', 'B0', 'C0']);
  assert.deepEqual(later.outcomes, ['shown']);
});

test('pictures are drawn when they are due, not before', (t) => {
  const { clock, player, animation } = makeStage(t);
  const asked: number[] = [];
  const lazy: Animation = {
    ...animation('A', 1_000_000, 100),
    pictureAt: (index) => {
      asked.push(index);
      return Buffer.from('A');
    },
  };
  player.play(watchPlayback(lazy).playback);
  clock.run(250);
  assert.deepEqual(asked, [0, 1, 2]);
});

test("by the machine's clock an animation takes its time, in order, from the first picture to the last", async () => {
  const shown: number[] = [];
  const player = new Player((frame) => shown.push(Number(frame.toString())));
  const [a, b] = [10, 20].map((first) =>
    watchPlayback({ length: 5, periodMs: 20, pictureAt: (index) => Buffer.from(`${first + index}`) }),
  ) as [WatchedPlayback, WatchedPlayback];
  const start = performance.now();
  player.play(a.playback);
  player.play(b.playback);
  assert.equal(await a.ended, 'shown');
  assert.equal(await b.ended, 'shown');
  // A timer of Node may fire up to a millisecond early.
  const elapsed = performance.now() - start;
  assert(elapsed >= 198, `${elapsed} ms`);
  assert.deepEqual(
    shown,
    [...shown].sort((a, b) => a - b),
  );
  for (const picture of [10, 14, 20, 24]) assert(shown.includes(picture), `${picture} among ${shown}`);
});
