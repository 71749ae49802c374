import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodedError } from '../../../../lib/coded-error';
import { MAX_REPORTS, Reports } from '../../../../lib/nats/connection/reports';
import { Clock } from '../../../support/clock';

/** Reports, and the texts of what they have reported. */
function start() {
  const texts: string[] = [];
  const reports = new Reports(({ text, values }) => texts.push(`${text} ${values.reason ?? values.count}`));
  const add = (reason: string) => reports.add(reason, () => new CodedError('SERVER', { reason }));
  return { reports, texts, add };
}

test('each error is reported once for an established connection', () => {
  const { reports, texts, add } = start();
  for (const reason of ['a', 'a', 'b', 'a']) add(reason);
  assert.deepEqual(texts, ['SERVER a', 'SERVER b']);
  reports.forget();
  add('a');
  assert.deepEqual(texts, ['SERVER a', 'SERVER b', 'SERVER a']);
});

test('a flood of different errors is counted, over several connections, until a minute has passed', (t) => {
  const clock = new Clock(t);
  const { reports, texts, add } = start();
  for (let number = 0; number < 1000; number++) {
    if (number % 100 === 0) reports.forget();
    add(`${number}`);
  }
  assert.equal(texts.length, MAX_REPORTS);
  clock.jump(60_000);
  assert.deepEqual(texts.slice(MAX_REPORTS), [`SERVER-more ${1000 - MAX_REPORTS}`]);
  add('next');
  clock.jump(60_000);
  assert.deepEqual(texts.slice(MAX_REPORTS + 1), ['SERVER next']);
});

test('the count of a flood is reported at the end', () => {
  const { reports, texts, add } = start();
  for (let number = 0; number <= MAX_REPORTS; number++) add(`${number}`);
  reports.end();
  assert.equal(texts.at(-1), 'SERVER-more 1');
});
