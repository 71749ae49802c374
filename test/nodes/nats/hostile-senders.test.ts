import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type NatsServerOptions, startNatsServer } from '../../../scripts/nats-server';
import { watchEventLoop } from '../../support/event-loop';
import { SERVER, startFlow } from '../../support/flow';
import { startPeer } from '../../support/peer';
import { startScene } from '../../support/scene';
import { openWire, type Wire } from '../../support/wire';

const OUT = { id: 'out', type: 'helper' };

/** The longest acceptable standstill, on a machine that is busy with other things. */
const MOMENT_MS = 1000;

/** Subscribes to `data`, and opens a connection to send it arbitrary bytes. */
async function startReceiver(t: TestContext, properties: object = {}, options?: NatsServerOptions) {
  const nodes = [{ id: 'subscribe', type: 'nats-subscribe', subject: 'data', wires: [['out']], ...properties }, OUT];
  const scene = await startScene(t, nodes, options);
  const wire = await openWire(t, scene.server.port);
  wire.send('CONNECT {"verbose":false,"headers":true}\r\n');
  return { ...scene, wire };
}

function publish(wire: Wire, payload: Buffer | string, headers?: string): void {
  const data = Buffer.from(payload);
  const head = Buffer.from(headers === undefined ? '' : `NATS/1.0${headers}\r\n\r\n`);
  const line = head.length > 0 ? `HPUB data ${head.length} ${head.length + data.length}` : `PUB data ${data.length}`;
  wire.send(`${line}\r\n${head.toString('latin1')}${data.toString('latin1')}\r\n`);
}

/** Runs something and returns how long the event loop was blocked. */
async function longestStandstillMs(run: () => Promise<void>): Promise<number> {
  const eventLoop = watchEventLoop();
  await run();
  return eventLoop.stop().longestMs;
}

test('messages with any content arrive, and so does the next one', async (t) => {
  const { flow, wire } = await startReceiver(t);
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  const binary = Buffer.alloc(
    2 ** 20,
    Uint8Array.from({ length: 256 }, (_, byte) => byte),
  );
  const cases: [string, string | Buffer, (payload: unknown) => void][] = [
    ['1 MiB of binary data', binary, (payload) => assert(binary.equals(payload as Buffer))],
    ['invalid UTF-8', Buffer.from([0x61, 0xc3, 0x28, 0xff]), (payload) => assert(Buffer.isBuffer(payload))],
    ['a lone surrogate as bytes', Buffer.from([0xed, 0xa0, 0xbd]), (payload) => assert(Buffer.isBuffer(payload))],
    ['an empty message', '', (payload) => assert.equal(payload, '')],
    ['a byte order mark', '\ufeff{}', (payload) => assert.equal(typeof payload, 'string')],
    ['100,000 levels of JSON', deep, (payload) => assert(Array.isArray(payload) || payload === deep)],
    ['JSON that does not end', '['.repeat(100_000), (payload) => assert.equal(typeof payload, 'string')],
    ['a long number', `[${'9'.repeat(100_000)}]`, (payload) => assert(Array.isArray(payload))],
  ];
  for (const [name, data, check] of cases) {
    await t.test(name, async () => {
      const standstillMs = await longestStandstillMs(async () => {
        publish(wire, data);
        check((await flow.next('out')).payload);
      });
      assert(standstillMs < MOMENT_MS, `the event loop was blocked for ${standstillMs} ms`);
      publish(wire, 'next');
      assert.equal((await flow.next('out')).payload, 'next');
    });
  }
});

test('keys with a meaning in JavaScript are only data', async (t) => {
  const { flow, wire } = await startReceiver(t, { output: 'json' });
  const text = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"toString":"x"}';
  publish(wire, text, '\r\n__proto__: polluted\r\nconstructor: c\r\ntoString: t');
  const { payload, headers } = (await flow.next('out')) as { payload: object; headers: object };
  assert.deepEqual(Object.keys(payload), ['__proto__', 'constructor', 'toString']);
  assert.deepEqual(Object.keys(headers), ['__proto__', 'constructor', 'toString']);
  assert.equal(JSON.stringify(payload), text);
  assert.equal(Object.getPrototypeOf(headers), Object.prototype);
  assert.equal(({} as { polluted?: unknown }).polluted, undefined);
});

test('headers with any content arrive, and so does the next message', async (t) => {
  const { flow, wire } = await startReceiver(t);
  const cases: [string, string, object | undefined][] = [
    ['none', '', undefined],
    ['a status of the server', ' 503 No Responders', { Status: '503', Description: 'No Responders' }],
    ['an invalid status', ' abc', undefined],
    ['a name with a space', '\r\na b: c\r\nd: e', { 'a b': 'c', d: 'e' }],
    ['a name with control characters', '\r\n\0\t: c', { '\0\t': 'c' }],
    ['a name that is not ASCII', '\r\ngröße: c', { größe: 'c' }],
    ['no name', '\r\n: c', { '': 'c' }],
    ['no colon', '\r\nnothing\r\na: b', { a: 'b' }],
    ['values with odd characters', '\r\na: \0:"\'\\ 😀 \ud83d', { a: '\0:"\'\\ 😀 \ufffd' }],
    ['lines that are empty', '\r\n\r\n\r\na: b', { a: 'b' }],
    ['a name in two spellings', '\r\na: 1\r\nA: 2\r\na: 3', { a: ['1', '3'], A: '2' }],
  ];
  for (const [name, headers, expected] of cases) {
    await t.test(name, async () => {
      publish(wire, 'odd', headers);
      const msg = await flow.next('out');
      assert.equal(msg.payload, 'odd');
      assert.deepEqual(msg.headers, expected);
      publish(wire, 'next');
      assert.equal((await flow.next('out')).payload, 'next');
    });
  }
});

test('as many headers as fit into a message do not block the process', async (t) => {
  const { flow, wire } = await startReceiver(t);
  for (const count of [10_000, 100_000]) {
    const headers = Array.from({ length: count }, (_, index) => `\r\nh${index}: x`)
      .join('')
      .slice(0, 2 ** 20 - 100);
    const standstillMs = await longestStandstillMs(async () => {
      publish(wire, '', headers);
      const msg = await flow.next('out');
      assert(Object.keys(msg.headers as object).length > Math.min(count, 90_000) - 1);
    });
    assert(standstillMs < MOMENT_MS, `the event loop was blocked for ${standstillMs} ms`);
  }
});

test('very many headers can be sent', async (t) => {
  const { flow, peer } = await startScene(t, [
    { id: 'publish', type: 'nats-publish', subject: 'data', headersType: 'msg' },
  ]);
  const received = await peer.subscribe('data');
  const headers = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`h${index}`, [`${index}`, 'x']]));
  const standstillMs = await longestStandstillMs(async () => {
    flow.send('publish', { headers });
    await flow.completed();
  });
  assert(standstillMs < MOMENT_MS, `the event loop was blocked for ${standstillMs} ms`);
  assert((await received.take()).headers);
});

test('a message above the maximum size fails with both numbers, and nothing of it is sent', async (t) => {
  const server = await startNatsServer({ config: 'max_payload: 1024' });
  t.after(() => server.stop());
  const own = { headersType: 'msg', headers: 'headers' };
  const flow = await startFlow(t, [
    { id: SERVER, type: 'nats-config', servers: server.url },
    { id: 'publish', type: 'nats-publish', ...own },
    { id: 'quick', type: 'nats-publish', confirm: false, ...own },
    { id: 'answer', type: 'nats-respond', ...own },
    { id: 'ask', type: 'nats-request', ...own },
    { id: 'many', type: 'nats-request', replies: 'many', ...own },
  ]);
  await flow.connected();
  const peer = await startPeer(t, server.url);
  const all = await peer.subscribe('sizes.>');
  const ended: { text?: string; code?: string }[] = [];
  flow.onEnd((_, error) => error && ended.push({ text: error.message, ...(error.code && { code: error.code }) }));

  // `NATS/1.0`, `a: b` and an empty line, each with CR LF: 18 bytes.
  const cases: [object, number][] = [
    [{ payload: 'x'.repeat(1025) }, 1025],
    [{ payload: 'é'.repeat(513) }, 1026],
    [{ payload: Buffer.alloc(1007), headers: { a: 'b' } }, 1025],
    [{ headers: { a: 'b'.repeat(1008) } }, 1025],
  ];
  for (const id of ['publish', 'quick', 'answer', 'ask', 'many']) {
    for (const [msg, size] of cases) {
      flow.send(id, { topic: 'sizes.a', reply: 'sizes.a', ...msg });
      const { error } = await flow.caught();
      assert.equal(error.code, 'MAX_PAYLOAD', id);
      assert.equal(ended.length, 1);
      ended.length = 0;
      assert.equal(all.size, 0, `${id}, ${size} bytes`);
    }
    flow.send(id, { topic: 'sizes.last', reply: 'sizes.last', payload: Buffer.alloc(1006), headers: { a: 'b' } });
    const last = await all.take();
    assert.deepEqual([last.subject, last.data.length], ['sizes.last', 1006]);
    if (last.reply) last.respond('yes');
    if (id !== 'many') await flow.completed();
  }
});
