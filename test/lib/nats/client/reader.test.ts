import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type MsgHdrs, Parser, type ParserEvent, TD } from 'nats';
import { readHeaders } from '../../../../lib/nats/client/headers';
import { Reader } from '../../../../lib/nats/client/reader';
import type { Received } from '../../../../lib/nats/client/received';
import { subscribe } from '../../../../lib/nats/client/subscribe';
import { startNatsServer } from '../../../../scripts/nats-server';
import { makeRandom, type Random, SEEDS } from '../../../../scripts/random';
import { dialServer } from '../../../support/dial';
import { block, watchEventLoop } from '../../../support/event-loop';

const NOTHING = new Uint8Array(0);

const GREETING = 'INFO {"proto":1,"version":"2.9.10","max_payload":1048576}\r\n';

/** The port of a server that sends these answers, each when it has received something. */
async function startServer(t: TestContext, ...answers: string[]): Promise<number> {
  const server = createServer((client) => {
    client.on('error', () => {}).write(GREETING);
    const left = [...answers];
    client.on('data', () => client.write(left.shift() ?? ''));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** Records what is printed instead of printing it. */
function recordPrints(t: TestContext): unknown[] {
  const printed: unknown[] = [];
  t.mock.method(console, 'log', (...values: unknown[]) => printed.push(values));
  return printed;
}

test('invalid protocol bytes end the connection with a reason, and nothing is printed', async (t) => {
  const port = await startServer(t, 'PONG\r\nNONSENSE\r\nPONG\r\n');
  const printed = recordPrints(t);
  const nc = await dialServer(t, port);
  const error = await nc.closed();
  assert.match(String(error), /parse error.*NONSENSE/);
  assert.deepEqual(printed, []);
});

test('invalid protocol bytes end a dial at once', async (t) => {
  const port = await startServer(t, 'NONSENSE\r\n');
  const printed = recordPrints(t);
  const startedAt = performance.now();
  await assert.rejects(dialServer(t, port, { timeout: 30_000 }));
  assert(performance.now() - startedAt < 10_000, 'it waited for the time-out');
  assert.deepEqual(printed, []);
});

test('a callback that throws ends the connection with its error and gets no further message', async (t) => {
  const server = await startNatsServer();
  t.after(() => server.stop());
  const printed = recordPrints(t);
  const nc = await dialServer(t, server.port);
  const thrown = new Error('by a callback');
  const received: string[] = [];
  const onMessage = ({ text }: Received) => {
    received.push(text);
    throw thrown;
  };
  subscribe(nc, 'a', {}, { onMessage });
  for (const text of ['first', 'second']) nc.publish('a', text);
  assert.equal(await nc.closed(), thrown);
  assert.deepEqual(received, ['first']);
  assert.deepEqual(printed, []);
});

/** What a reader understands, or with `isClients` the client's parser. */
function read(pieces: Buffer[], isClients = false): string[] {
  const events: string[] = [];
  const tell = (sid: number, subject: string, reply = '', headers: MsgHdrs | undefined, size: number, text: string) => {
    const { code, description } = headers ?? {};
    events.push(JSON.stringify([sid, subject, reply, code, description, headers && [...headers], size, text]));
  };
  const push = ({ kind, msg, data = NOTHING }: ParserEvent) => {
    if (!msg) {
      events.push(`${kind} ${TD.decode(data)}`);
      return;
    }
    const { sid, subject, reply, hdr } = msg;
    const headers = hdr > 0 ? readHeaders(data.subarray(0, hdr)) : undefined;
    const text = TD.decode(data.subarray(Math.max(hdr, 0)));
    tell(sid, TD.decode(subject), reply && TD.decode(reply), headers, data.length, text);
  };
  const onMessage = (sid: number, { subject, reply, headers, contentSize, text }: Received) => {
    tell(sid, subject, reply, headers, contentSize, text);
  };
  const reader = isClients ? new Parser({ push }) : new Reader({ push, onMessage }, (error) => assert.fail(error));
  for (const piece of pieces) reader.parse(piece);
  return events;
}

test('lines and messages may arrive in any pieces', () => {
  const bytes = Buffer.from(
    "INFO {}\r\nMSG a.b 1 c.d 5\r\nhel\r\n\r\nMSG a.b 2 0\r\n\r\nMSG größe 1 7 2\r\nMS\r\nmsg\ta  3 1\nM\r\nMSG a  4 9\r\nx\nMSG y\nH\r\nHMSG a 1 12 12\nNATS/1.0\r\n\r\n\r\nHMSG a 1 12 13\r\nNATS/1.0\r\n\r\nx\r\nHMSG a 1 24 26\r\nNATS/1.0 503 x\r\nA: b\r\n\r\nhi\r\nHMSG a 1 7 12 12\r\nNATS/1.0\r\n\r\n\r\n-ERR 'some error'\r\n-ERR x\nPING\r\n",
  );
  const whole = read([bytes]);
  assert.equal(whole.length, 13);
  assert.deepEqual(whole, read([bytes], true));
  for (let first = 1; first < bytes.length; first++) {
    assert.deepEqual(read([bytes.subarray(0, first), bytes.subarray(first)]), whole);
    for (let second = first + 1; second < bytes.length; second++) {
      const pieces = [bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)];
      assert.deepEqual(read(pieces), whole, `cut at ${first} and ${second}`);
    }
  }
});

/** A message in any form that a server may give it. */
function messageOf({ below, of, chance }: Random): Buffer {
  const subject = () => of(['a', 'MSG', 'H', '12', 'größe', '_INBOX.x.12', 'x'.repeat(1 + below(40))]);
  const space = () => (chance(0.9) ? ' ' : of(['  ', '\t']));
  const data = Buffer.from(Array.from({ length: of([0, 1, 5, 200]) }, () => of([0x0d, 0x0a, 0x4d, 0x20, below(256)])));
  // JetStream answers with an empty reply subject.
  const reply = of(['', ' ', subject() + space()]);
  const begin = `MSG${space()}${subject()}${space()}${1 + below(20)}${space()}${reply}`;
  if (chance(0.5)) return Buffer.concat([Buffer.from(`${begin}${data.length}\r\n`), data, Buffer.from('\r\n')]);
  const headers = Buffer.from(`NATS/1.0${of(['', ' 503', ' 100 Idle'])}\r\n${of(['', 'A: b\r\n'])}\r\n`);
  const line = `H${begin}${headers.length}${space()}${headers.length + data.length}\r\n`;
  return Buffer.concat([Buffer.from(line), headers, data, Buffer.from('\r\n')]);
}

for (const seed of SEEDS) {
  test(`messages of any form are read as the client reads them, in any pieces (seed ${seed})`, () => {
    const random = makeRandom(seed);
    const { below, chance } = random;
    for (let round = 0; round < 2000; round++) {
      const lines = Array.from({ length: 1 + below(5) }, () =>
        chance(0.9) ? messageOf(random) : Buffer.from('PING\r\n'),
      );
      const bytes = Buffer.concat(lines);
      const pieces: Buffer[] = [];
      for (let at = 0; at < bytes.length; at += pieces.at(-1)?.length ?? 0) {
        pieces.push(bytes.subarray(at, chance(0.5) ? bytes.length : at + 1 + below(50)));
      }
      assert.deepEqual(read(pieces), read([bytes], true), JSON.stringify(String(bytes)));
    }
  });
}

test('tokens may be separated by more than one space', () => {
  const headers = 'NATS/1.0\r\n\r\n';
  for (const line of ['MSG  5 1 2', 'MSG  5 1 7 2', 'MSG a  1 2', 'MSG a 1  2', 'MSG a 1  7  2', 'MSG a 1 2 ']) {
    const message = Buffer.from(`${line}\r\nhi\r\n`);
    assert.deepEqual(read([message]), read([message], true), line);
  }
  for (const line of ['HMSG  5 1 12 12', 'HMSG  5 1 7 12 12', 'HMSG a 1  12 12', 'HMSG a 1  7 12  12']) {
    const message = Buffer.from(`${line}\r\n${headers}\r\n`);
    assert.deepEqual(read([message]), read([message], true), line);
  }
});

test('a message without a subject is an error', () => {
  for (const bytes of ['MSG  1 2\r\nhi\r\n', 'HMSG  1 12 12\r\nNATS/1.0\r\n\r\n\r\n']) {
    const errors: Error[] = [];
    const push = () => assert.fail(bytes);
    const reader = new Reader({ push, onMessage: push }, (error) => errors.push(error));
    reader.parse(Buffer.from(bytes));
    assert.match(String(errors), /Parse Error/);
  }
});

test('a callback may close the connection however long it takes', async (t) => {
  const message = `MSG a 1 2\r\nhi\r\n`;
  const port = await startServer(t, 'PONG\r\n', message);
  const printed = recordPrints(t);
  const nc = await dialServer(t, port);
  const closed = new Promise<void>((resolve) => {
    nc.subscribe('a', {
      callback: () => {
        block(100);
        resolve(nc.close());
      },
    });
  });
  await closed;
  await nextTurn();
  assert.deepEqual(printed, []);
});

test('what arrives together is read in several turns of the event loop if it takes long', async (t) => {
  const messages = 32;
  const payload = 'x'.repeat(65_000);
  const port = await startServer(t, 'PONG\r\n', `MSG a 1 ${payload.length}\r\n${payload}\r\n`.repeat(messages));
  const nc = await dialServer(t, port);
  const eventLoop = watchEventLoop();
  await new Promise<void>((resolve) => {
    let received = 0;
    nc.subscribe('a', {
      callback: () => {
        block(40);
        if (++received === messages) resolve();
      },
    });
  });
  const { longestMs, allMs } = eventLoop.stop();
  assert(longestMs < allMs / 3, `${longestMs} of ${allMs} ms`);
});
