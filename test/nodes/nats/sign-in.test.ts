import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { nkeys } from 'nats';
import { startNatsServer } from '../../../scripts/nats-server';
import { makeAuthority } from '../../support/certificates';
import { assertWorks, ECHO, PUBLISH } from '../../support/echo';
import { SERVER, startFlow, type TestNode } from '../../support/flow';
import { makeFolder } from '../../support/folder';
import { makeOperator } from '../../support/jwt';

const operator = makeOperator();
const user = nkeys.createUser();
const seed = Buffer.from(user.getSeed()).toString();

/** A file with a text, for as long as the process lasts. */
function makeFile(text: string): string {
  const folder = makeFolder();
  const path = join(folder, 'user.creds');
  writeFileSync(path, text);
  return path;
}

interface Way {
  name: string;
  auth: string;
  /** The part of the server's configuration. */
  config: string;
  secrets(t: TestContext): Record<string, string>;
}

const WAYS: Way[] = [
  { name: 'nothing', auth: 'none', config: '', secrets: () => ({}) },
  {
    name: 'user and password',
    auth: 'user',
    config: 'authorization { user: ada, password: lovelace }',
    secrets: () => ({ user: 'ada', password: 'lovelace' }),
  },
  { name: 'a token', auth: 'token', config: 'authorization { token: t0p }', secrets: () => ({ token: 't0p' }) },
  {
    name: 'an NKey seed',
    auth: 'nkey',
    config: `authorization { users: [{ nkey: ${user.getPublicKey()} }] }`,
    secrets: () => ({ seed }),
  },
  {
    name: 'the text of a credentials file',
    auth: 'creds',
    config: operator.config,
    secrets: () => ({ creds: operator.creds() }),
  },
  {
    name: 'the text of a credentials file from the environment',
    auth: 'creds',
    config: operator.config,
    secrets: () => {
      process.env.NATSHAT_CREDS = operator.creds();
      return { creds: '${NATSHAT_CREDS}' };
    },
  },
  {
    name: 'a credentials file that the environment names',
    auth: 'creds',
    config: operator.config,
    secrets: () => {
      process.env.NATSHAT_CREDS_FILE = makeFile(operator.creds());
      return { creds: '${NATSHAT_CREDS_FILE}' };
    },
  },
];

for (const { name, auth, config, secrets } of WAYS) {
  test(`the nodes work with ${name}`, async (t) => {
    const server = await startNatsServer({ config });
    t.after(() => server.stop());
    const node = { id: SERVER, type: 'nats-config', servers: server.url, auth };
    await assertWorks(await startFlow(t, [node, ...ECHO], { [SERVER]: secrets(t) }));
  });

  test(`the nodes work with ${name} and TLS`, async (t) => {
    const authority = makeAuthority();
    const { cert, key } = authority.issue();
    const server = await startNatsServer({ config: `${config}\ntls { cert_file: "${cert}", key_file: "${key}" }` });
    t.after(() => server.stop());
    const tls = {
      id: 'tls',
      type: 'tls-config',
      name: '',
      cert: '',
      key: '',
      ca: authority.cert,
      verifyservercert: true,
    };
    const node = { id: SERVER, type: 'nats-config', servers: `tls://127.0.0.1:${server.port}`, auth, tls: 'tls' };
    await assertWorks(await startFlow(t, [tls, node, ...ECHO], { [SERVER]: secrets(t) }));
  });
}

/** The error of nodes whose authentication fails. */
async function refusal(t: TestContext, creds: string, others: TestNode[] = []): Promise<string> {
  const server = await startNatsServer({ config: operator.config });
  t.after(() => server.stop());
  const node = { id: SERVER, type: 'nats-config', servers: server.url, auth: 'creds' };
  const flow = await startFlow(t, [node, PUBLISH, ...others], { [SERVER]: { creds } });
  return (await flow.status('publish', ({ fill }) => fill === 'red' || fill === 'green')).text;
}

test('a credentials file is read only if the environment names it', async (t) => {
  const path = makeFile(operator.creds());
  await t.test('not if the field names it', async (t) => {
    assert.match(await refusal(t, path), /errors\.AUTH-secret$/);
  });
  await t.test('not if a variable of a flow names it', async (t) => {
    const env = [{ name: 'NATSHAT_FLOW_FILE', value: path, type: 'str' }];
    const globals = { id: 'globals', type: 'global-config', name: '', env, modules: {} };
    assert.match(await refusal(t, '${NATSHAT_FLOW_FILE}', [globals]), /errors\.AUTH-secret$/);
  });
  await t.test('not if a variable of a flow hides one of the environment', async (t) => {
    process.env.NATSHAT_HIDDEN_FILE = '/nowhere';
    const env = [{ name: 'NATSHAT_HIDDEN_FILE', value: path, type: 'str' }];
    const globals = { id: 'globals', type: 'global-config', name: '', env, modules: {} };
    assert.match(await refusal(t, '${NATSHAT_HIDDEN_FILE}', [globals]), /errors\.AUTH-secret$/);
  });
});

test('a credentials file that is created later or replaced takes effect without a deploy', async (t) => {
  const path = makeFile('no credentials at all');
  rmSync(path);
  process.env.NATSHAT_LATER = path;
  const server = await startNatsServer({ config: operator.config });
  t.after(() => server.stop());
  const node = { id: SERVER, type: 'nats-config', servers: server.url, auth: 'creds' };
  const flow = await startFlow(t, [node, ...ECHO], { [SERVER]: { creds: '${NATSHAT_LATER}' } });
  await flow.status('publish', ({ text }) => text.endsWith('errors.BAD_CREDENTIALS-file'));
  writeFileSync(path, 'no credentials at all');
  await flow.status('publish', ({ text }) => text.endsWith('errors.AUTH-secret'));
  writeFileSync(path, operator.creds());
  await assertWorks(flow);
});
