import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Received } from '../../../../lib/nats/client/received';
import { Backlog, type BacklogUser } from '../../../../lib/nats/core/backlog';
import { Clock } from '../../../support/clock';
import { block } from '../../../support/event-loop';

/** The limits of waiting messages and bytes. */
const MAX_BACKLOG_MESSAGES = 131_072;
const MAX_BACKLOG_BYTES = 67_108_864;

const NOTHING = new Uint8Array(0);
const MEBIBYTE = new Uint8Array(1024 * 1024);

/** The numbers of messages. */
const numberOf = new WeakMap<Received, number>();

/** A message without a subject, whose first bytes are its headers. */
function message(number: number, bytes: Uint8Array = NOTHING, headersSize = 0): Received {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const msg = new Received(buffer, 0, 0, 0, 0, buffer, 0, headersSize, buffer.length);
  numberOf.set(msg, number);
  return msg;
}

/** A backlog and its calls in order: the numbers of messages, `slow`, and the number of lost ones. */
function recorded(work: () => void = () => {}, together?: number) {
  const delivered: number[] = [];
  const told: (string | number)[] = [];
  const user: BacklogUser = {
    deliver(msg) {
      delivered.push(numberOf.get(msg) as number);
      work();
    },
    onSlow: () => told.push('slow'),
    onCaughtUp: (lost) => told.push(lost),
  };
  return { backlog: new Backlog(user, together), delivered, told };
}

/** A range of numbers. */
function numbers(from: number, count: number): number[] {
  return Array.from({ length: count }, (_, n) => from + n);
}

/** Waits until there is this number of deliveries; returns their number after each turn. */
async function turnsUntil(delivered: unknown[], count: number): Promise<number[]> {
  const sums = [delivered.length];
  while (delivered.length < count) {
    await nextTurn();
    sums.push(delivered.length);
    assert(sums.length < 10_000, `${delivered.length} of ${count} messages came`);
  }
  return sums;
}

/** Puts messages until the last one has to wait; returns their number. */
function putUntilOneWaits(backlog: Backlog, delivered: number[]): number {
  let number = 0;
  while (delivered.length === number) backlog.put(message(number++));
  return number;
}

test('messages for a quick flow are delivered as they arrive, turn after turn', async () => {
  const { backlog, delivered, told } = recorded();
  // Fewer than the smallest share, to which a busy machine reduces it.
  const each = 60;
  for (let turn = 0; turn < 200; turn++) {
    for (const number of numbers(each * turn, each)) {
      backlog.put(message(number));
      assert.equal(delivered.at(-1), number);
    }
    await nextTurn();
  }
  assert.deepEqual(told, []);
  assert.equal(backlog.lost, 0);
});

test('bursts of 50,000 messages in one turn all arrive, in order', async () => {
  const { backlog, delivered, told } = recorded();
  for (let burst = 0; burst < 5; burst++) {
    for (const number of numbers(50_000 * burst, 50_000)) backlog.put(message(number));
    await turnsUntil(delivered, 50_000 * (burst + 1));
  }
  assert.deepEqual(delivered, numbers(0, 250_000));
  assert.deepEqual(told, []);
});

test('a message that arrives while others wait is delivered after them', async () => {
  const { backlog, delivered } = recorded();
  let next = putUntilOneWaits(backlog, delivered);
  for (let turn = 0; turn < 50; turn++) {
    for (const number of numbers(next, 1000)) backlog.put(message(number));
    next += 1000;
    await nextTurn();
  }
  await turnsUntil(delivered, next);
  assert.deepEqual(delivered, numbers(0, next));
});

test('above the limit of messages one more is lost, and the oldest are kept', async () => {
  const { backlog, delivered, told } = recorded();
  const first = putUntilOneWaits(backlog, delivered);
  for (const number of numbers(first, MAX_BACKLOG_MESSAGES - 1)) backlog.put(message(number));
  assert.deepEqual([backlog.lost, told], [0, []]);
  for (let lost = 1; lost <= 3; lost++) {
    backlog.put(message(-1));
    assert.deepEqual([backlog.lost, told], [lost, ['slow']]);
  }
  const kept = first - 1 + MAX_BACKLOG_MESSAGES;
  await turnsUntil(delivered, kept);
  assert.deepEqual(delivered, numbers(0, kept));
});

test('above the limit of bytes one more is lost, and smaller ones still fit', async () => {
  const { backlog, delivered, told } = recorded();
  let next = putUntilOneWaits(backlog, delivered);
  for (const number of numbers(next, MAX_BACKLOG_BYTES / MEBIBYTE.length)) backlog.put(message(number, MEBIBYTE));
  next += MAX_BACKLOG_BYTES / MEBIBYTE.length;
  assert.deepEqual([backlog.lost, told], [0, []]);
  backlog.put(message(-1, new Uint8Array(1)));
  assert.deepEqual([backlog.lost, told], [1, ['slow']]);
  backlog.put(message(next++));
  assert.equal(backlog.lost, 1);
  await turnsUntil(delivered, next);
  assert.deepEqual(delivered, numbers(0, next));
});

test('headers count as well', async () => {
  const { backlog, delivered, told } = recorded();
  const first = putUntilOneWaits(backlog, delivered);
  for (let number = 0; number < 64; number++) backlog.put(message(first + number, MEBIBYTE, MEBIBYTE.length));
  assert.deepEqual(told, []);
  backlog.put(message(first + 64, new Uint8Array(1), 1));
  assert.deepEqual(told, ['slow']);
});

test('delivered messages make room for others', async () => {
  const { backlog, delivered, told } = recorded();
  let next = putUntilOneWaits(backlog, delivered);
  for (let round = 0; round < 3; round++) {
    for (const number of numbers(next, 60)) backlog.put(message(number, MEBIBYTE));
    next += 60;
    await turnsUntil(delivered, next);
    do backlog.put(message(next++));
    while (delivered.length === next);
  }
  await turnsUntil(delivered, next);
  assert.deepEqual(delivered, numbers(0, next));
  assert.deepEqual(told, []);
});

test('messages that wait for a third turn are copied, those delivered before are not', async () => {
  const got: Received[] = [];
  const backlog = new Backlog({ deliver: (msg) => got.push(msg), onSlow() {}, onCaughtUp() {} });
  const chunks = new Set<ArrayBufferLike>();
  const count = 1000;
  for (const number of numbers(0, count)) {
    const chunk = Buffer.alloc(65_536);
    chunks.add(chunk.buffer);
    backlog.put(message(number, chunk.subarray(0, chunk.write(`message ${number}`))));
  }
  const [, , early = 0] = await turnsUntil(got, count);
  assert.deepEqual(
    got.map(({ text }) => text),
    numbers(0, count).map((number) => `message ${number}`),
  );
  const memories = got.map(({ data }) => data.buffer);
  assert(memories.slice(0, early).every((memory) => chunks.has(memory)));
  const own = new Set(memories.slice(early));
  assert(![...own].some((memory) => chunks.has(memory)));
  const ownBytes = [...own].reduce((sum, { byteLength }) => sum + byteLength, 0);
  assert(ownBytes < count * 'message 1234'.length, `${ownBytes} bytes for what waited`);
});

test('messages of many turns keep their order and their bytes', async () => {
  const got: string[] = [];
  const backlog = new Backlog({ deliver: (msg) => got.push(msg.text), onSlow() {}, onCaughtUp() {} });
  const sent: string[] = [];
  let before: Buffer | undefined;
  for (let turn = 0; turn < 20; turn++) {
    const chunk = Buffer.alloc(65_536);
    for (let place = 0; place < 700; place++) {
      const text = `${turn} ${place}`;
      const at = place * 8;
      backlog.put(message(0, chunk.subarray(at, at + chunk.write(text, at))));
      sent.push(text);
    }
    await nextTurn();
    // No message that waits for a third turn is in the chunk in which it came.
    before?.fill('?');
    before = chunk;
  }
  await turnsUntil(got, sent.length);
  assert.deepEqual(got, sent);
});

test('a slow flow is reported once, and so is the number of lost messages, each time', async () => {
  const { backlog, delivered, told } = recorded();
  for (const lost of [1, 700]) {
    const before = delivered.length;
    for (let kept = 0; kept < MAX_BACKLOG_MESSAGES || backlog.lost === 0; kept++) backlog.put(message(0));
    while (backlog.lost < lost) backlog.put(message(0));
    assert.deepEqual(told.splice(0), ['slow']);
    assert(delivered.length > before);
    await turnsUntil(told, 1);
    assert.equal(backlog.lost, 0);
    for (let turn = 0; turn < 5; turn++) await nextTurn();
    assert.deepEqual(told.splice(0), [lost], 'no more afterwards');
  }
});

test('all kept messages are delivered before the flow is reported to have caught up', async () => {
  const delivered: number[] = [];
  const caughtUp = new Promise<number>((resolve) => {
    const backlog = new Backlog({
      deliver: (msg) => delivered.push(numberOf.get(msg) as number),
      onSlow() {},
      onCaughtUp: () => resolve(delivered.length),
    });
    for (const number of numbers(0, 2 * MAX_BACKLOG_MESSAGES)) backlog.put(message(number));
  });
  assert.equal(await caughtUp, delivered.length);
  assert(delivered.length > MAX_BACKLOG_MESSAGES);
  assert.deepEqual(delivered, numbers(0, delivered.length));
});

test('messages that wait at the end are delivered in order, turn by turn and only once', async () => {
  const { backlog, delivered, told } = recorded();
  for (const number of numbers(0, 50_000)) backlog.put(message(number));
  const before = delivered.length;
  const left = backlog.finish(Number.POSITIVE_INFINITY);
  assert.equal(delivered.length, before);
  const sums = await turnsUntil(delivered, 50_000);
  assert.equal(await left, 0);
  assert(sums.length > 100, `all in ${sums.length} turns`);
  assert.deepEqual(delivered, numbers(0, 50_000));
  for (let turn = 0; turn < 5; turn++) await nextTurn();
  assert.deepEqual([delivered.length, told], [50_000, []]);
});

test('at the end a slow flow gets messages in short turns for a limited time, and the rest is counted', async (t) => {
  const clock = new Clock(t);
  const { backlog, delivered } = recorded(() => clock.jump(5));
  for (const number of numbers(0, 4200)) backlog.put(message(number));
  await nextTurn();
  const before = delivered.length;
  const left = backlog.finish(clock.nowMs + 5000);
  let isOver = false;
  void left.then(() => {
    isOver = true;
  });
  let longest = 0;
  while (!isOver) {
    const startedAt = clock.nowMs;
    await nextTurn();
    longest = Math.max(longest, clock.nowMs - startedAt);
  }
  const inTime = delivered.length - before;
  assert(inTime >= 990 && inTime <= 1010, `${inTime} were delivered in five seconds`);
  assert(longest <= 20, `a turn took ${longest} ms`);
  assert.equal(delivered.length + (await left), 4200);
  for (let turn = 0; turn < 5; turn++) await nextTurn();
  assert.deepEqual(delivered, numbers(0, before + inTime));
});

test('a flow to which nothing may be delivered any more gets nothing, and all messages are counted', async () => {
  const { backlog, delivered } = recorded();
  assert.equal(await backlog.finish(0), 0);
  const next = putUntilOneWaits(backlog, delivered);
  for (const number of numbers(next, 1000)) backlog.put(message(number));
  const before = delivered.length;
  assert.equal(await backlog.finish(0), next + 1000 - before);
  await nextTurn();
  assert.equal(delivered.length, before);
});

test('a flow that blocks gets fewer messages a turn, and timers run between them', async () => {
  const { backlog, delivered } = recorded(() => block(0.5));
  let timers = 0;
  const timer = setInterval(() => timers++, 1);
  for (const number of numbers(0, 2500)) backlog.put(message(number));
  const sums = await turnsUntil(delivered, 2500);
  clearInterval(timer);
  const shares = sums.slice(1).map((sum, turn) => sum - (sums[turn] as number));
  // Half as many in each turn, until a turn takes little more than 20 ms.
  assert(shares.length >= 8, shares.join());
  for (const share of shares.slice(6)) assert(share <= 64, shares.join());
  assert(timers >= shares.length / 2, `${timers} timers in ${shares.length} turns`);
  assert.deepEqual(delivered, numbers(0, 2500));
});

test('slow flows of many subscriptions share a turn, and a slow one gets no more when the others have ended', async (t) => {
  const clock = new Clock(t);
  const each = 600;
  let ms = 1;
  const all = Array.from({ length: 100 }, () => recorded(() => clock.jump(ms)));
  const sum = () => all.reduce((sum, { delivered }) => sum + delivered.length, 0);
  const sharesOf = async (turns: number): Promise<number[]> => {
    const shares: number[] = [];
    for (let turn = 0; turn < turns; turn++) {
      const before = sum();
      await nextTurn();
      shares.push(sum() - before);
    }
    return shares;
  };
  for (const { backlog } of all) for (const number of numbers(0, each)) backlog.put(message(number));
  assert.deepEqual(await sharesOf(9), [12_800, 6400, 3200, 1600, 800, 400, 400, 400, 400]);
  const [last, ...others] = all as [ReturnType<typeof recorded>, ...ReturnType<typeof recorded>[]];
  for (const { backlog } of others) await backlog.finish(0);
  ms = 30;
  assert.deepEqual((await sharesOf(6)).slice(3), [4, 4, 4]);
  assert.deepEqual(last.delivered, numbers(0, last.delivered.length));
  await last.backlog.finish(0);
});

test('a quick flow gets a limited number of messages per turn, more if they are combined', async () => {
  for (const [together, share] of [
    [1, 256],
    [10, 2560],
    [65_536, 8192],
  ]) {
    const { backlog, delivered } = recorded(undefined, together);
    assert.equal(putUntilOneWaits(backlog, delivered) - 1, share);
  }
});

test('a flow that becomes quick again gets more messages per turn', async () => {
  let ms = 0.5;
  const { backlog, delivered } = recorded(() => block(ms));
  for (const number of numbers(0, 2500)) backlog.put(message(number));
  await turnsUntil(delivered, 2500);
  ms = 0;
  for (const number of numbers(2500, 50_000)) backlog.put(message(number));
  const sums = await turnsUntil(delivered, 52_500);
  const shares = sums.slice(1).map((sum, turn) => sum - (sums[turn] as number));
  assert.equal(Math.max(...shares), 256, shares.join());
});

test('nothing keeps the process awake after all messages are delivered', async () => {
  const { backlog, delivered } = recorded();
  for (const number of numbers(0, 5000)) backlog.put(message(number));
  await turnsUntil(delivered, 5000);
  for (let turn = 0; turn < 5; turn++) await nextTurn();
  assert(!process.getActiveResourcesInfo().includes('Immediate'));
});

test('a paused backlog delivers nothing, and everything in order once it goes on', async () => {
  const { backlog, delivered } = recorded();
  const next = putUntilOneWaits(backlog, delivered);
  const before = delivered.length;
  backlog.pause();
  for (const number of numbers(next, 1000)) backlog.put(message(number));
  for (let turn = 0; turn < 10; turn++) await nextTurn();
  backlog.put(message(next + 1000));
  assert.equal(delivered.length, before);
  backlog.resume();
  await turnsUntil(delivered, next + 1001);
  assert.deepEqual(delivered, numbers(0, next + 1001));
});

test('a paused backlog delivers what is left at the end', async () => {
  const { backlog, delivered } = recorded();
  backlog.pause();
  for (const number of numbers(0, 100)) backlog.put(message(number));
  assert.equal(delivered.length, 0);
  assert.equal(await backlog.finish(performance.now() + 10_000), 0);
  assert.deepEqual(delivered, numbers(0, 100));
});
