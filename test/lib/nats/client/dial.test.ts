import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dial } from '../../../../lib/nats/client/dial';
import { startNatsServer } from '../../../../scripts/nats-server';
import { greetingOf } from '../../../support/greeting';

test('a cluster that refuses a client does so once', async (t) => {
  const config = (routes: string) => `
    authorization { token: secret }
    cluster { name: test, listen: "127.0.0.1:-1", routes: [${routes}] }
  `;
  const first = await startNatsServer({ config: config('') });
  const second = await startNatsServer({ config: config(JSON.stringify(first.clusterUrl)) });
  t.after(() => Promise.all([first.stop(), second.stop()]));
  // Once they are connected to each other, each announces the other one before it refuses.
  for (const [one, other] of [
    [first, second],
    [second, first],
  ] as const) {
    while (!(await greetingOf(one.port)).includes(`:${other.port}`));
  }
  const listener = { onError() {}, onInfo() {} };
  const dialled = dial({ host: '127.0.0.1', port: first.port }, {}, listener, new AbortController().signal);
  await assert.rejects(dialled, { code: 'AUTH' });
});
