import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_OPEN_REQUESTS, OpenRequests } from '../../../../lib/nats/services/open-requests';

/** Takes all requests with a reply subject, and returns their owners. */
function takeAll(open: OpenRequests<string>, reply: string): string[] {
  const owners: string[] = [];
  for (let one = open.take(reply); one; one = open.take(reply)) owners.push(one.owner);
  return owners;
}

test('a request is found by its reply subject, once', () => {
  const open = new OpenRequests<string>();
  open.add('inbox.1', 'a');
  open.add('inbox.2', 'b');
  assert.equal(open.size, 2);
  assert.equal(open.take('inbox.3'), undefined);
  assert.deepEqual([takeAll(open, 'inbox.2'), takeAll(open, 'inbox.1')], [['b'], ['a']]);
  assert.equal(open.size, 0);
});

test('requests with the same reply subject are answered in order', () => {
  const open = new OpenRequests<string>();
  for (const owner of ['a', 'b', 'c']) open.add('inbox', owner);
  assert.equal(open.take('inbox')?.owner, 'a');
  open.add('inbox', 'd');
  assert.deepEqual(takeAll(open, 'inbox'), ['b', 'c', 'd']);
  assert.equal(open.size, 0);
});

test('a request whose answer failed is the next one again, with its time', () => {
  const open = new OpenRequests<string>();
  for (const owner of ['a', 'b', 'c']) open.add('inbox', owner);
  const first = open.take('inbox') ?? assert.fail();
  open.putBack('inbox', first);
  open.add('inbox', 'd');
  assert.equal(open.take('inbox')?.at, first.at);
  assert.deepEqual(takeAll(open, 'inbox'), ['b', 'c', 'd']);
  open.putBack('inbox', first);
  open.add('inbox', 'e');
  assert.deepEqual(takeAll(open, 'inbox'), ['a', 'e']);
  assert.equal(open.size, 0);
});

test('the requests of an owner are forgotten, and the others stay in order', () => {
  const open = new OpenRequests<string>();
  for (const owner of ['a', 'b', 'a', 'c', 'a']) open.add('inbox', owner);
  open.add('other', 'a');
  open.add('another', 'b');
  open.forget('a');
  assert.equal(open.size, 3);
  open.add('inbox', 'd');
  assert.deepEqual(takeAll(open, 'inbox'), ['b', 'c', 'd']);
  assert.deepEqual([takeAll(open, 'other'), takeAll(open, 'another')], [[], ['b']]);
});

test('of too many requests the oldest are forgotten, whether they share a reply subject or not', () => {
  for (const replyOf of [(index: number) => `inbox.${index}`, () => 'inbox']) {
    const open = new OpenRequests<number>();
    for (let index = 0; index < MAX_OPEN_REQUESTS + 10; index++) open.add(replyOf(index), index);
    assert.equal(open.size, MAX_OPEN_REQUESTS);
    assert.equal(open.take(replyOf(10))?.owner, 10);
    const last = MAX_OPEN_REQUESTS + 9;
    let latest: number | undefined;
    for (let one = open.take(replyOf(last)); one; one = open.take(replyOf(last))) latest = one.owner;
    assert.equal(latest, last);
  }
});
