import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ConsumedFrom, forgetHandles, handlesOf, rememberHandles } from '../../../nodes/nats/shared/handles';

const FIRST = '00000000000a00ff';
const SECOND = 'ffffffffffff00ff';

const from = (ack: string) => ({ ack }) as ConsumedFrom;
const knownOf = (_msgid: unknown) => handlesOf({ _msgid } as { _msgid: string }).handles;

test('messages in a flow are known by their ids, also if the last digits are the same', () => {
  rememberHandles(FIRST, from('first'));
  rememberHandles(SECOND, from('second'));
  assert.deepEqual([knownOf(FIRST), knownOf(SECOND)], [['first'], ['second']]);
  forgetHandles(SECOND);
  assert.deepEqual([knownOf(FIRST), knownOf(SECOND)], [['first'], []]);
  forgetHandles(FIRST);
  assert.deepEqual(knownOf(FIRST), []);
});

test('an id that a flow has made is not known', () => {
  rememberHandles(FIRST, from('first'));
  for (const id of [undefined, null, 7, {}, '', 'x', '00ff', 'an id', '🙂🙂🙂', `${FIRST}0`]) {
    assert.deepEqual(knownOf(id), [], String(id));
  }
  forgetHandles(FIRST);
});
