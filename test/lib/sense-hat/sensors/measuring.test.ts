import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { measureRegularly } from '../../../../lib/sense-hat/sensors/measuring';
import type { Kind } from '../../../../lib/sense-hat/sensors/reading';
import { Clock } from '../../../support/clock';

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Advances millisecond by millisecond, with time for promises in between. */
async function run(clock: Clock, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed++) {
    clock.jump(1);
    await turn();
  }
}

/** Starts a loop on a clock of its own, and notes when it measures what; `measure` may return what has values. */
function start(
  t: TestContext,
  kinds: Kind[],
  intervalMs: number,
  measure: (due: ReadonlySet<Kind>) => Promise<ReadonlySet<Kind>> = async (due) => due,
) {
  const clock = new Clock(t);
  const measured: { at: number; kinds: Kind[] }[] = [];
  const stop = measureRegularly({
    kinds,
    intervalMs,
    measure: async (due) => {
      measured.push({ at: clock.nowMs, kinds: [...due] });
      return measure(due);
    },
  });
  return { clock, measured, stop };
}

test('it measures at once, then at fixed distances', async (t) => {
  const { clock, measured, stop } = start(t, ['environment'], 1000);
  await run(clock, 3500);
  stop();
  assert.deepEqual(
    measured.map(({ at }) => Math.round(at / 10) * 10),
    [0, 1000, 2000, 3000],
  );
});

test('a kind is measured no faster than its chips allow', async (t) => {
  const { clock, measured, stop } = start(t, ['environment', 'motion'], 20);
  await run(clock, 999);
  stop();
  const count = (kind: Kind) => measured.filter(({ kinds }) => kinds.includes(kind)).length;
  assert.deepEqual([count('motion'), count('environment')], [50, 10]);
});

test('slow measurements never overlap, and shift no others', async (t) => {
  let running = 0;
  const { clock, measured, stop } = start(t, ['motion'], 100, async (due) => {
    assert.equal(++running, 1);
    await new Promise((resolve) => setTimeout(resolve, 130));
    running--;
    return due;
  });
  await run(clock, 1000);
  stop();
  assert.deepEqual(
    measured.map(({ at }) => Math.round(at / 10) * 10),
    [0, 200, 400, 600, 800, 1000],
  );
});

test('a kind that becomes due while another is measured comes next', async (t) => {
  const { clock, measured, stop } = start(t, ['motion', 'environment'], 30, async (due) => {
    if (due.has('motion')) await new Promise((resolve) => setTimeout(resolve, 15));
    return due;
  });
  await run(clock, 999);
  stop();
  const environment = measured.filter(({ kinds }) => kinds.includes('environment'));
  assert.equal(environment.length, 10);
  for (const [n, { at }] of environment.entries()) assert(at - n * 100 < 20, `${at}`);
});

test('a kind of which nothing was measured is tried again soon, then less and less often', async (t) => {
  let hasValues = false;
  const { clock, measured, stop } = start(t, ['environment', 'motion'], 5000, async (due) =>
    hasValues ? due : new Set<Kind>(['motion']),
  );
  const times = (kind: Kind) =>
    measured.filter(({ kinds }) => kinds.includes(kind)).map(({ at }) => Math.round(at / 10) * 10);
  await run(clock, 2000);
  hasValues = true;
  await run(clock, 9000);
  stop();
  assert.deepEqual(times('environment'), [0, 200, 600, 1400, 3000, 5000, 10_000]);
  assert.deepEqual(times('motion'), [0, 5000, 10_000]);
});

test('what never has values is tried no more often than every interval', async (t) => {
  const { clock, measured, stop } = start(t, ['colour'], 300, async () => new Set<Kind>());
  await run(clock, 1600);
  stop();
  assert.deepEqual(
    measured.map(({ at }) => Math.round(at / 10) * 10),
    [0, 200, 300, 600, 900, 1200, 1500],
  );
});

test('a busy process leaves measurements out and makes up for none', async (t) => {
  const { clock, measured, stop } = start(t, ['environment'], 100);
  await run(clock, 150);
  clock.jump(1000);
  await run(clock, 200);
  stop();
  assert.deepEqual(
    measured.map(({ at }) => Math.round(at / 10) * 10),
    [0, 100, 1150, 1200, 1300],
  );
});

test('stopped, it measures no more and leaves no timer, also in the middle of a measurement', async (t) => {
  let finish = () => {};
  const { clock, measured, stop } = start(
    t,
    ['motion'],
    20,
    (due) => new Promise((resolve) => (finish = () => resolve(due))),
  );
  await run(clock, 50);
  stop();
  finish();
  await run(clock, 100);
  assert.equal(measured.length, 1);
  assert.equal(clock.pending, 0);
});
