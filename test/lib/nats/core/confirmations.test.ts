import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Confirmations } from '../../../../lib/nats/core/confirmations';
import { Clock } from '../../../support/clock';
import { Inbox } from '../../../support/inbox';

/** The limits of unanswered messages and bytes. */
const MAX_UNANSWERED_MESSAGES = 131_072;
const MAX_UNANSWERED_BYTES = 67_108_864;

interface Ended {
  name: string;
  error?: { code: string; text: string; values: object };
}

/**
 * Confirmations whose PINGs the test answers itself; each outcome is an entry in `ended` and calls `onEnd`. Messages that are added in
 * one turn share a PING.
 */
function start(onEnd = () => {}) {
  const pings = new Inbox<{ pong: () => void }>();
  const ended = new Inbox<Ended>();
  const unwatched: string[] = [];
  const confirmations = new Confirmations({
    ping: (pong) => pings.put({ pong }),
    onPublishDenied: (subject) => unwatched.push(subject),
  });
  const add = (subject: string, name = subject) => {
    confirmations.add(subject, 1, (error) => {
      ended.put({ name, ...(error !== undefined && { error }) } as Ended);
      onEnd();
    });
    queueMicrotask(() => confirmations.ask());
  };
  const deny = (subject: string) => confirmations.onDenied(subject);
  return { confirmations, pings, ended, unwatched, add, deny };
}

test('a message is confirmed by the PONG to the PING after it, and not before', async () => {
  const { pings, ended, add } = start();
  add('a');
  const { pong } = await pings.take();
  assert.equal(ended.size, 0);
  pong();
  assert.deepEqual(await ended.take(), { name: 'a' });
});

test('messages of one turn share a PING and are confirmed in order', async () => {
  const { pings, ended, add } = start();
  for (const name of ['a', 'b', 'c']) add(name);
  (await pings.take()).pong();
  assert.deepEqual(
    [await ended.take(), await ended.take(), await ended.take()].map(({ name }) => name),
    ['a', 'b', 'c'],
  );
  assert.equal(pings.size, 0);
});

test('a message after the PING waits for the next one, and only one PING is in flight at a time', async () => {
  const { pings, ended, add } = start();
  add('first');
  const first = await pings.take();
  add('second');
  add('third');
  assert.equal(pings.size, 0);
  first.pong();
  assert.equal((await ended.take()).name, 'first');
  const second = await pings.take();
  assert.equal(ended.size, 0);
  second.pong();
  assert.equal((await ended.take()).name, 'second');
  assert.equal((await ended.take()).name, 'third');
  assert.equal(pings.size, 0);
});

test('after a pause the next message is confirmed again', async () => {
  const { pings, ended, add } = start();
  for (const name of ['a', 'b']) {
    add(name);
    (await pings.take()).pong();
    assert.deepEqual(await ended.take(), { name });
  }
});

test('denied messages, and only those, end with PERMISSION when the PING after them is answered', async () => {
  const { pings, ended, unwatched, add, deny } = start();
  for (const name of ['denied', 'allowed', 'denied']) add(name);
  const { pong } = await pings.take();
  deny('denied');
  deny('denied');
  assert.equal(ended.size, 0);
  pong();
  for (const name of ['denied', 'allowed', 'denied']) {
    const { name: actual, error } = await ended.take();
    assert.equal(actual, name);
    assert.equal(error?.text, name === 'denied' ? 'PERMISSION-publish' : undefined);
    assert.deepEqual(error?.values, name === 'denied' ? { subject: 'denied' } : undefined);
  }
  assert.deepEqual(unwatched, []);
});

test('a denial after the PONG belongs to a message after the PING', async () => {
  const { pings, ended, add, deny } = start();
  add('a', 'taken');
  const { pong } = await pings.take();
  add('a', 'refused');
  pong();
  deny('a');
  assert.deepEqual(await ended.take(), { name: 'taken' });
  (await pings.take()).pong();
  assert.equal((await ended.take()).error?.code, 'PERMISSION');
});

test('if the server has denied some of the messages to a subject, all of them are UNCONFIRMED', async () => {
  const { pings, ended, add, deny } = start();
  for (const name of ['first', 'second']) add('a', name);
  add('b');
  const { pong } = await pings.take();
  deny('a');
  pong();
  for (const name of ['first', 'second']) {
    const { name: actual, error } = await ended.take();
    assert.deepEqual([actual, error?.code, error?.values], [name, 'UNCONFIRMED', { subject: 'a' }]);
  }
  assert.deepEqual(await ended.take(), { name: 'b' });
});

test('a denial of an unconfirmed message changes nothing and is reported', async () => {
  const { pings, ended, unwatched, add, deny } = start();
  deny('a');
  assert.deepEqual(unwatched, ['a']);
  add('a');
  deny('a.b');
  (await pings.take()).pong();
  assert.deepEqual(await ended.take(), { name: 'a' });
  assert.deepEqual(unwatched, ['a', 'a.b']);
});

test('a broken connection ends messages written before and after the PING with UNCONFIRMED', async () => {
  const { confirmations, pings, ended, add } = start();
  add('before');
  const { pong } = await pings.take();
  add('behind');
  confirmations.break();
  for (const name of ['before', 'behind']) {
    const { name: actual, error } = await ended.take();
    assert.deepEqual([actual, error?.code, error?.values], [name, 'UNCONFIRMED', { subject: name }]);
  }
  pong();
  await new Promise(setImmediate);
  await new Promise(setImmediate);
  assert.equal(ended.size, 0, 'an outcome was called twice');
});

test('no PING is sent after the connection is broken', async () => {
  const { confirmations, pings, ended, add } = start();
  add('a');
  confirmations.break();
  assert.equal((await ended.take()).error?.code, 'UNCONFIRMED');
  await new Promise(setImmediate);
  assert.equal(pings.size, 0);
});

test('messages of later turns do not affect those whose PING is in flight', async () => {
  const { pings, ended, add } = start();
  add('first');
  add('second');
  const { pong } = await pings.take();
  for (const name of ['third', 'fourth']) {
    add(name);
    await new Promise(setImmediate);
  }
  assert.equal(pings.size, 0, 'a second PING was sent before the answer to the first');
  pong();
  assert.deepEqual([await ended.take(), await ended.take()], [{ name: 'first' }, { name: 'second' }]);
  (await pings.take()).pong();
  assert.deepEqual([await ended.take(), await ended.take()], [{ name: 'third' }, { name: 'fourth' }]);
});

test('a denied message ends with PERMISSION even if the connection breaks before the PONG', async () => {
  const { confirmations, pings, ended, add, deny } = start();
  add('denied');
  await pings.take();
  deny('denied');
  add('unknown');
  confirmations.break();
  assert.equal((await ended.take()).error?.code, 'PERMISSION');
  assert.equal((await ended.take()).error?.code, 'UNCONFIRMED');
  confirmations.break();
  assert.equal(ended.size, 0, 'an outcome was called twice');
});

test('unanswered messages and bytes are limited, except for a single message of any size', async () => {
  const full = { code: 'OUTBOX_FULL' };
  const { confirmations, pings, add } = start();
  confirmations.checkRoom(MAX_UNANSWERED_BYTES + 1);
  add('first');
  const { pong } = await pings.take();
  for (let message = 2; message <= MAX_UNANSWERED_MESSAGES; message++) {
    confirmations.checkRoom(0);
    confirmations.addUnwatched(0);
  }
  assert.throws(() => confirmations.checkRoom(0), full);
  pong();
  const second = await pings.take();
  confirmations.checkRoom(MAX_UNANSWERED_BYTES);
  assert.throws(() => confirmations.checkRoom(MAX_UNANSWERED_BYTES + 1), full);
  second.pong();
  await new Promise(setImmediate);
  await new Promise(setImmediate);
  confirmations.checkRoom(MAX_UNANSWERED_BYTES + 1);
});

test('unconfirmed messages cause a PING only above a threshold', () => {
  const { confirmations, pings } = start();
  confirmations.addUnwatched(1);
  confirmations.ask();
  assert.equal(pings.size, 0);
  confirmations.addUnwatched(MAX_UNANSWERED_BYTES / 16);
  confirmations.ask();
  assert.equal(pings.size, 1);
});

test('settled resolves at once if no message waits, else when the last one is confirmed', async () => {
  const { confirmations, pings, ended, add } = start();
  await confirmations.settled();
  add('first');
  const { pong } = await pings.take();
  add('second');
  let isSettled = false;
  const settled = confirmations.settled().then(() => {
    isSettled = true;
  });
  pong();
  await ended.take();
  const last = await pings.take();
  assert(!isSettled, 'it was settled while a message waited');
  last.pong();
  await settled;
  assert.deepEqual(await ended.take(), { name: 'second' });
  await confirmations.settled();
});

test('all who wait for the last message learn of it', async () => {
  const { confirmations, pings, add } = start();
  add('a');
  const { pong } = await pings.take();
  const settled = [confirmations.settled(), confirmations.settled()];
  pong();
  await Promise.all(settled);
});

test('a message that a PONG has confirmed is confirmed even if the connection breaks in the same turn', async () => {
  const { confirmations, pings, ended, add } = start();
  add('confirmed');
  const { pong } = await pings.take();
  add('unknown');
  pong();
  await confirmations.break();
  assert.deepEqual(await ended.take(), { name: 'confirmed' });
  assert.equal((await ended.take()).error?.code, 'UNCONFIRMED');
});

for (const end of ['confirmed', 'broken'] as const) {
  test(`many messages that are ${end} end in order, a few milliseconds in each turn`, async (t) => {
    const clock = new Clock(t);
    const { confirmations, pings, add, ended } = start(() => clock.jump(0.5));
    const names = Array.from({ length: 100 }, (_, index) => String(index));
    for (const name of names) add(name);
    const { pong } = await pings.take();
    if (end === 'confirmed') pong();
    else void confirmations.break();
    const counts = [0, ended.size];
    while (ended.size < names.length) {
      await new Promise(setImmediate);
      counts.push(ended.size);
    }
    const inEachTurn = counts.slice(1).map((count, turn) => count - (counts[turn] ?? 0));
    assert(Math.max(...inEachTurn) <= 8, `messages in each turn: ${inEachTurn}`);
    assert.deepEqual(await Promise.all(names.map(async () => (await ended.take()).name)), names);
  });
}

test('messages that are still ending count as unanswered, and each that has ended makes room', async (t) => {
  const clock = new Clock(t);
  const { confirmations, pings } = start();
  let ended = 0;
  for (let count = 0; count < MAX_UNANSWERED_MESSAGES; count++) {
    confirmations.add('a', 1, () => {
      ended++;
      clock.jump(5);
    });
  }
  confirmations.ask();
  (await pings.take()).pong();
  assert.throws(() => confirmations.checkRoom(1), { code: 'OUTBOX_FULL' });
  while (ended === 0) await new Promise(setImmediate);
  for (let count = 0; count < ended; count++) {
    confirmations.checkRoom(1);
    confirmations.addUnwatched(1);
  }
  assert.throws(() => confirmations.checkRoom(1), { code: 'OUTBOX_FULL' });
});

test('a broken connection settles messages that would wait for ever', async () => {
  const { confirmations, pings, ended, add } = start();
  add('a');
  await pings.take();
  const settled = confirmations.settled();
  confirmations.break();
  await settled;
  assert.equal((await ended.take()).error?.code, 'UNCONFIRMED');
});
