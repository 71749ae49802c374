import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startNatsServer } from '../../scripts/nats-server';
import { exampleFlow } from '../support/examples';
import { startPeer } from '../support/peer';
import { startRuntime } from '../support/runtime';

const PAGE = readFileSync(join(__dirname, '..', '..', '..', 'docs', 'securing-a-server.md'), 'utf8');

test('with the permissions of the guide a laptop asks and a Pi answers, and neither can do more', async (t) => {
  const [, rights] = /^```\n(authorization \{\n {2}default_permissions.*?^\})/ms.exec(PAGE) ?? [];
  assert(rights);
  // A client without credentials is the laptop.
  const users = rights.replace(/\{ nkey: \w+,/, '{ user: "laptop", password: "none",');
  const server = await startNatsServer({ config: `${users}\nno_auth_user: "laptop"` });
  t.after(server.stop);

  const pi = await startPeer(t, server.url, { user: 'pi', pass: 'a long one' });
  await pi.answer('senseshow', (msg) => msg.respond(`shown: ${msg.string()}`));

  const flow = exampleFlow('Laptop sends words', server.url).map((node) => {
    if (node.type === 'nats-config') return { ...node, inboxPrefix: '_INBOX_laptop' };
    if (node.type !== 'function') return node;
    return { ...node, initialize: (node.initialize as string).replace("'inbox_'", "'_INBOX_laptop.'") };
  });
  const laptop = await startRuntime(t, flow);
  await laptop.click({ payload: 'hello world' });
  assert.equal(await laptop.debugged('answers'), 'shown: hello');
  assert.equal(await laptop.debugged('answers'), 'shown: world');

  await assert.rejects(pi.nc.request('senseshow', 'me too', { timeout: 10_000 }), /[Pp]ermissions [Vv]iolation/);
});
