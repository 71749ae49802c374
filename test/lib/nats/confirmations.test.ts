import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Confirmations } from '../../../lib/nats/confirmations';
import { Inbox } from '../../support/inbox';

interface Ended {
  name: string;
  error?: { code: string; text: string; values: object };
}

/**
 * Confirmations whose PINGs the test answers by itself; each outcome is an entry in `ended`. What is added in one turn
 * is asked for together.
 */
function start() {
  const pings = new Inbox<{ pong: () => void; fail: (error: Error) => void }>();
  const ended = new Inbox<Ended>();
  const confirmations = new Confirmations(
    () => new Promise<void>((pong, fail) => pings.put({ pong: () => pong(), fail })),
  );
  const add = (subject: string, name = subject) => {
    confirmations.add(subject, (error) => ended.put({ name, ...(error !== undefined && { error }) } as Ended));
    queueMicrotask(() => confirmations.ask());
  };
  return { confirmations, pings, ended, add };
}

test('a message is confirmed by the answer to the PING behind it, and not before', async () => {
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

test('a message behind the PING waits for the next one, and one PING is on its way at a time', async () => {
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

test('after a quiet time the next message is confirmed again', async () => {
  const { pings, ended, add } = start();
  for (const name of ['a', 'b']) {
    add(name);
    (await pings.take()).pong();
    assert.deepEqual(await ended.take(), { name });
  }
});

test('a refused subject ends its messages in PERMISSION, and only those', async () => {
  const { confirmations, pings, ended, add } = start();
  add('denied', 'before');
  add('allowed');
  const { pong } = await pings.take();
  add('denied', 'behind');
  confirmations.denied('denied');
  for (const name of ['before', 'behind']) {
    const { name: actual, error } = await ended.take();
    assert.equal(actual, name);
    assert.equal(error?.text, 'PERMISSION-publish');
    assert.deepEqual(error?.values, { subject: 'denied' });
  }
  pong();
  assert.deepEqual(await ended.take(), { name: 'allowed' });
});

test('a refusal that is told right behind the PONG still counts', async () => {
  const { confirmations, pings, ended, add } = start();
  add('denied');
  (await pings.take()).pong();
  await Promise.resolve();
  await Promise.resolve();
  confirmations.denied('denied');
  assert.equal((await ended.take()).error?.code, 'PERMISSION');
});

test('a refusal of a subject that nobody waits for changes nothing', async () => {
  const { confirmations, pings, ended, add } = start();
  confirmations.denied('a');
  add('a');
  confirmations.denied('a.b');
  (await pings.take()).pong();
  assert.deepEqual(await ended.take(), { name: 'a' });
});

test('a broken connection ends in UNCONFIRMED what was written before and behind the PING', async () => {
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

test('nothing is pinged any more once the connection is broken', async () => {
  const { confirmations, pings, ended, add } = start();
  add('a');
  confirmations.break();
  assert.equal((await ended.take()).error?.code, 'UNCONFIRMED');
  await new Promise(setImmediate);
  assert.equal(pings.size, 0);
});

test('a PING that fails leaves its messages to the break', async () => {
  const { confirmations, pings, ended, add } = start();
  add('a');
  (await pings.take()).fail(new Error('connection disconnected'));
  await new Promise(setImmediate);
  assert.equal(ended.size, 0);
  confirmations.break();
  assert.equal((await ended.take()).error?.code, 'UNCONFIRMED');
});

test('messages of later turns leave those whose PING is on its way alone', async () => {
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

test('what was refused or confirmed has ended, whatever comes later', async () => {
  const { confirmations, pings, ended, add } = start();
  add('confirmed');
  (await pings.take()).pong();
  add('denied');
  await ended.take();
  confirmations.denied('denied');
  assert.equal((await ended.take()).error?.code, 'PERMISSION');
  confirmations.denied('denied');
  confirmations.break();
  assert.equal(ended.size, 0, 'an outcome was called twice');
});

test('a message that is refused before its PING is sent is not confirmed by it', async () => {
  const { confirmations, pings, ended, add } = start();
  add('denied');
  add('allowed');
  confirmations.denied('denied');
  assert.equal((await ended.take()).error?.code, 'PERMISSION');
  (await pings.take()).pong();
  assert.deepEqual(await ended.take(), { name: 'allowed' });
  await new Promise(setImmediate);
  assert.equal(ended.size, 0, 'an outcome was called twice');
});

test('all is settled at once where nothing waits, else when the last message is confirmed', async () => {
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

test('a broken connection settles what waits for ever', async () => {
  const { confirmations, pings, ended, add } = start();
  add('a');
  await pings.take();
  const settled = confirmations.settled();
  confirmations.break();
  await settled;
  assert.equal((await ended.take()).error?.code, 'UNCONFIRMED');
});
