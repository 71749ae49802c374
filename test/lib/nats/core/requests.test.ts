import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Msg, NatsConnectionImpl } from 'nats';
import type { CodedError } from '../../../../lib/coded-error';
import { dial } from '../../../../lib/nats/client/dial';
import type { Received } from '../../../../lib/nats/client/received';
import { Session } from '../../../../lib/nats/connection/session';
import { Outbox } from '../../../../lib/nats/core/outbox';
import { type Gathering, type Request, Requests } from '../../../../lib/nats/core/requests';
import { encodeHeaders } from '../../../../lib/nats/message/headers';
import { type NatsServerOptions, startNatsServer } from '../../../../scripts/nats-server';
import { startPeer } from '../../../support/peer';

/** The limits of gathered replies and their bytes. */
const MAX_BACKLOG_MESSAGES = 131_072;
const MAX_BACKLOG_BYTES = 67_108_864;

/** A server whose clients may not publish to some subjects, or not subscribe to them. */
function denying(operation: 'publish' | 'subscribe', subject: string): NatsServerOptions {
  const users = `users: [{ user: u, password: p, permissions: { ${operation}: { deny: ["${subject}"] } } }]`;
  return { config: `authorization { ${users} }\nno_auth_user: u` };
}

/** A requester and a responder, each with a connection. */
async function start(t: TestContext, options?: NatsServerOptions) {
  const server = await startNatsServer(options);
  t.after(() => server.stop());
  const { answer, subscribe } = await startPeer(t, server.url);
  const outbox = new Outbox();
  let session: Session | undefined;
  const onError = (error: Error) => session?.onError(error);
  const target = { host: '127.0.0.1', port: server.port };
  const nc = await dial(target, { noAsyncTraces: true }, { onError, onInfo() {} }, new AbortController().signal);
  t.after(() => nc.close());
  session = new Session(nc, {
    onPublishDenied: (subject) => outbox.denied(subject),
    onServerError: () => {},
    onLineTooLong: () => {},
  });
  const established = session;
  outbox.attach(established);
  const asking = (inboxPrefix?: string) => {
    const requests = new Requests(outbox, inboxPrefix);
    requests.attach(established);
    return requests;
  };
  const requests = asking();
  const request = (subject: string, settings: Partial<Request> = {}): Request => ({
    subject,
    data: Buffer.from('question'),
    timeoutMs: 5000,
    ...settings,
  });
  const read = (reply: Received) => reply;
  return {
    nc,
    answer,
    subscribe,
    /** The connection is gone. */
    lose: () => requests.detach(),
    withdraw: (owner: object) => requests.withdraw(owner),
    /** The number of the client's subscriptions, without the shared one. */
    inboxes: () => (nc as unknown as NatsConnectionImpl).protocol.subscriptions.size() - 1,
    one: async (subject: string, settings: Partial<Request> = {}, flatInbox = false) => {
      const asked = { ...request(subject, settings), flatInbox };
      const [reply] = await requests.gather(asked, { count: 1, stallMs: 0 }, read);
      return reply as Received;
    },
    unread: (subject: string, read: () => void) => requests.gather(request(subject), { count: 1, stallMs: 0 }, read),
    many: (
      subject: string,
      { inboxPrefix, ...gathering }: Partial<Gathering> & { inboxPrefix?: string },
      settings: Partial<Request> = {},
    ) => {
      const asked = { ...request(subject, settings), flatInbox: true };
      return (inboxPrefix ? asking(inboxPrefix) : requests).gather(asked, { count: 0, stallMs: 0, ...gathering }, read);
    },
  };
}

const texts = (replies: Received[]) => replies.map((reply) => reply.text);

/** Answers with each of the texts. */
const withTexts =
  (...answers: string[]) =>
  (msg: Msg) => {
    for (const text of answers) msg.respond(text);
  };

for (const flatInbox of [false, true]) {
  const inbox = flatInbox ? 'a flat inbox' : 'the shared inbox';

  test(`a request through ${inbox} resolves with the first reply, and its headers reach the responder`, async (t) => {
    const { one, answer } = await start(t);
    await answer('echo', (msg) => {
      msg.respond(`${msg.string()} ${msg.headers?.get('id')}`);
      msg.respond('second');
    });
    const reply = await one('echo', { headers: encodeHeaders({ id: '7' }) }, flatInbox);
    assert.equal(reply.text, 'question 7');
  });

  test(`a request through ${inbox} without a subscriber rejects with NO_RESPONDERS`, async (t) => {
    const { one, many } = await start(t);
    const expected = { code: 'NO_RESPONDERS', values: { subject: 'nobody' } };
    await assert.rejects(one('nobody', {}, flatInbox), expected);
    await assert.rejects(many('nobody', {}), expected);
  });

  test(`a request through ${inbox} without an answer rejects with TIMEOUT`, async (t) => {
    const { one, subscribe } = await start(t);
    await subscribe('silent');
    await assert.rejects(one('silent', { timeoutMs: 30 }, flatInbox), {
      code: 'TIMEOUT',
      values: { subject: 'silent', timeoutMs: 30 },
    });
  });

  test(`a request through ${inbox} to a denied subject rejects with PERMISSION`, async (t) => {
    const { one } = await start(t, denying('publish', 'denied'));
    await assert.rejects(one('denied', {}, flatInbox), {
      code: 'PERMISSION',
      text: 'PERMISSION-request',
      values: { subject: 'denied' },
    });
  });

  test(`a request through ${inbox} rejects with CONNECTION_LOST when the connection breaks`, async (t) => {
    const { one, subscribe, lose } = await start(t);
    const asked = await subscribe('silent');
    const reply = one('silent', {}, flatInbox);
    await asked.take();
    lose();
    await assert.rejects(reply, { code: 'CONNECTION_LOST', values: { subject: 'silent' } });
  });
}

test('the reply subject of a flat inbox has two tokens', async (t) => {
  const { one, subscribe } = await start(t);
  const asked = await subscribe('silent');
  const outcomes = [one('silent', { timeoutMs: 30 }, true), one('silent', { timeoutMs: 30 }, false)];
  const tokens = [await asked.take(), await asked.take()].map(({ reply }) => reply?.split('.').length);
  assert.deepEqual(tokens, [2, 3]);
  for (const outcome of outcomes) await assert.rejects(outcome, { code: 'TIMEOUT' });
});

test('replies are gathered in order up to the count', async (t) => {
  const { many, answer } = await start(t);
  await answer('three', withTexts('a', 'b', 'c'));
  assert.deepEqual(texts(await many('three', { count: 2 })), ['a', 'b']);
  assert.deepEqual(texts(await many('three', { count: 3, stallMs: 4000 })), ['a', 'b', 'c']);
});

test('gathering ends when no further reply arrives within the stall time', async (t) => {
  const { many, answer } = await start(t);
  await answer('two', withTexts('a', 'b'));
  const started = performance.now();
  assert.deepEqual(texts(await many('two', { count: 9, stallMs: 150 })), ['a', 'b']);
  assert(performance.now() - started < 2000, 'it waited for the time-out');
});

test('the stall time counts from the first reply, not from the request', async (t) => {
  const { one, many, subscribe } = await start(t);
  const asked = await subscribe('late');
  await subscribe('silent');
  const replies = many('late', { stallMs: 1 });
  const question = await asked.take();
  await assert.rejects(one('silent', { timeoutMs: 20 }), { code: 'TIMEOUT' });
  question.respond('late');
  assert.deepEqual(texts(await replies), ['late']);
});

test('gathering ends at the time-out with the replies so far', async (t) => {
  const { many, answer } = await start(t);
  await answer('two', withTexts('a', 'b'));
  assert.deepEqual(texts(await many('two', {}, { timeoutMs: 500 })), ['a', 'b']);
  assert.deepEqual(texts(await many('two', { count: 3, stallMs: 4000 }, { timeoutMs: 500 })), ['a', 'b']);
});

test('gathering without a reply rejects with TIMEOUT', async (t) => {
  const { many, subscribe } = await start(t);
  await subscribe('silent');
  await assert.rejects(many('silent', { count: 2, stallMs: 1 }, { timeoutMs: 30 }), {
    code: 'TIMEOUT',
    values: { subject: 'silent', timeoutMs: 30 },
  });
});

test('gathering from a denied subject rejects with PERMISSION', async (t) => {
  const { many } = await start(t, denying('publish', 'denied'));
  await assert.rejects(many('denied', {}, { timeoutMs: 4000 }), {
    code: 'PERMISSION',
    text: 'PERMISSION-request',
    values: { subject: 'denied' },
  });
});

test('a request whose inbox is denied rejects with PERMISSION, and names the inbox', async (t) => {
  const { one, many, subscribe } = await start(t, denying('subscribe', '_INBOX.>'));
  await subscribe('silent');
  for (const [ask, inbox] of [
    [() => one('silent'), /^_INBOX\.[^.]+\.\*$/],
    [() => one('silent', {}, true), /^_INBOX\.[^.]+$/],
    [() => many('silent', {}), /^_INBOX\.[^.]+$/],
  ] as const) {
    await assert.rejects(ask(), (error: CodedError) => {
      assert.equal(error.text, 'PERMISSION-inbox');
      assert.equal(error.values.subject, 'silent');
      assert.match(String(error.values.inbox), inbox);
      return true;
    });
  }
});

test('gathering ends with TOO_MANY_REPLIES when there are too many replies', async (t) => {
  const { one, many, answer, inboxes } = await start(t);
  await one('nobody').catch(() => {});
  await answer('many', (msg) => {
    for (let number = 0; number <= MAX_BACKLOG_MESSAGES; number++) msg.respond();
  });
  const values = { subject: 'many', messages: MAX_BACKLOG_MESSAGES, bytes: MAX_BACKLOG_BYTES };
  await assert.rejects(many('many', {}, { timeoutMs: 60_000 }), { code: 'TOO_MANY_REPLIES', values });
  assert.equal(inboxes(), 0);
});

test('gathering ends with TOO_MANY_REPLIES when the replies are too large', async (t) => {
  const { many, subscribe } = await start(t);
  const asked = await subscribe('large');
  const replies = many('large', {}, { timeoutMs: 60_000 });
  const question = await asked.take();
  // Their subjects exceed the limit.
  const mebibyte = Buffer.alloc(1024 * 1024);
  for (let bytes = 0; bytes < MAX_BACKLOG_BYTES; bytes += mebibyte.length) question.respond(mebibyte);
  await assert.rejects(replies, { code: 'TOO_MANY_REPLIES' });
});

test('as many replies as fit are gathered', async (t) => {
  const { many, answer } = await start(t);
  await answer('many', (msg) => {
    for (let number = 0; number < MAX_BACKLOG_MESSAGES; number++) msg.respond();
  });
  assert.equal(
    (await many('many', { count: MAX_BACKLOG_MESSAGES }, { timeoutMs: 60_000 })).length,
    MAX_BACKLOG_MESSAGES,
  );
});

test('gathering drops its replies and rejects with CONNECTION_LOST when the connection breaks', async (t) => {
  const { nc, many, subscribe, lose } = await start(t);
  const asked = await subscribe('one');
  const replies = many('one', { count: 2 });
  (await asked.take()).respond('a');
  await nc.flush();
  lose();
  await assert.rejects(replies, { code: 'CONNECTION_LOST', values: { subject: 'one' } });
});

test('an empty reply is a reply', async (t) => {
  const { one, many, answer } = await start(t);
  await answer('empty', withTexts('', ''));
  assert.equal((await one('empty')).data.length, 0);
  assert.deepEqual(texts(await many('empty', { count: 2 })), ['', '']);
});

test('replies arrive in an inbox below the prefix', async (t) => {
  const { many, subscribe } = await start(t);
  const asked = await subscribe('prefix');
  const replies = many('prefix', { count: 1, inboxPrefix: '_INBOX_me' });
  const question = await asked.take();
  assert.match(question.reply as string, /^_INBOX_me\.[^.]+$/);
  question.respond('a');
  assert.deepEqual(texts(await replies), ['a']);
});

test('a request that has ended leaves nothing behind', async (t) => {
  const { one, many, answer, inboxes } = await start(t);
  await answer('two', withTexts('a', 'b'));
  await one('two');
  await one('two', {}, true);
  await many('two', { count: 2 });
  await many('two', {}, { timeoutMs: 500 });
  await one('nobody').catch(() => {});
  await many('nobody', {}).catch(() => {});
  assert.equal(inboxes(), 0);
});

test('all pending requests are rejected when the connection breaks', async (t) => {
  const { one, many, answer, lose } = await start(t);
  await answer('silent', () => {});
  const ends = [
    ...Array.from({ length: 500 }, () => one('silent')),
    ...Array.from({ length: 500 }, () => many('silent', {})),
  ];
  const codes = Promise.all(ends.map((end) => end.catch(({ code }) => code)));
  lose();
  assert.deepEqual(await codes, Array(1000).fill('CONNECTION_LOST'));
});

test('the requests of an owner that withdraws are rejected with CLOSED and leave nothing behind', async (t) => {
  const { one, many, subscribe, withdraw, inboxes } = await start(t);
  const asked = await subscribe('silent');
  const [owner, other] = [{}, {}];
  const withdrawn = [one('silent', { owner }), one('silent', { owner }, true), many('silent', {}, { owner })];
  const codes = Promise.all(withdrawn.map((end) => end.catch(({ code }) => code)));
  const stays = one('silent', { owner: other });
  for (let count = 0; count < 3; count++) await asked.take();
  withdraw(owner);
  assert.deepEqual(await codes, Array(3).fill('CLOSED'));
  assert.equal(inboxes(), 0);
  (await asked.take()).respond('a');
  assert.equal((await stays).text, 'a');
});

test('gathering on a connection that is about to end only rejects', async (t) => {
  const { nc, one, many, inboxes } = await start(t);
  await one('nobody').catch(() => {});
  const drained = nc.drain();
  await assert.rejects(many('two', {}, { timeoutMs: 10 }));
  assert(inboxes() <= 0);
  await drained;
});

test('a request whose reply cannot be read rejects with whatever was thrown', async (t) => {
  const { unread, answer } = await start(t);
  await answer('echo', (msg) => msg.respond('reply'));
  const error = new Error('unreadable');
  for (const thrown of [error, undefined, null]) {
    const outcome = await unread('echo', () => {
      throw thrown;
    }).then(
      () => 'resolved',
      (reason) => ({ reason }),
    );
    assert.deepEqual(outcome, { reason: thrown });
  }
});

test('a time-out of less than a millisecond is valid', async (t) => {
  const { one, many, subscribe } = await start(t);
  await subscribe('silent');
  for (const timeoutMs of [0, 0.5]) {
    const expected = { code: 'TIMEOUT', values: { subject: 'silent', timeoutMs } };
    for (const ask of [
      () => one('silent', { timeoutMs }),
      () => one('silent', { timeoutMs }, true),
      () => many('silent', {}, { timeoutMs }),
    ]) {
      const started = performance.now();
      await assert.rejects(ask(), expected);
      const took = performance.now() - started;
      assert(took < 900, `it took ${took} ms`);
    }
  }
});
