import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Node, NodeStatus } from 'node-red';
import { type Condition, statusOf } from '../../nodes/shared/status';

const NODES = join(__dirname, '..', '..', '..', 'nodes');

/** A node that records its statuses and can be closed. */
function fakeNode() {
  const shown: NodeStatus[] = [];
  const listeners: (() => void)[] = [];
  const node = {
    on: (event: string, listener: () => void) => event === 'close' && listeners.push(listener),
    status: (status: NodeStatus) => shown.push(status),
  } as unknown as Node;
  return {
    status: statusOf(node),
    node,
    shown,
    close: () => {
      for (const listener of listeners) listener();
    },
  };
}

const PRIORITIES: Condition[] = [
  'failed',
  'refused',
  'denied',
  'missing',
  'slow',
  'dropped',
  'disconnected',
  'stopped',
  'state',
];

test('each condition hides less important ones, which show again when it ends', () => {
  const { status, shown } = fakeNode();
  for (const condition of PRIORITIES.toReversed()) status.set(condition, { text: condition });
  for (const condition of PRIORITIES) status.clear(condition);
  const texts = shown.map(({ text }) => text);
  assert.deepEqual(texts, [...PRIORITIES.toReversed(), ...PRIORITIES.slice(1), undefined]);
});

test('a condition that begins during a more important one does not show', () => {
  for (const [index, condition] of PRIORITIES.entries()) {
    const { status, shown } = fakeNode();
    status.set(condition, { text: condition });
    for (const lower of PRIORITIES.slice(index + 1)) status.set(lower, { text: lower });
    assert.deepEqual(shown, [{ text: condition }]);
  }
});

test('a status is sent when it changes, and the same one is not sent again', () => {
  const { status, shown } = fakeNode();
  assert.equal(status.set('state', { fill: 'green', shape: 'dot', text: 'here' }), true);
  assert.equal(status.set('state', { fill: 'green', shape: 'dot', text: 'here' }), false);
  status.clear('denied');
  assert.equal(status.set('denied', { fill: 'green', shape: 'dot', text: 'here' }), true);
  assert.equal(shown.length, 1);
  assert.equal(status.set('denied', { fill: 'red', shape: 'dot', text: 'here' }), true);
  assert.equal(shown.length, 2);
});

test('the first status is sent even if it is empty: a node with the same id may have left one', () => {
  const { status, shown } = fakeNode();
  status.set('state', {});
  assert.deepEqual(shown, [{}]);
});

test('conditions that end together cause one change', () => {
  const { status, shown } = fakeNode();
  for (const condition of ['state', 'missing', 'failed'] as const) status.set(condition, { text: condition });
  status.clear('failed', 'missing');
  assert.deepEqual(
    shown.map(({ text }) => text),
    ['state', 'missing', 'failed', 'state'],
  );
});

test('nothing is sent after the node has closed', () => {
  const { status, shown, close } = fakeNode();
  status.set('state', { text: 'here' });
  close();
  status.set('denied', { text: 'late' });
  status.clear('denied', 'state');
  assert.deepEqual(shown, [{ text: 'here' }]);
});

test('a node has one status, and another node another', () => {
  const { status, node } = fakeNode();
  assert.equal(statusOf(node), status);
  assert.notEqual(statusOf(fakeNode().node), status);
});

test('no other file writes the status of a node', () => {
  const files = readdirSync(NODES, { recursive: true, encoding: 'utf8' }).map((file) => file.replaceAll('\\', '/'));
  const writers = files.filter(
    (file) => file.endsWith('.ts') && /(?<!response)\.status\(/.test(readFileSync(join(NODES, file), 'utf8')),
  );
  assert.deepEqual(writers, ['shared/status.ts']);
});
