import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { guarded } from '../../lib/guarded';

test('what a call throws is a warning of the process, and is not thrown on', async () => {
  let calls = 0;
  guarded(() => calls++);
  for (const [thrown, message] of [
    [new Error('no reason'), 'no reason'],
    ['text', 'text'],
    [undefined, 'undefined'],
  ] as const) {
    const warned = once(process, 'warning');
    guarded(() => {
      calls++;
      throw thrown;
    });
    assert.equal((await warned)[0].message, message);
  }
  assert.equal(calls, 4);
});
