import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { type TestContext, test } from 'node:test';
import type { Node, NodeAPI } from 'node-red';
import { acquireDisplay, releaseDisplay } from '../../../lib/sense-hat/led/display-registry';
import { joinBroadcast, leaveBroadcast, serveFrames } from '../../../nodes/sense-hat/broadcast';

const WATCH = 'comms:message:sense-led/watch';
const CLOSED = 'comms:connection-removed';
const COUNT = 64;

interface Sent {
  session: string;
  data: { key: string }[];
}

/** Displays at these paths, each with a node, and what the editors are sent. */
function start(t: TestContext, paths: string[]) {
  const events = new EventEmitter();
  const RED = { events, comms: { publish: (topic: string) => events.emit('state', topic) } } as unknown as NodeAPI;
  const sent: Sent[] = [];
  events.on('comms', (message: Sent) => sent.push(message));
  serveFrames(RED);
  for (const path of paths) {
    const display = acquireDisplay(path);
    const node = { id: path } as Node;
    joinBroadcast(RED, display, node);
    t.after(() => {
      leaveBroadcast(RED, display, node);
      releaseDisplay(display);
    });
  }
  return { events, sent };
}

test('asking for very many displays again and again does not block Node-RED', (t) => {
  const { events } = start(
    t,
    Array.from({ length: COUNT }, (_, n) => `/nowhere/${n}`),
  );
  const lists = ['a', 'b'].map((name) => Array.from({ length: 100_000 }, (_, n) => `${name}${n}`));
  const startedAt = performance.now();
  for (let round = 0; round < 100; round++) for (const data of lists) events.emit(WATCH, { session: 'one', data });
  const ms = performance.now() - startedAt;
  assert(ms < 500, `${ms} ms`);
  events.emit(CLOSED, { session: 'one' });
});

test('an editor gets the frames of the displays that it asks for, whatever else it asks for', async (t) => {
  const { events, sent } = start(t, ['/nowhere/one', '/nowhere/two']);
  const [one, two] = ['/nowhere/one', '/nowhere/two'].map(encodeURIComponent);
  events.emit(WATCH, { session: 'first', data: [null, 'x'.repeat(1e6), one, {}, one] });
  events.emit(WATCH, { session: 'second', data: [two] });
  events.emit(WATCH, { session: 'third', data: { length: 1, 0: one } });
  while (sent.length < 2) await once(events, 'comms');
  assert.deepEqual(
    sent.map(({ session, data }) => [session, ...data.map(({ key }) => key)]),
    [
      ['first', one],
      ['second', two],
    ],
  );
});

test('a path that is no Unicode text has a key too', async (t) => {
  const { events } = start(t, ['/nowhere/\ud800']);
  assert.deepEqual(await once(events, 'state'), ['sense-led/state/%2Fnowhere%2F%EF%BF%BD']);
});
