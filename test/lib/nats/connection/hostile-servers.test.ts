import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_REPORTS } from '../../../../lib/nats/connection/reports';
import { collectGarbage } from '../../../../scripts/collect-garbage';
import { startNatsServer } from '../../../../scripts/nats-server';
import { watchEventLoop } from '../../../support/event-loop';
import { AFTERWARDS, type Attack, GREETING, startHostileServer } from '../../../support/hostile-server';
import { Inbox } from '../../../support/inbox';
import { openConnection } from '../../../support/open-connection';

const MIB = 1024 * 1024;

/** How much memory a client may hold: 64 MiB above the largest payload, and a little for the test itself. */
const MAX_HELD_BYTES = (64 + 1 + 1) * MIB;

/** How long a turn of the event loop may take: 250 ms on a machine that does nothing else. */
const MAX_TURN_MS = 1000;

const greetingWith = (info: object) => `INFO ${JSON.stringify({ ...JSON.parse(GREETING.slice(5)), ...info })}\r\n`;
const urls = Array.from({ length: 40_000 }, (_, index) => `127.0.0.1:${index + 1}`);
const long = 'x'.repeat(MIB - 1000);

/** Whether a client stays connected, or leaves such a server. */
const ATTACKS: [what: string, outcome: 'stays' | 'leaves', attack: Attack][] = [
  ['an endless greeting', 'leaves', { greeting: `INFO {"x":"${'x'.repeat(10 * MIB)}` }],
  ['a greeting in packets of a byte', 'stays', { greeting: GREETING, inPackets: true }],
  [
    'a long greeting in packets of a byte',
    'stays',
    { greeting: greetingWith({ x: 'x'.repeat(65_536) }), inPackets: true },
  ],
  ['a greeting that is no object', 'leaves', { greeting: 'INFO null\r\n' }],
  ['a greeting with a long nonce', 'leaves', { greeting: greetingWith({ nonce: long }) }],
  ['a greeting with many members', 'stays', { greeting: greetingWith({ connect_urls: urls }) }],
  ...[-1, 0, 'many', null, {}].map((max_payload): [string, 'stays', Attack] => [
    `a largest payload of ${JSON.stringify(max_payload)}`,
    'stays',
    { greeting: greetingWith({ max_payload, headers: false }) },
  ]),
  ['errors instead of a PONG', 'leaves', { line: "-ERR 'x #'\r\n", times: 300_000, beforePong: true }],
  ['a bad line and then a flood', 'leaves', { first: 'NONSENSE\r\n', line: 'PING\r\n', times: 500_000 }],
  ['a message of 10 GB', 'leaves', { first: 'MSG a 1 10000000000\r\n', line: 'x'.repeat(MIB), times: 30 }],
  [
    'a message of the largest size',
    'stays',
    { first: `MSG b 99 ${64 * MIB - 2}\r\n`, line: `${'x'.repeat(MIB - 2)}\r\n`, times: 64 },
  ],
  ['a line without end', 'leaves', { first: 'MSG ', line: 'x'.repeat(MIB), times: 100 }],
  ['a subscription id that is no number', 'leaves', { line: 'MSG a NaN 0\r\n\r\n', times: 500_000 }],
  ['an endless subscription id', 'stays', { line: `MSG a ${'9'.repeat(1000)} 0\r\n\r\n`, times: 10_000 }],
  ['headers that are longer than their message', 'leaves', { line: 'HMSG a 1 10 5\r\nhello\r\n', times: 500_000 }],
  ['messages for nobody', 'stays', { line: 'MSG a 99 0\r\n\r\n', times: 500_000 }],
  ['long subjects', 'stays', { line: `MSG ${long} 99 0\r\n\r\n`, times: 30 }],
  ['PINGs', 'stays', { line: 'PING\r\n', times: 1_000_000 }],
  [
    'PINGs in packets, of a server that reads nothing',
    'stays',
    { line: 'PING\r\n', times: 50_000, inPackets: true, isDeaf: true },
  ],
  ['PONGs', 'stays', { line: 'PONG\r\n', times: 1_000_000 }],
  ['+OKs', 'stays', { line: '+OK\n', times: 1_000_000 }],
  ['empty INFOs', 'stays', { line: 'INFO {}\n', times: 500_000 }],
  ['INFOs with many members', 'stays', { line: greetingWith({ connect_urls: urls }), times: 30 }],
  ['INFOs of deep JSON', 'leaves', { line: `INFO {"x":${'['.repeat(500_000)}${']'.repeat(500_000)}}\r\n`, times: 30 }],
  ['the same error', 'stays', { line: "-ERR 'x'\r\n", times: 300_000 }],
  ['different errors', 'stays', { line: "-ERR 'x #'\r\n", times: 100_000 }],
  ['long errors', 'stays', { line: `-ERR '# ${long}'\r\n`, times: 30 }],
  ['denied subjects', 'stays', { line: `-ERR 'Permissions Violation for Publish to "x.#"'\r\n`, times: 100_000 }],
  [
    'long denied subjects',
    'stays',
    { line: `-ERR 'Permissions Violation for Publish to "x.#${long}"'\r\n`, times: 30 },
  ],
  [
    'denied subscriptions',
    'stays',
    { line: `-ERR 'Permissions Violation for Subscription to "x.#"'\r\n`, times: 100_000 },
  ],
  ['too many subscriptions', 'stays', { line: "-ERR 'maximum subscriptions exceeded'\r\n", times: 100_000 }],
];

/** Measures the memory that is in use, until it is stopped. */
function watchMemory(): { stop(): number } {
  const heldBytes = () => {
    // The second one waits until the memory of the first one's buffers is free.
    collectGarbage();
    collectGarbage();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const before = heldBytes();
  let most = before;
  const timer = setInterval(() => {
    most = Math.max(most, heldBytes());
  }, 100);
  return {
    stop: () => {
      clearInterval(timer);
      return most - before;
    },
  };
}

for (const [what, outcome, attack] of ATTACKS) {
  test(`a connection ${outcome} when a server sends ${what}, and works afterwards`, async (t) => {
    const real = await startNatsServer();
    t.after(() => real.stop());
    const hostile = await startHostileServer(t, attack, real.port);
    const memory = watchMemory();
    const eventLoop = watchEventLoop();
    const { connection, reported } = openConnection(t, `127.0.0.1:${hostile.port}`);
    const received = new Inbox<string>();
    connection.subscribe({
      subject: AFTERWARDS,
      max: 0,
      onMessage: (msg) => received.put(msg.text),
      onRefused: () => {},
    });
    await hostile.isOver;
    const { longestMs } = eventLoop.stop();
    const heldBytes = memory.stop();
    t.diagnostic(`longest turn ${longestMs.toFixed()} ms, held ${(heldBytes / MIB).toFixed(1)} MiB`);

    const publish = () =>
      new Promise((resolve) =>
        connection.publish(
          { subject: AFTERWARDS, data: Buffer.from('good'), whenDown: 'hold', maxAgeMs: 0, confirm: true },
          resolve,
        ),
      );
    while ((await publish()) !== undefined);
    assert(reported.size <= MAX_REPORTS, `${reported.size} log lines`);
    const texts = [await received.take()];
    if (texts[0] === '') texts.push(await received.take());
    assert.deepEqual(texts, outcome === 'stays' ? ['', 'good'] : ['good']);
    assert(heldBytes < MAX_HELD_BYTES, `the client held ${heldBytes} bytes`);
    assert(longestMs < MAX_TURN_MS, `the event loop was blocked for ${longestMs} ms`);
  });
}
