import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CodedError } from '../../../../lib/coded-error';
import { Holding } from '../../../../lib/nats/core/holding';
import type { Outgoing } from '../../../../lib/nats/core/publication';

/** A holding; each outcome is a line in `ended`. */
function start() {
  const holding = new Holding<Outgoing>();
  const ended: string[] = [];
  const hold = (subject: string, owner?: object, size = 1) => {
    const publication = {
      subject,
      data: Buffer.alloc(0),
      whenDown: 'hold',
      maxAgeMs: 0,
      confirm: false,
      owner,
    } as const;
    const outcome = (error?: unknown) => ended.push(`${subject} ${(error as CodedError | undefined)?.code ?? 'ok'}`);
    holding.add({ publication, size, outcome });
  };
  const released = () => holding.release().map(({ publication }) => publication.subject);
  return { holding, ended, hold, released };
}

test('messages are released in order, once', () => {
  const { ended, hold, released } = start();
  for (const subject of ['a', 'b', 'c']) hold(subject);
  assert.deepEqual([released(), released(), ended], [['a', 'b', 'c'], [], []]);
});

test('an owner that withdraws ends its own messages with CLOSED, and the others keep their order', () => {
  const { holding, ended, hold, released } = start();
  const [owner, other] = [{}, {}];
  hold('a', other);
  hold('b', owner);
  hold('c', other);
  hold('d', owner);
  holding.withdraw(owner);
  assert.deepEqual(
    [ended, released()],
    [
      ['b CLOSED', 'd CLOSED'],
      ['a', 'c'],
    ],
  );
});

test('if an outcome withdraws its owner again, each message still ends once', () => {
  const { holding } = start();
  const owner = {};
  const ended: string[] = [];
  for (const subject of ['a', 'b']) {
    const publication = {
      subject,
      data: Buffer.alloc(0),
      whenDown: 'hold',
      maxAgeMs: 0,
      confirm: false,
      owner,
    } as const;
    const outcome = () => {
      ended.push(subject);
      holding.withdraw(owner);
    };
    holding.add({ publication, size: 1, outcome });
  }
  holding.withdraw(owner);
  assert.deepEqual(ended, ['a', 'b']);
});

test('withdrawn messages make room for more', () => {
  const { holding, ended, hold, released } = start();
  const owner = {};
  hold('large', owner, 8 * 1024 * 1024);
  hold('late');
  holding.withdraw(owner);
  hold('fits');
  assert.deepEqual([ended, released()], [['late OUTBOX_FULL', 'large CLOSED'], ['fits']]);
});
