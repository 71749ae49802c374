import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errors } from 'nats';
import { dial } from '../../../../lib/nats/client/dial';
import { startNatsServer } from '../../../../scripts/nats-server';
import { greetingOf } from '../../../support/greeting';

/** As the pack dials: see `connectionOptions`. */
const OPTIONS = { maxReconnectAttempts: -1, ignoreAuthErrorAbort: true, reconnectTimeWait: 20, noRandomize: true };

test('a cluster that refuses to sign in does so once', async (t) => {
  const config = (routes: string) => `
    authorization { token: secret }
    cluster { name: test, listen: "127.0.0.1:-1", routes: [${routes}] }
  `;
  const first = await startNatsServer({ config: config('') });
  const second = await startNatsServer({ config: config(JSON.stringify(first.clusterUrl)) });
  t.after(() => Promise.all([first.stop(), second.stop()]));
  // Each tells of the other one before it refuses, once they have met.
  for (const [one, other] of [
    [first, second],
    [second, first],
  ] as const) {
    while (!(await greetingOf(one.port)).includes(`:${other.port}`));
  }
  await assert.rejects(dial({ ...OPTIONS, servers: `127.0.0.1:${first.port}` }), errors.AuthorizationError);
});

test('a server that was away at first is dialled when the others are gone', async (t) => {
  const away = await startNatsServer();
  await away.stop();
  const home = await startNatsServer();
  const servers = [away, home].map(({ port }) => `127.0.0.1:${port}`);
  const nc = await dial({ ...OPTIONS, servers });
  t.after(() => nc.close());
  assert.equal(nc.getServer(), servers[1]);
  const back = await startNatsServer({ port: away.port });
  t.after(() => back.stop());
  const statuses = nc.status()[Symbol.asyncIterator]();
  await home.stop();
  for (let type = ''; type !== 'reconnect'; ) type = (await statuses.next()).value.type;
  assert.equal(nc.getServer(), servers[0]);
});
