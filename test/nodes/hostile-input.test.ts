import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { inspect } from 'node:util';
import { isAnyArrayBuffer } from 'node:util/types';
import { startNatsServer } from '../../scripts/nats-server';
import { makeRandom, type Random, SEEDS } from '../../scripts/random';
import { type ClientCommand, parseClientProtocol } from '../support/client-protocol';
import { type CodeError, SERVER, startFlow, type TestNode } from '../support/flow';
import { hostileHeaders, hostilePayload, hostileText, hostileValue, plainSubject, THROWN } from '../support/hostile';
import { type ProxiedConnection, startProxy, type TcpProxy } from '../support/proxy';

const CASES = 20_000;
const BATCH = 500;
const MAX_PAYLOAD = 2 ** 20;
const INBOX = 'own.box';
/** The `nats-config` of the subscribing nodes: a subscription to `>` would prevent the server's "no responders". */
const LISTENING = 'listening';

// The rules for valid messages, written a second time without regular expressions.

/** As on the wire, one character per byte. */
function wire(text: string): string {
  return Buffer.from(new TextEncoder().encode(text)).toString('latin1');
}

function isWhiteOrControl(code: number): boolean {
  if (code <= 0x20 || (code >= 0x7f && code <= 0xa0)) return true;
  if (code === 0x1680 || (code >= 0x2000 && code <= 0x200a)) return true;
  return [0x2028, 0x2029, 0x202f, 0x205f, 0x3000, 0xfeff].includes(code);
}

function isSubject(value: unknown, wildcards: boolean): value is string {
  if (typeof value !== 'string' || new TextEncoder().encode(value).length > 1900) return false;
  const tokens = value.split('.');
  return tokens.every((token, index) => {
    if (wildcards && (token === '*' || (token === '>' && index === tokens.length - 1))) return true;
    const isBad = (character: string) => {
      const code = character.codePointAt(0) as number;
      return isWhiteOrControl(code) || (code >= 0xd800 && code <= 0xdfff) || character === '*' || character === '>';
    };
    return token !== '' && ![...token].some(isBad);
  });
}

/** The faults of a message: codes, or the error that one of its values throws. */
type Faults = Set<unknown>;

/** The result of `read`; an error that it throws is a fault. */
function reading<T>(faults: Faults, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    faults.add(error instanceof Error ? error.message : error);
    return undefined;
  }
}

function expectedPayload(payload: unknown, faults: Faults): Buffer {
  if (typeof payload === 'string') return Buffer.from(new TextEncoder().encode(payload));
  if (isAnyArrayBuffer(payload)) return Buffer.from(payload);
  if (ArrayBuffer.isView(payload)) return Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  if (payload === undefined) return Buffer.alloc(0);
  try {
    const json = (JSON.stringify(payload) as string | undefined) ?? assert.fail();
    const isKept = json === '{}' ? isPlain(payload as object) : json !== 'null' || payload === null;
    if (isKept) return Buffer.from(new TextEncoder().encode(json));
  } catch {}
  faults.add('BAD_PAYLOAD');
  return Buffer.alloc(0);
}

function isPlain(value: object): boolean {
  return [null, Object.prototype].includes(Object.getPrototypeOf(value));
}

function expectedHeaders(given: unknown, faults: Faults): [string, string][] {
  if (given === undefined || given === null) return [];
  return pairsOf(given, faults).flatMap(([name, value]) => {
    const isName = name !== '' && [...Buffer.from(name)].every((code) => code > 0x20 && code < 0x7f && code !== 0x3a);
    if (!isName) faults.add('BAD_HEADERS');
    return [...(Array.isArray(value) ? value : [value])].map((one: unknown): [string, string] => {
      const isPlain = typeof one === 'string' || typeof one === 'number' || typeof one === 'boolean';
      const text = isPlain ? `${one}` : '';
      if (!isPlain || text.includes('\r') || text.includes('\n') || text.includes('\0')) faults.add('BAD_HEADERS');
      return [wire(name), wire(text.trim())];
    });
  });
}

function pairsOf(given: unknown, faults: Faults): [string, unknown][] {
  const isObject = typeof given === 'object' && given !== null;
  const isList = isObject && Symbol.iterator in given;
  const pairs: unknown[] = isList ? Array.from(given as Iterable<unknown>) : Object.entries(isObject ? given : {});
  const isGood = isList
    ? pairs.every((pair) => Array.isArray(pair) && pair.length === 2)
    : isObject && (pairs.length > 0 || isPlain(given));
  if (!isGood) faults.add('BAD_HEADERS');
  return isGood ? (pairs as [string, unknown][]) : [];
}

/** A message for a node, and the expected result. */
interface Case {
  node: string;
  msg: Record<string, unknown>;
  faults: Faults;
  /** The message to send if there are no faults. */
  commands: Expected[];
}

type Expected =
  | { name: 'PUB'; subject: string; reply?: string; headers?: [string, string][]; payload: Buffer; asks?: boolean }
  | { name: 'SUB' | 'UNSUB'; subscription: Subscription };

interface Subscription {
  subject: string;
  queue?: string;
  sid?: number;
}

function hostileMessage(random: Random): Record<string, unknown> {
  const text = () => (random.chance(0.15) ? hostileValue(random) : hostileText(random));
  const msg: Record<string, unknown> = {
    topic: random.chance(0.4) ? plainSubject(random) : text(),
    payload: hostilePayload(random),
    headers: hostileHeaders(random),
    reply: random.chance(0.5) ? random.of([undefined, '', plainSubject(random)]) : text(),
    ...(random.chance(0.1) && { action: text() }),
  };
  if (random.chance(0.01)) {
    const get = () => {
      throw THROWN;
    };
    Object.defineProperty(msg, random.of(['topic', 'payload', 'headers', 'reply']), {
      enumerable: true,
      get,
      set: () => {},
    });
  }
  return msg;
}

function sendingCase(node: string, msg: Record<string, unknown>): Case {
  const faults: Faults = new Set();
  const item: Case = { node, msg, faults, commands: [] };
  const asks = node.startsWith('ask');
  const isAnswer = node === 'answer';
  const reply = asks ? undefined : reading(faults, () => msg.reply);
  const hasReply = reply !== undefined && reply !== '';
  if (isAnswer && faults.size === 0 && !hasReply) return item;
  if (hasReply && !isSubject(reply, false)) faults.add('BAD_REPLY');
  const subject = isAnswer ? reply : reading(faults, () => msg.topic);
  if (!isAnswer && !isSubject(subject, false)) faults.add('BAD_SUBJECT');
  const headers = reading(faults, () => expectedHeaders(msg.headers, faults)) ?? [];
  const payload = expectedPayload(
    reading(faults, () => msg.payload),
    faults,
  );
  const block = headers.length > 0 ? `NATS/1.0\r\n${headers.map((pair) => `${pair.join(': ')}\r\n`).join('')}\r\n` : '';
  if (faults.size === 0 && block.length + payload.length > MAX_PAYLOAD) faults.add('MAX_PAYLOAD');
  if (faults.size > 0) return item;
  const replies = hasReply && !isAnswer && { reply: wire(String(reply)) };
  item.commands.push({
    name: 'PUB',
    subject: wire(String(subject)),
    ...replies,
    ...(headers.length > 0 && { headers }),
    payload,
    asks,
  });
  // There is no other client.
  if (asks) faults.add('NO_RESPONDERS');
  return item;
}

function subscribingCase(node: string, msg: Record<string, unknown>, random: Random, all: Subscription[]): Case {
  const faults: Faults = new Set();
  const commands: Expected[] = [];
  const item: Case = { node, msg, faults, commands };
  if (random.chance(0.9)) msg.action = random.of(['subscribe', 'subscribe', 'unsubscribe', 'getSubscriptions']);
  if (node === 'group')
    msg.queue = random.chance(0.3) ? hostileText(random) : random.of(['workers', hostileValue(random)]);
  const { action } = msg;
  if (action === 'getSubscriptions') return item;
  if (action !== 'subscribe' && action !== 'unsubscribe') {
    faults.add('BAD_ACTION');
    return item;
  }
  if (random.chance(0.1)) Object.defineProperty(msg, 'topic', { value: [hostileText(random), 'a', 'a.>'] });
  if (action === 'unsubscribe' && random.chance(0.01)) Object.defineProperty(msg, 'topic', { value: true });
  const topic = reading(faults, () => msg.topic);
  const subjects: unknown[] = reading(faults, () => [topic].flat()) ?? [];
  const isAll = action === 'unsubscribe' && topic === true;
  if (!isAll && !subjects.every((subject) => isSubject(subject, true))) faults.add('BAD_SUBJECT');
  const queue = node === 'group' && action === 'subscribe' ? msg.queue : undefined;
  if (node === 'group' && action === 'subscribe' && !isSubject(queue, false)) faults.add('BAD_QUEUE');
  if (faults.size > 0) return item;
  if (action === 'subscribe') {
    for (const subject of subjects as string[]) {
      if (all.some((known) => known.subject === subject && known.queue === queue)) continue;
      const subscription = { subject, ...(queue !== undefined && { queue: String(queue) }) };
      all.push(subscription);
      commands.push({ name: 'SUB', subscription });
    }
  } else {
    const names = new Set(isAll ? all.map(({ subject }) => subject) : subjects);
    const ended = [...names].flatMap((name) => all.filter(({ subject }) => subject === name));
    for (const subscription of ended) {
      all.splice(all.indexOf(subscription), 1);
      commands.push({ name: 'UNSUB', subscription });
    }
  }
  return item;
}

const HEADERS = { headersType: 'msg', headers: 'headers' };
const SENDING: TestNode[] = [
  { id: 'publish', type: 'nats-publish', replyType: 'msg', ...HEADERS },
  { id: 'quick', type: 'nats-publish', replyType: 'msg', ...HEADERS, confirm: false },
  { id: 'answer', type: 'nats-respond', ...HEADERS },
  { id: 'ask', type: 'nats-request', ...HEADERS, timeoutMs: 20_000 },
  { id: 'ask-many', type: 'nats-request', ...HEADERS, timeoutMs: 20_000, replies: 'many' },
];
const SUBSCRIBING: TestNode[] = [
  { id: 'subscribe', type: 'nats-subscribe', mode: 'dynamic', server: LISTENING },
  { id: 'group', type: 'nats-queue-subscribe', mode: 'dynamic', server: LISTENING },
];

function makeCases(random: Random): Case[] {
  const subscriptions = { subscribe: [] as Subscription[], group: [] as Subscription[] };
  return Array.from({ length: CASES }, () => {
    const msg = hostileMessage(random);
    const { id } = random.of([...SENDING, ...SENDING, ...SUBSCRIBING]);
    return id === 'subscribe' || id === 'group'
      ? subscribingCase(id, msg, random, subscriptions[id])
      : sendingCase(id, msg);
  });
}

/** The commands of one connection, after checking and removing those that the client sends by itself. */
function commandsOf({ sent, received }: ProxiedConnection): ClientCommand[] {
  assert.doesNotMatch(received().toString('latin1'), /(^|\r\n)-ERR/, 'the server has nothing to complain of');
  const [hello, ping, ...commands] = parseClientProtocol(sent());
  assert.deepEqual([hello?.name, ping?.name], ['CONNECT', 'PING']);
  const inboxes = new Map<number, string>();
  const asked = new Set<string>();
  const rest = commands.filter((command) => {
    switch (command.name) {
      case 'CONNECT':
        return assert.fail('a second CONNECT');
      case 'PING':
      case 'PONG':
        return false;
      case 'SUB':
        if (!command.subject.startsWith(`${INBOX}.`)) return true;
        assert.match(command.subject, /^own\.box\.[0-9A-Z]{22}(\.\*)?$/);
        inboxes.set(command.sid, command.subject);
        return false;
      case 'UNSUB':
        return !inboxes.has(command.sid);
      default:
        if (command.reply?.startsWith(`${INBOX}.`)) {
          const { reply } = command;
          assert(!asked.has(reply), `${reply} is asked for twice`);
          asked.add(reply);
          assert([...inboxes.values()].some((inbox) => reply.startsWith(inbox.replace(/\*$/, ''))));
        }
        return command.subject !== 'test.ready';
    }
  });
  const sids = rest.flatMap((command) => (command.name === 'SUB' ? [command.sid] : []));
  assert.equal(new Set(sids).size, sids.length, 'no two subscriptions are one');
  return rest;
}

function check(command: ClientCommand | undefined, expected: Expected): void {
  if (expected.name === 'PUB') {
    const { asks, ...publication } = expected;
    assert(command?.name === 'PUB' || command?.name === 'HPUB', `a message to ${expected.subject}`);
    const { reply } = command;
    if (asks) assert(reply?.startsWith(`${INBOX}.`), reply);
    assert(command.payload.equals(expected.payload), 'the payload');
    const name = publication.headers ? 'HPUB' : 'PUB';
    assert.deepEqual({ ...command, payload: '' }, { ...publication, name, payload: '', ...(asks && { reply }) });
  } else if (expected.name === 'SUB') {
    assert(command?.name === 'SUB');
    const { subject, queue } = expected.subscription;
    assert.deepEqual([command.subject, command.queue], [wire(subject), queue === undefined ? undefined : wire(queue)]);
    expected.subscription.sid = command.sid;
  } else {
    assert.deepEqual(command, { name: 'UNSUB', sid: expected.subscription.sid });
  }
}

async function startRecorded(t: TestContext): Promise<TcpProxy> {
  const server = await startNatsServer();
  t.after(() => server.stop());
  return startProxy(t, server.port);
}

async function runCases(t: TestContext, cases: Case[], failing: (index: number) => string): Promise<void> {
  const sending = await startRecorded(t);
  const listening = await startRecorded(t);
  const flow = await startFlow(t, [
    { id: SERVER, type: 'nats-config', servers: sending.url, inboxPrefix: INBOX },
    { id: LISTENING, type: 'nats-config', servers: listening.url },
    ...SENDING,
    ...SUBSCRIBING,
  ]);
  await flow.connected(SERVER);
  // A subscription that ends before there is a connection is never sent.
  await flow.connected(LISTENING);

  const indexes = new WeakMap<object, number>(cases.map(({ msg }, index) => [msg, index]));
  const ends: (CodeError | undefined)[][] = cases.map(() => []);
  let left = 0;
  let onBatch = () => {};
  flow.onEnd((msg, error) => {
    const index = indexes.get(msg);
    if (index === undefined) return;
    ends[index]?.push(error);
    if (--left === 0) onBatch();
  });
  for (let start = 0; start < cases.length; start += BATCH) {
    const batch = cases.slice(start, start + BATCH);
    left = batch.length;
    const ended = new Promise<void>((resolve) => {
      onBatch = resolve;
    });
    for (const { node, msg } of batch) flow.send(node, msg);
    await ended;
  }
  await flow.connected(SERVER);
  await flow.connected(LISTENING);

  for (const [index, { faults }] of cases.entries()) {
    const codes = (ends[index] ?? []).map((error) => error?.code ?? error?.message);
    const isExpected = codes.length === 1 && (codes[0] === undefined ? faults.size === 0 : faults.has(codes[0]));
    if (!isExpected) assert.fail(`it ended in ${inspect(codes)}: ${failing(index)}`);
  }
  for (const { proxy, nodes } of [
    { proxy: sending, nodes: SENDING },
    { proxy: listening, nodes: SUBSCRIBING },
  ]) {
    const [connection, ...others] = proxy.connections;
    assert(connection && others.length === 0, 'there is one connection');
    const commands = commandsOf(connection);
    const expected = cases.flatMap(({ node, commands }, index) =>
      nodes.some(({ id }) => id === node) ? commands.map((command) => ({ command, index })) : [],
    );
    for (const [at, { command, index }] of expected.entries()) {
      try {
        check(commands[at], command);
      } catch (error) {
        throw new Error(failing(index), { cause: error });
      }
    }
    assert.deepEqual(commands.slice(expected.length), [], 'nothing else is sent');
    assert(expected.length > CASES / 40, `${expected.length} commands only`);
  }
  assert.equal(({} as { polluted?: boolean }).polluted, undefined);
}

for (const seed of SEEDS) {
  test(`whatever messages contain, only complete commands reach the server (seed ${seed})`, async (t) => {
    const cases = makeCases(makeRandom(seed));
    await runCases(t, cases, (index) => {
      const { node, msg, faults } = cases[index] as Case;
      let shown = '';
      try {
        shown = inspect(msg, { depth: 3, maxStringLength: 200 }).slice(0, 2000);
      } catch {
        shown = 'a message that cannot be shown';
      }
      return `seed ${seed}, case ${index} to ${node}, faults ${[...faults].map(String)}: ${shown}`;
    });
  });
}

test('whatever settings and variables contain, only complete commands reach the server', async (t) => {
  const { url, connections } = await startRecorded(t);
  const texts = [
    'own',
    'größe 😀',
    'a b',
    'a\r\nPUB stolen 0\r\n\r\n',
    'a\tb',
    '\u2028',
    'a..b',
    'a.*',
    '>',
    '*',
    '\ud83d',
  ];
  const values = texts.flatMap((text, index) => {
    process.env[`NATSHAT_HOSTILE_${index}`] = text;
    return [text, `\${NATSHAT_HOSTILE_${index}}`];
  });
  // An environment variable consists of bytes, so half a surrogate pair is replaced there.
  const meant = (value: string) => (value.startsWith('${') ? (process.env[value.slice(2, -1)] as string) : value);
  const nodes = values.flatMap((value, index): TestNode[] => [
    { id: `name${index}`, type: 'nats-config', servers: url, clientName: value, inboxPrefix: value },
    { id: `publish${index}`, type: 'nats-publish', server: `name${index}`, subject: 'settings.of' },
    { id: `ask${index}`, type: 'nats-request', server: `name${index}`, subject: 'settings.ask', timeoutMs: 50 },
    { id: `subject${index}`, type: 'nats-publish', subject: value },
    { id: `reply${index}`, type: 'nats-publish', subject: 'settings.reply', replyType: 'str', reply: value },
    { id: `subscribe${index}`, type: 'nats-subscribe', subject: value },
    { id: `queue${index}`, type: 'nats-queue-subscribe', subject: 'settings.queue', queue: value },
  ]);
  const flow = await startFlow(t, [{ id: SERVER, type: 'nats-config', servers: url }, ...nodes]);
  const codes = new Map<object, string | undefined>();
  const sending = ['publish', 'ask', 'subject', 'reply'];
  const messages = values.map(() => Object.fromEntries(sending.map((id) => [id, { payload: id }])));
  const ended = new Promise<void>((resolve) => {
    flow.onEnd((msg, error) => {
      if (messages.some((sent) => Object.values(sent).includes(msg as { payload: string })))
        codes.set(msg, error?.code);
      if (codes.size === values.length * sending.length) resolve();
    });
  });
  await flow.connected();
  for (const [index, sent] of messages.entries()) {
    const prefix = meant(values[index] as string);
    if (isSubject(prefix, false)) await flow.connected(`name${index}`);
    for (const id of sending) flow.send(`${id}${index}`, sent[id] as Record<string, unknown>);
  }
  await ended;
  await flow.connected();

  const commands = connections.flatMap(({ sent }) => parseClientProtocol(sent()));
  for (const [index, value] of values.entries()) {
    const text = meant(value);
    const isPublish = isSubject(text, false);
    const sent = messages[index] as Record<string, object>;
    const code = (id: string) => codes.get(sent[id] as object);
    assert.equal(code('publish'), isPublish ? undefined : 'BAD_INBOX', value);
    assert.equal(code('ask'), isPublish ? 'TIMEOUT' : 'BAD_INBOX', value);
    assert.equal(code('subject'), isPublish ? undefined : 'BAD_SUBJECT', value);
    assert.equal(code('reply'), isPublish ? undefined : 'BAD_REPLY', value);
    const clients = commands.filter((command) => command.name === 'CONNECT' && command.options.name === text);
    assert.equal(clients.length > 0, isPublish, value);
  }
  const subjects = new Set(
    values
      .map(meant)
      .filter((text) => isSubject(text, true))
      .map(wire),
  );
  const groups = new Set(
    values
      .map(meant)
      .filter((text) => isSubject(text, false))
      .map(wire),
  );
  const inboxes = [...groups].map((group) => `${group}.`);
  for (const command of commands) {
    if (command.name === 'PUB') {
      const { subject, reply } = command;
      assert(groups.has(subject) || ['settings.of', 'settings.ask', 'settings.reply', 'test.ready'].includes(subject));
      assert(!reply || groups.has(reply) || inboxes.some((inbox) => reply.startsWith(inbox)), reply);
    } else if (command.name === 'SUB') {
      const { subject, queue } = command;
      assert(queue ? groups.has(queue) && subject === 'settings.queue' : true, queue);
      const isInbox = inboxes.some((inbox) => subject.startsWith(inbox) && subject.endsWith('.*'));
      assert(queue || subjects.has(subject) || isInbox, subject);
    }
  }
});
