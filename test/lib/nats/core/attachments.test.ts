import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Attachments } from '../../../../lib/nats/core/attachments';
import type { Link } from '../../../../lib/nats/core/link';

/** Records the calls of two attachments, by their names. */
function start() {
  const events: string[] = [];
  const attachment = (name: string) => ({
    attach: (link: Link) => events.push(`${name} on ${(link as unknown as { name: string }).name}`),
    detach: async () => void events.push(`${name} off`),
  });
  const link = (name: string) => ({ name }) as unknown as Link;
  return { attachments: new Attachments(), events, attachment, link };
}

test('attachments are attached to each connection in order, until the connection ends', () => {
  const { attachments, events, attachment, link } = start();
  attachments.add(attachment('a'));
  attachments.add(attachment('b'));
  attachments.attachAll(link('first'));
  attachments.detachAll();
  attachments.attachAll(link('second'));
  assert.deepEqual(events, ['a on first', 'b on first', 'a off', 'b off', 'a on second', 'b on second']);
});

test('an attachment that is added while connected is attached at once, and detached when it is removed', () => {
  const { attachments, events, attachment, link } = start();
  attachments.attachAll(link('first'));
  const remove = attachments.add(attachment('a'));
  remove();
  remove();
  attachments.detachAll();
  attachments.attachAll(link('second'));
  assert.deepEqual(events, ['a on first', 'a off']);
});

test('attachments are detached only once', () => {
  const { attachments, events, attachment, link } = start();
  attachments.add(attachment('a'));
  attachments.detachAll();
  attachments.attachAll(link('first'));
  attachments.detachAll();
  attachments.detachAll();
  assert.deepEqual(events, ['a on first', 'a off']);
});
