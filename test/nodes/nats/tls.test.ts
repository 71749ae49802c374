import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { nkeys } from 'nats';
import { natsServerVersion, startNatsServer } from '../../../scripts/nats-server';
import { type Certificate, makeAuthority } from '../../support/certificates';
import { startEavesdropper } from '../../support/eavesdropper';
import { assertWorks, ECHO, PUBLISH } from '../../support/echo';
import { SERVER, startFlow } from '../../support/flow';
import { makeOperator } from '../../support/jwt';
import { startMiddle } from '../../support/middle';

const TLS = { id: 'tls', type: 'tls-config', name: '', cert: '', key: '', ca: '', verifyservercert: true };
const CONFIG = { id: SERVER, type: 'nats-config', reconnectWaitMs: 50, connectTimeoutMs: 1000 };

/** The server's part of its configuration. */
function tlsOf({ cert, key }: Certificate, more = ''): string {
  return `tls { cert_file: "${cert}", key_file: "${key}", ${more} }`;
}

test('the nodes work with TLS', async (t) => {
  const authority = makeAuthority();
  const verify = `ca_file: "${authority.cert}", verify: true`;
  const address = authority.issue();
  const name = authority.issue({ names: 'DNS:localhost' });
  const elsewhere = authority.issue({ names: 'DNS:nats.example' });
  const client = authority.issue();
  const { cert, key } = client;
  const pasted = { certdata: client.text, keydata: readFileSync(key, 'utf8'), cadata: authority.text };
  const cases: [string, string, string, object, Record<string, string>][] = [
    ['and an authority from a file', '127.0.0.1', tlsOf(address), { ca: authority.cert }, {}],
    ['and an authority that was uploaded', '127.0.0.1', tlsOf(address), {}, { cadata: authority.text }],
    ['by the name of the server', 'localhost', tlsOf(name), { ca: authority.cert }, {}],
    [
      'and a server name that differs from the address',
      'localhost',
      tlsOf(elsewhere),
      { ca: authority.cert, servername: 'nats.example' },
      {},
    ],
    ['and a client certificate', '127.0.0.1', tlsOf(address, verify), { ca: authority.cert, cert, key }, {}],
    ['and a client certificate that was uploaded', '127.0.0.1', tlsOf(address, verify), {}, pasted],
    ['and any server, if verification is off', '127.0.0.1', tlsOf(elsewhere), { verifyservercert: false }, {}],
  ];
  for (const [title, host, config, tls, uploaded] of cases) {
    await t.test(title, async (t) => {
      const server = await startNatsServer({ config });
      t.after(() => server.stop());
      const node = { ...CONFIG, servers: `nats://${host}:${server.port}`, tls: 'tls' };
      await assertWorks(await startFlow(t, [{ ...TLS, ...tls }, node, ...ECHO], { tls: uploaded }));
    });
  }
});

test('TLS refuses these servers and clients, with the reason', async (t) => {
  const authority = makeAuthority();
  const verify = `ca_file: "${authority.cert}", verify: true`;
  const good = authority.issue();
  const stranger = makeAuthority().issue();
  const ca = { ca: authority.cert };
  const cases: [string, string, string, object, string][] = [
    ['a server with another name', 'localhost', tlsOf(authority.issue({ names: 'DNS:nats.example' })), ca, 'TLS'],
    ['a server with another address', '127.0.0.1', tlsOf(authority.issue({ names: 'IP:127.0.0.2' })), ca, 'TLS'],
    [
      'a server with the name of this computer only',
      '127.0.0.1',
      tlsOf(authority.issue({ names: 'DNS:localhost' })),
      ca,
      'TLS',
    ],
    ['a server of an unknown authority', '127.0.0.1', tlsOf(good), {}, 'TLS-untrusted'],
    ['a server of another authority', '127.0.0.1', tlsOf(stranger), ca, 'TLS-untrusted'],
    ['a server whose certificate has expired', '127.0.0.1', tlsOf(authority.issue({ days: -1 })), ca, 'TLS'],
    ['a server without TLS', '127.0.0.1', '', ca, 'TLS-missing'],
    ['a client without a certificate where one is required', '127.0.0.1', tlsOf(good, verify), ca, 'TLS-certificate'],
    [
      'a client whose certificate the server does not trust',
      '127.0.0.1',
      tlsOf(good, verify),
      { ...ca, cert: stranger.cert, key: stranger.key },
      'TLS-certificate',
    ],
  ];
  for (const [title, host, config, tls, text] of cases) {
    await t.test(title, async (t) => {
      const server = await startNatsServer({ config });
      t.after(() => server.stop());
      const node = { ...CONFIG, servers: `nats://${host}:${server.port}`, tls: 'tls' };
      const flow = await startFlow(t, [{ ...TLS, ...tls }, node, ...ECHO]);
      const status = await flow.status('publish', ({ shape }) => shape === 'dot');
      assert.deepEqual([status.fill, status.text.split('.').at(-1)], ['red', text]);
    });
  }
});

const SEED = Buffer.from(nkeys.createUser().getSeed()).toString();
const CREDS = makeOperator().creds();
const SECRETS: Record<string, Record<string, string>> = {
  user: { user: 'ada', password: 'lovelace' },
  token: { token: 't0psecret' },
  nkey: { seed: SEED },
  creds: { creds: CREDS },
};
/** Parts of the secrets and of derived values, too long to appear in the random bytes of a handshake by chance. */
const SECRET = /"(?:ada|nkey|sig|jwt)"|lovelace|t0psecret|CONNECT|SU[A-Z2-7]{20}/;

const ASKED: [string, string, object][] = [
  ['by a TLS configuration', 'nats', { tls: 'tls' }],
  ['by tls://', 'tls', {}],
  ['from the first byte', 'nats', { tlsFirst: true }],
];

test('if TLS is required, only the request for it is sent in plain text', async (t) => {
  const greetings: [string, object][] = [
    ['that offers no TLS', {}],
    ['that asks for a signature and offers no TLS', { nonce: 'abc', auth_required: true }],
    ['that says it has TLS and has none', { nonce: 'abc', tls_available: true }],
    ['that says it needs TLS and has none', { nonce: 'abc', tls_required: true }],
  ];
  for (const [how, scheme, settings] of ASKED) {
    for (const [what, info] of greetings) {
      await t.test(`${how}, to a server ${what}`, async (t) => {
        const { port, heard } = await startEavesdropper(t, info);
        for (const [auth, secrets] of Object.entries(SECRETS)) {
          await t.test(auth, async (t) => {
            const node = { ...CONFIG, servers: `${scheme}://127.0.0.1:${port}`, auth, ...settings };
            const flow = await startFlow(t, [TLS, node, PUBLISH], { [SERVER]: secrets });
            const bytes = await heard.take();
            // 0x16 is the first byte of a handshake: https://www.rfc-editor.org/rfc/rfc8446#section-5.1
            assert(bytes === '' || bytes.startsWith('\x16\x03'), JSON.stringify(bytes.slice(0, 20)));
            assert.doesNotMatch(bytes, SECRET);
            if ('tlsFirst' in settings || Object.keys(info).some((key) => key.startsWith('tls'))) {
              assert.notEqual(bytes, '', 'a handshake was tried');
            }
            await flow.status('publish', ({ fill }) => fill === 'red');
          });
        }
      });
    }
  }
});

test('an eavesdropper does see the secrets if TLS is not required', async (t) => {
  const { port, heard } = await startEavesdropper(t, { nonce: 'abc' });
  for (const [auth, secrets] of Object.entries(SECRETS)) {
    await t.test(auth, async (t) => {
      const node = { ...CONFIG, servers: `127.0.0.1:${port}`, auth };
      const flow = await startFlow(t, [node, PUBLISH], { [SERVER]: secrets });
      await flow.connected();
      await flow.deploy([PUBLISH]);
      assert.match(await heard.take(), SECRET);
    });
  }
});

test('a server that restarts without TLS gets only the request for it', async (t) => {
  const authority = makeAuthority();
  const config = `authorization { user: ada, password: lovelace }\n${tlsOf(authority.issue())}`;
  const server = await startNatsServer({ config });
  t.after(() => server.stop());
  const node = { ...CONFIG, servers: server.url, auth: 'user', tls: 'tls' };
  const flow = await startFlow(t, [{ ...TLS, ca: authority.cert }, node, ...ECHO], { [SERVER]: SECRETS.user ?? {} });
  await assertWorks(flow);
  await server.stop();
  const { heard } = await startEavesdropper(t, {}, server.port);
  flow.send('publish', { payload: 'held' });
  // Nothing, or the first message of a handshake: https://www.rfc-editor.org/rfc/rfc8446#section-5.1
  for (let dial = 0; dial < 4; dial++) {
    const bytes = await heard.take();
    assert(bytes === '' || bytes.charCodeAt(0) === 0x16, bytes);
  }
});

const COMING_BACK: Record<string, (t: TestContext) => string> = {
  'with an untrusted certificate': () => tlsOf(makeAuthority().issue()),
  'without TLS': () => '',
};

for (const [how, configOf] of Object.entries(COMING_BACK)) {
  test(`a server that restarts ${how} turns the node red`, async (t) => {
    const authority = makeAuthority();
    const server = await startNatsServer({ config: tlsOf(authority.issue()) });
    t.after(() => server.stop());
    const node = { ...CONFIG, servers: server.url, tls: 'tls' };
    const flow = await startFlow(t, [{ ...TLS, ca: authority.cert }, node, ...ECHO]);
    await assertWorks(flow);
    await server.stop();
    const other = await startNatsServer({ port: server.port, config: configOf(t) });
    t.after(() => other.stop());
    await flow.status('publish', ({ fill, shape }) => fill === 'red' && shape === 'dot');
  });
}

/** The port of a server that shakes hands first; nats-server can since 2.10.4, and a proxy does it for an older one. */
async function startHandshakeFirst(t: TestContext, certificate: Certificate): Promise<number> {
  const isAble = natsServerVersion().localeCompare('2.10.4', 'en', { numeric: true }) >= 0;
  const server = await startNatsServer(isAble ? { config: tlsOf(certificate, 'handshake_first: true') } : {});
  t.after(() => server.stop());
  const promise = (info: string) => info.replace('{', '{"tls_required":true,');
  return isAble ? server.port : (await startMiddle(t, server.port, promise, certificate)).port;
}

test('with TLS from the first byte the server need not announce TLS', async (t) => {
  const authority = makeAuthority();
  const port = await startHandshakeFirst(t, authority.issue());
  const node = { ...CONFIG, servers: `127.0.0.1:${port}`, tls: 'tls', tlsFirst: true };
  await assertWorks(await startFlow(t, [{ ...TLS, ca: authority.cert }, node, ...ECHO]));
});

test('bytes added to the greeting before TLS begins reach no node', async (t) => {
  const authority = makeAuthority();
  const server = await startNatsServer({ config: tlsOf(authority.issue()) });
  t.after(() => server.stop());
  let isFirst = true;
  const forge = (info: string) => {
    const forged = [1, 2, 3, 4].map((sid) => `MSG news ${sid} 6\r\nforged\r\n`).join('');
    const greeting = isFirst ? info : `${info}PONG\r\n${forged}`;
    isFirst = false;
    return greeting;
  };
  const middle = await startMiddle(t, server.port, forge);
  const node = { ...CONFIG, servers: `127.0.0.1:${middle.port}`, tls: 'tls' };
  const flow = await startFlow(t, [{ ...TLS, ca: authority.cert }, node, ...ECHO]);
  await assertWorks(flow);
  middle.hangUp();
  await flow.status('publish', ({ fill }) => fill !== 'green');
  await assertWorks(flow);
});
