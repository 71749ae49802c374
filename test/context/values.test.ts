import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeValue } from '../../context/value';
import { Change, Values } from '../../context/values';

const PLACE = { scope: 'global', key: 'count' };
const data = (value: unknown) => encodeValue(value, 'count');
const change = (value: unknown) => new Change(PLACE, 'global.count', value === undefined ? undefined : data(value));
const read = (values: Values) => values.read('global', 'count');

test('an own change counts at once, and no older change of another one undoes it', () => {
  const values = new Values();
  values.onTold(PLACE, 1, data('old'));
  const own = change('mine');
  values.change(own);
  values.onTold(PLACE, 2, data('theirs'));
  assert.equal(read(values), 'mine');
  values.onStored(own, 3);
  assert.equal(read(values), 'mine');
  values.onTold(PLACE, 3, data('mine'));
  assert.equal(read(values), 'mine');
});

test('what was told before the own change was confirmed counts in the order of the bucket', () => {
  const values = new Values();
  const own = change('mine');
  values.change(own);
  values.onTold(PLACE, 3, data('mine'));
  values.onTold(PLACE, 4, data('theirs'));
  assert.equal(read(values), 'mine', 'not confirmed yet');
  values.onStored(own, 3);
  assert.equal(read(values), 'theirs');
});

test('the newest own change counts while an older one is confirmed', () => {
  const values = new Values();
  const [first, second] = [change('first'), change('second')];
  values.change(first);
  values.change(second);
  values.onStored(first, 1);
  assert.equal(read(values), 'second');
  values.onFailed(first);
  assert.equal(read(values), 'second');
  values.onStored(second, 2);
  assert.equal(read(values), 'second');
});

test('a change that the bucket refuses leaves the value as the bucket has it', () => {
  const values = new Values();
  values.onTold(PLACE, 1, data('old'));
  for (const refused of [change('new'), change(undefined)]) {
    values.change(refused);
    values.onFailed(refused);
    assert.equal(read(values), 'old');
  }
  const first = new Values();
  const refused = change('new');
  first.change(refused);
  first.onFailed(refused);
  assert.equal(read(first), undefined);
  assert.deepEqual(first.keys('global'), []);
});

test('a deleted value does not come back by an older change, and is forgotten after that', () => {
  const values = new Values();
  values.onTold(PLACE, 1, data('old'));
  const own = change(undefined);
  values.change(own);
  assert.equal(read(values), undefined);
  assert.deepEqual(values.keys('global'), []);
  values.onStored(own, 3);
  values.onTold(PLACE, 2, data('theirs'));
  assert.equal(read(values), undefined);
  values.onTold(PLACE, 3, undefined);
  assert.equal(read(values), undefined);
  assert.deepEqual(values.scopes(), []);
  values.onTold(PLACE, 4, data('again'));
  assert.equal(read(values), 'again');
});

test('a value with a lower revision than the last one is of another bucket', () => {
  const values = new Values();
  values.onTold(PLACE, 7, data('old'));
  values.onTold({ scope: 'flow', key: 'other' }, 8, data('old'));
  values.onTold(PLACE, 1, data('new'));
  assert.equal(read(values), 'new');
  assert.deepEqual(values.scopes(), ['global']);
});

test('while all is told again the old values count, and those that are not told are gone afterwards', () => {
  const values = new Values();
  const other = { scope: 'flow', key: 'other' };
  values.onTold(other, 7, data('lost'));
  values.onTold(PLACE, 8, data('old'));
  values.onAgain(false);
  assert.equal(read(values), 'old');
  values.onTold(PLACE, 2, data('before'));
  assert.deepEqual([read(values), values.read('flow', 'other')], ['before', 'lost']);
  values.onAgain(true);
  assert.deepEqual([read(values), values.scopes()], ['before', ['global']]);
});

test('when the bucket is gone, only the own changes are left', () => {
  const values = new Values();
  values.onTold(PLACE, 7, data('old'));
  values.onTold({ scope: 'flow', key: 'other' }, 8, data('old'));
  const own = change('mine');
  values.change(own);
  values.onBucketGone();
  assert.equal(read(values), 'mine');
  assert.deepEqual(values.scopes(), ['global']);
  values.onStored(own, 1);
  assert.equal(read(values), 'mine');
});
