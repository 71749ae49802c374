import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Leases } from '../../../../lib/nats/looking/leases';

function closable() {
  const closed = new AbortController();
  return { close: () => closed.abort(), signal: closed.signal };
}

test('a thing that nobody asks for is closed, and one that is asked for stays', async () => {
  const leases = new Leases<ReturnType<typeof closable>>(200, 2);
  const [kept, forgotten] = [closable(), closable()];
  const id = leases.add(() => kept);
  const other = leases.add(() => forgotten);
  assert.throws(() => leases.add(closable), { code: 'BUSY' });
  const asking = setInterval(() => leases.get(id), 50);
  await once(forgotten.signal, 'abort');
  clearInterval(asking);
  assert(!kept.signal.aborted);
  assert.throws(() => leases.get(other), { code: 'NO_LOOK' });
  const third = closable();
  leases.add(() => third);
  leases.endAll();
  assert(kept.signal.aborted && third.signal.aborted);
  for (const unknown of [id, undefined, {}, 'x']) assert.throws(() => leases.get(unknown), { code: 'NO_LOOK' });
  leases.end(id);
});

test('a thing that cannot be made takes no room', () => {
  const leases = new Leases(1000, 1);
  const fail = () => {
    throw new Error('no');
  };
  assert.throws(() => leases.add(fail), /no/);
  assert.doesNotThrow(() => leases.add(closable));
  leases.endAll();
});
