import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dial } from '../../../../lib/nats/client/dial';
import { subscribeInbox } from '../../../../lib/nats/client/inbox';
import { startNatsServer } from '../../../../scripts/nats-server';
import { Inbox } from '../../../support/inbox';

test('an inbox gets replies, and the denial of its own request, which ends it', async (t) => {
  const permissions = 'permissions: { publish: { deny: ["denied.*"] } }';
  const config = `authorization { users: [{ user: u, password: p, ${permissions} }] }\nno_auth_user: u`;
  const server = await startNatsServer({ config });
  t.after(() => server.stop());
  const nc = await dial({ servers: server.url });
  t.after(() => nc.close());
  const got = new Inbox<string>();
  const ask = (subject: string) => {
    const inbox = `inbox.${subject}`;
    const subscription = subscribeInbox(nc, inbox, subject, (error, msg) => got.put(error?.message ?? msg.string()));
    nc.publish(subject, '', { reply: inbox });
    return subscription;
  };
  nc.subscribe('allowed', { callback: (_, msg) => void (msg.respond('one') && msg.respond('two')) });
  const allowed = ask('allowed');
  assert.deepEqual([await got.take(), await got.take()], ['one', 'two']);
  const denied = ask('denied.a"b');
  assert.match(await got.take(), /Publish to "denied/);
  assert.deepEqual(
    [allowed, denied].map((subscription) => subscription.isClosed()),
    [false, true],
  );
});
