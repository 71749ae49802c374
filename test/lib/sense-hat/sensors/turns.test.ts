import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { Turns } from '../../../../lib/sense-hat/sensors/turns';
import { block } from '../../../support/event-loop';

/** A call that ends when it is told to. */
function hanging() {
  let end = () => {};
  let calls = 0;
  const call = () => {
    calls++;
    return new Promise<string>((resolve) => {
      end = () => resolve('late');
    });
  };
  return { call, end: () => end(), calls: () => calls };
}

test('calls run one after the other, whether or not they fail', async () => {
  const turns = new Turns();
  const log: string[] = [];
  const call = (name: string) => async () => {
    log.push(`+${name}`);
    await Promise.resolve();
    log.push(`-${name}`);
    if (name === 'b') throw new Error('b');
    return name;
  };
  const results = await Promise.allSettled(['a', 'b', 'c'].map((name) => turns.run(call(name))));
  assert.deepEqual(log, ['+a', '-a', '+b', '-b', '+c', '-c']);
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
});

test('while a call hangs no other is made, and all fail; once it has ended they are made again', async () => {
  const turns = new Turns(10);
  const stuck = hanging();
  const other = hanging();
  const late = { code: 'ETIMEDOUT' };
  await Promise.all([assert.rejects(turns.run(stuck.call), late), assert.rejects(turns.run(other.call), late)]);
  await assert.rejects(turns.run(other.call), late);
  assert.deepEqual([stuck.calls(), other.calls()], [1, 0]);
  stuck.end();
  assert.equal(await turns.run(async () => 'again'), 'again');
});

test('a process that was busy for longer than the limit does not take a call for one that hangs', async () => {
  const turns = new Turns(100);
  const reading = turns.run(() => readFile(__filename));
  await Promise.resolve();
  await Promise.resolve();
  block(150);
  assert((await reading).length > 0);
});
