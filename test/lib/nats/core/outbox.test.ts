import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { CodedError } from '../../../../lib/coded-error';
import type { Link } from '../../../../lib/nats/core/link';
import { Outbox } from '../../../../lib/nats/core/outbox';
import type { Publication } from '../../../../lib/nats/core/publication';
import { encodeHeaders } from '../../../../lib/nats/message/headers';
import { Inbox } from '../../../support/inbox';

/** The limits of held messages and bytes, and of unanswered bytes. */
const MAX_HELD_MESSAGES = 1000;
const MAX_HELD_BYTES = 8_388_608;
const MAX_UNANSWERED_BYTES = 67_108_864;

interface Ended {
  subject: string;
  error?: CodedError;
}

/** An outbox; each outcome is an entry in `ended`. */
function start() {
  const outbox = new Outbox();
  const ended = new Inbox<Ended>();
  const publish = (subject: string, settings: Partial<Publication> = {}) => {
    const data = Buffer.from(subject);
    const publication: Publication = { subject, data, whenDown: 'hold', maxAgeMs: 0, confirm: false, ...settings };
    outbox.publish(publication, (error) => ended.put({ subject, ...(error !== undefined && { error }) } as Ended));
  };
  return { outbox, ended, publish };
}

/** A server that accepts what is written; the test answers its PINGs. */
function startLink(refuse?: (publication: Publication) => void) {
  const subjects: string[] = [];
  const pings = new Inbox<() => void>();
  const link: Link = {
    publish: (publication) => {
      refuse?.(publication as Publication);
      subjects.push(publication.subject);
    },
    ping: (onPong) => pings.put(onPong),
    onPublishDenied: () => {},
    subscribe: () => assert.fail('an outbox subscribes to nothing'),
  };
  return { link, subjects, pings };
}

async function codes(ended: Inbox<Ended>, count: number): Promise<string[]> {
  const entries: string[] = [];
  for (let i = 0; i < count; i++) {
    const { subject, error } = await ended.take();
    entries.push(`${subject} ${error?.code ?? 'ok'}`);
  }
  return entries;
}

test('a message goes to the server at once and completes', async () => {
  const { outbox, ended, publish } = start();
  const { link, subjects } = startLink();
  outbox.attach(link);
  publish('a');
  assert.deepEqual(subjects, ['a']);
  assert.deepEqual(await codes(ended, 1), ['a ok']);
});

test('a message with confirmation completes when the server has answered', async () => {
  const { outbox, ended, publish } = start();
  const { link, subjects, pings } = startLink();
  outbox.attach(link);
  publish('a', { confirm: true });
  assert.deepEqual(subjects, ['a']);
  const pong = await pings.take();
  assert.equal(ended.size, 0);
  pong();
  assert.deepEqual(await codes(ended, 1), ['a ok']);
});

test('while disconnected a message is held, fails or is dropped, as its setting says', async () => {
  const { outbox, ended, publish } = start();
  const { link, subjects } = startLink();
  publish('held', { whenDown: 'hold' });
  publish('failed', { whenDown: 'fail' });
  publish('dropped', { whenDown: 'drop' });
  assert.deepEqual(await codes(ended, 2), ['failed NOT_CONNECTED', 'dropped ok']);
  assert.equal(ended.size, 0);
  outbox.attach(link);
  assert.deepEqual(subjects, ['held']);
  assert.deepEqual(await codes(ended, 1), ['held ok']);
});

test('held messages go out in order, before later ones, and only once', async () => {
  const { outbox, ended, publish } = start();
  for (const subject of ['a', 'b', 'c']) publish(subject);
  const first = startLink();
  outbox.attach(first.link);
  publish('d');
  assert.deepEqual(first.subjects, ['a', 'b', 'c', 'd']);
  assert.deepEqual(await codes(ended, 4), ['a ok', 'b ok', 'c ok', 'd ok']);
  outbox.detach();
  publish('e');
  const second = startLink();
  outbox.attach(second.link);
  assert.deepEqual(second.subjects, ['e']);
});

test('a held message may be confirmed', async () => {
  const { outbox, ended, publish } = start();
  const { link, pings } = startLink();
  publish('a', { confirm: true });
  outbox.attach(link);
  const pong = await pings.take();
  assert.equal(ended.size, 0);
  pong();
  assert.deepEqual(await codes(ended, 1), ['a ok']);
});

test('a message that the connection rejects ends with its error, and the others are written', async () => {
  const { outbox, ended, publish } = start();
  const { link, subjects } = startLink(({ subject }) => {
    if (subject === 'large') throw new CodedError('MAX_PAYLOAD', { size: 2, limit: 1 });
  });
  for (const subject of ['a', 'large', 'b']) publish(subject);
  publish('large', { confirm: true });
  outbox.attach(link);
  assert.deepEqual(subjects, ['a', 'b']);
  assert.deepEqual(await codes(ended, 4), ['a ok', 'large MAX_PAYLOAD', 'b ok', 'large MAX_PAYLOAD']);
  outbox.detach();
  assert.equal(ended.size, 0, 'an outcome was called twice');
});

test('a message to a denied subject ends with PERMISSION', async () => {
  const { outbox, ended, publish } = start();
  const { link, pings } = startLink();
  outbox.denied('denied');
  outbox.attach(link);
  publish('denied', { confirm: true });
  publish('allowed', { confirm: true });
  outbox.denied('denied');
  (await pings.take())();
  (await pings.take())();
  assert.deepEqual(await codes(ended, 2), ['denied PERMISSION', 'allowed ok']);
});

test('a message still unconfirmed when the server goes away ends with UNCONFIRMED and is not sent again', async () => {
  const { outbox, ended, publish } = start();
  outbox.attach(startLink().link);
  publish('a', { confirm: true });
  outbox.detach();
  assert.deepEqual(await codes(ended, 1), ['a UNCONFIRMED']);
  const { link, subjects } = startLink();
  outbox.attach(link);
  assert.deepEqual(subjects, []);
});

test('a held message that gets too old ends with EXPIRED and its age, and is not sent', async () => {
  const { outbox, ended, publish } = start();
  publish('first');
  publish('old', { maxAgeMs: 5 });
  publish('last');
  const { subject, error } = await ended.take();
  assert.deepEqual([subject, error?.code, error?.values], ['old', 'EXPIRED', { maxAgeMs: 5 }]);
  const { link, subjects } = startLink();
  outbox.attach(link);
  assert.deepEqual(subjects, ['first', 'last']);
});

test('a message that was sent in time does not expire later', async () => {
  const { outbox, ended, publish } = start();
  publish('a', { maxAgeMs: 2 });
  outbox.attach(startLink().link);
  assert.deepEqual(await codes(ended, 1), ['a ok']);
  outbox.detach();
  publish('b', { maxAgeMs: 10 });
  assert.deepEqual(await codes(ended, 1), ['b EXPIRED']);
  assert.equal(ended.size, 0);
});

test('the oldest messages are kept when too many are held', async () => {
  const { outbox, ended, publish } = start();
  for (let i = 0; i < MAX_HELD_MESSAGES; i++) publish('held', { data: Buffer.alloc(1) });
  assert.equal(ended.size, 0);
  publish('late');
  const { subject, error } = await ended.take();
  const values = { messages: MAX_HELD_MESSAGES, bytes: MAX_HELD_MESSAGES };
  assert.deepEqual([subject, error?.code, error?.values], ['late', 'OUTBOX_FULL', values]);
  const { link, subjects } = startLink();
  outbox.attach(link);
  assert.deepEqual(subjects, Array(MAX_HELD_MESSAGES).fill('held'));
});

test('held bytes are limited, and smaller messages still fit', async () => {
  const { outbox, ended, publish } = start();
  publish('large', { data: Buffer.alloc(MAX_HELD_BYTES - 1) });
  publish('late', { data: Buffer.alloc(2) });
  publish('small', { data: Buffer.alloc(1) });
  const { subject, error } = await ended.take();
  const values = { messages: 1, bytes: MAX_HELD_BYTES - 1 };
  assert.deepEqual([subject, error?.code, error?.values], ['late', 'OUTBOX_FULL', values]);
  const { link, subjects } = startLink();
  outbox.attach(link);
  assert.deepEqual(subjects, ['large', 'small']);
});

test('held headers count as well, and make room when they expire', async () => {
  const { outbox, ended, publish } = start();
  const headers = encodeHeaders({ Large: 'x'.repeat(MAX_HELD_BYTES / 2) });
  publish('first', { headers, maxAgeMs: 1 });
  publish('late', { headers });
  assert.deepEqual(await codes(ended, 2), ['late OUTBOX_FULL', 'first EXPIRED']);
  publish('next', { headers });
  assert.equal(ended.size, 0);
  const { link, subjects } = startLink();
  outbox.attach(link);
  assert.deepEqual(subjects, ['next']);
});

test('a server that does not answer gets a limited number of bytes, with or without confirmation', async () => {
  const { outbox, ended, publish } = start();
  const { link, subjects, pings } = startLink();
  outbox.attach(link);
  const quarter = { data: Buffer.alloc(MAX_UNANSWERED_BYTES / 4) };
  publish('confirmed', { ...quarter, confirm: true });
  publish('unconfirmed', quarter);
  outbox.write({ subject: 'request', confirm: false, ...quarter }, () => {});
  publish('dropping', { ...quarter, whenDown: 'drop' });
  publish('late', { data: Buffer.alloc(1) });
  assert.deepEqual(await codes(ended, 3), ['unconfirmed ok', 'dropping ok', 'late OUTBOX_FULL']);
  assert.throws(() => outbox.write({ subject: 'request', data: Buffer.alloc(1), confirm: false }, () => {}), {
    code: 'OUTBOX_FULL',
    text: 'OUTBOX_FULL-unanswered',
  });
  assert.deepEqual(subjects, ['confirmed', 'unconfirmed', 'request', 'dropping']);
  (await pings.take())();
  assert.deepEqual(await codes(ended, 1), ['confirmed ok']);
  publish('next', quarter);
  assert.deepEqual(await codes(ended, 1), ['next ok']);
});

test('sent and expired messages make room for more', async () => {
  const { outbox, ended, publish } = start();
  const full = { data: Buffer.alloc(MAX_HELD_BYTES) };
  publish('sent', full);
  outbox.attach(startLink().link);
  outbox.detach();
  publish('expired', { ...full, maxAgeMs: 1 });
  assert.deepEqual(await codes(ended, 2), ['sent ok', 'expired EXPIRED']);
  publish('next', full);
  assert.equal(ended.size, 0);
});

test('the end of the outbox waits for unconfirmed messages, and ends held ones with CLOSED', async () => {
  const connected = start();
  const { link, pings } = startLink();
  connected.outbox.attach(link);
  connected.publish('a', { confirm: true });
  const pong = await pings.take();
  const order: string[] = [];
  const ended = connected.outbox.end().then(() => order.push('end'));
  await new Promise(setImmediate);
  order.push('pong');
  pong();
  assert.deepEqual(await codes(connected.ended, 1), ['a ok']);
  await ended;
  assert.deepEqual(order, ['pong', 'end']);

  const down = start();
  down.publish('b');
  down.publish('c', { maxAgeMs: 1000 });
  await down.outbox.end();
  assert.deepEqual(await codes(down.ended, 2), ['b CLOSED', 'c CLOSED']);
});

test('a connection that breaks cuts the end of the outbox short', async () => {
  const { outbox, ended, publish } = start();
  outbox.attach(startLink().link);
  publish('a', { confirm: true });
  const end = outbox.end();
  outbox.detach();
  await end;
  assert.deepEqual(await codes(ended, 1), ['a UNCONFIRMED']);
});

test('a message after the end fails with CLOSED at once, with or without a connection', async () => {
  const { outbox, ended, publish } = start();
  const { link, subjects } = startLink();
  await outbox.end();
  publish('a');
  outbox.attach(link);
  publish('b');
  assert.equal(ended.size, 2);
  assert.deepEqual(await codes(ended, 2), ['a CLOSED', 'b CLOSED']);
  assert.deepEqual(subjects, []);
});

test('the first message of a turn is written at once, the others in the next turn, in order', async () => {
  const { outbox, ended, publish } = start();
  const { link, subjects } = startLink();
  outbox.attach(link);
  for (let turn = 0; turn < 3; turn++) {
    for (const subject of ['a', 'b', 'c']) publish(subject);
    assert.deepEqual(subjects, ['a']);
    assert.deepEqual(await codes(ended, 3), ['a ok', 'b ok', 'c ok']);
    assert.deepEqual(subjects.splice(0), ['a', 'b', 'c']);
    // Nothing was written in the last turn, so the next message is a first one.
    await new Promise(setImmediate);
    await new Promise(setImmediate);
  }
});

test('many messages of one turn are written before it ends', async () => {
  const { outbox, publish } = start();
  const { link, subjects } = startLink();
  outbox.attach(link);
  const sent = Array.from({ length: 1000 }, (_, number) => `n${number}`);
  for (const subject of sent) publish(subject);
  assert(subjects.length > 500, `${subjects.length} were written`);
  await new Promise(setImmediate);
  assert.deepEqual(subjects, sent);

  publish('large', { data: Buffer.alloc(1024 * 1024) });
  assert.equal(subjects.at(-1), 'large');
});

test('a flush writes the messages that wait for the end of the turn, once', async () => {
  const { outbox, publish } = start();
  const { link, subjects } = startLink();
  outbox.attach(link);
  for (const subject of ['a', 'b', 'c']) publish(subject);
  outbox.flush();
  assert.deepEqual(subjects, ['a', 'b', 'c']);
  await new Promise(setImmediate);
  assert.deepEqual(subjects, ['a', 'b', 'c']);
});

test('messages that wait for the end of the turn when the server goes away are held, fail or are dropped', async () => {
  const { outbox, ended, publish } = start();
  outbox.attach(startLink().link);
  publish('first', { confirm: true });
  publish('held', { confirm: true });
  publish('failed', { whenDown: 'fail' });
  publish('dropped', { whenDown: 'drop' });
  outbox.detach();
  assert.deepEqual(await codes(ended, 3), ['first UNCONFIRMED', 'failed NOT_CONNECTED', 'dropped ok']);
  const { link, subjects, pings } = startLink();
  outbox.attach(link);
  publish('next');
  (await pings.take())();
  assert.deepEqual(await codes(ended, 2), ['next ok', 'held ok']);
  assert.deepEqual(subjects, ['held', 'next']);
});

test('messages that wait for the end of the turn are written before the outbox ends or is suspended', async () => {
  for (const leave of ['end', 'suspend'] as const) {
    const { outbox, ended, publish } = start();
    const { link, subjects } = startLink();
    outbox.attach(link);
    for (const subject of ['a', 'b', 'c']) publish(subject);
    await outbox[leave]();
    assert.deepEqual(subjects, ['a', 'b', 'c']);
    assert.deepEqual(await codes(ended, 3), ['a ok', 'b ok', 'c ok']);
  }
});

test('a single message and its PING are written at once; messages written together share a PING', async () => {
  const { outbox, ended, publish } = start();
  const { link, pings } = startLink();
  outbox.attach(link);
  publish('first', { confirm: true });
  assert.equal(pings.size, 1);
  for (const subject of ['a', 'b', 'c']) publish(subject, { confirm: true });
  (await pings.take())();
  assert.deepEqual(await codes(ended, 1), ['first ok']);
  (await pings.take())();
  assert.deepEqual(await codes(ended, 3), ['a ok', 'b ok', 'c ok']);
  assert.equal(pings.size, 0);
});

test('a message that an outcome publishes is written after all earlier ones', () => {
  const { outbox, publish } = start();
  const { link, subjects } = startLink();
  const held: Publication = { subject: 'held', data: Buffer.alloc(0), whenDown: 'hold', maxAgeMs: 0, confirm: false };
  outbox.publish(held, () => {
    for (let number = 0; number < 600; number++) publish('later');
  });
  publish('held too');
  outbox.attach(link);
  outbox.flush();
  assert.deepEqual(subjects.slice(0, 3), ['held', 'held too', 'later']);
  assert.equal(subjects.length, 602);
});

test('a connection that ends in an outcome leaves unwritten messages to the next one', async () => {
  const { outbox, ended, publish } = start();
  const first = startLink();
  const held: Publication = { subject: 'held', data: Buffer.alloc(0), whenDown: 'hold', maxAgeMs: 0, confirm: false };
  outbox.publish(held, () => outbox.detach());
  publish('b');
  outbox.attach(first.link);
  assert.deepEqual(first.subjects, ['held']);
  const second = startLink();
  outbox.attach(second.link);
  assert.deepEqual(second.subjects, ['b']);
  assert.deepEqual(await codes(ended, 1), ['b ok']);
});

test('data that a flow changes later goes out as it was, from where it is held and from the end of a turn', async () => {
  const ways: Record<string, (outbox: Outbox, link: Link, publish: () => void) => unknown> = {
    held: (outbox, link, publish) => {
      publish();
      outbox.attach(link);
    },
    'held in the turn in which the server goes': (outbox, link, publish) => {
      outbox.attach(startLink().link);
      publish();
      outbox.detach();
      outbox.attach(link);
    },
    'waits for a flush': (outbox, link, publish) => {
      outbox.attach(link);
      publish();
      outbox.flush();
    },
    'waits for the end of the turn': async (outbox, link, publish) => {
      outbox.attach(link);
      publish();
      await nextTurn();
    },
  };
  for (const [way, pass] of Object.entries(ways)) {
    const { outbox, publish } = start();
    const sent: string[] = [];
    const { link } = startLink(({ subject, data }) => sent.push(`${subject} ${data}`));
    const data = Buffer.alloc(4);
    await pass(outbox, link, () => {
      publish('first', { data: Buffer.from('text') });
      for (const number of [1, 2]) {
        data.fill(String(number));
        publish('buffer', { data, isBorrowed: true });
      }
      data.fill('?');
    });
    assert.deepEqual(sent.slice(-2), ['buffer 1111', 'buffer 2222'], way);
  }
});

test('data of a flow is not copied where it is written at once', () => {
  const { outbox, publish } = start();
  const written: unknown[] = [];
  const { link } = startLink(({ data }) => written.push(data));
  outbox.attach(link);
  const data = Buffer.from('text');
  publish('a', { data, isBorrowed: true });
  assert.equal(written[0], data);
});
