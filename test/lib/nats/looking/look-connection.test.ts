import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { LookConnection } from '../../../../lib/nats/looking/look-connection';
import { startNatsServer } from '../../../../scripts/nats-server';
import { optionsFor } from '../../../support/open-connection';

test('a connection for looking is opened when it is needed, shared, and closed when it is not', async (t) => {
  const server = await startNatsServer();
  t.after(server.stop);
  const looking = new LookConnection(optionsFor(server.url, { noEcho: true }), 300);
  t.after(() => looking.close());
  const [first, second] = await Promise.all([looking.open(), looking.open()]);
  assert.equal(first, second);
  const stateOf = ({ state }: typeof first): string => state.name;
  assert.equal(stateOf(first), 'connected');
  while (stateOf(first) !== 'closed') await nextTurn();
  const third = await looking.open();
  assert.notEqual(third, first);
  await looking.close();
  assert.equal(stateOf(third), 'closed');
  await assert.rejects(looking.open(), { code: 'CLOSED' });
});

test('why a server cannot be looked at is told each time', async (t) => {
  const looking = new LookConnection(optionsFor('127.0.0.1:1'));
  t.after(() => looking.close());
  for (let time = 0; time < 2; time++) await assert.rejects(looking.open(), { code: 'UNREACHABLE' });
});
