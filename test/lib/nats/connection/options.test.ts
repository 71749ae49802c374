import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Authenticator, NodeConnectionOptions } from 'nats';
import type { CodedError } from '../../../../lib/coded-error';
import { type ConnectionSettings, checkFlatInbox, connectionOptions } from '../../../../lib/nats/connection/options';
import { makeFolder } from '../../../support/folder';

const SETTINGS: ConnectionSettings = {
  servers: 'localhost',
  auth: 'none',
  secrets: {},
  tlsFirst: false,
  clientName: '',
  inboxPrefix: '',
  noEcho: false,
  ignoreClusterUpdates: false,
  connectTimeoutMs: 5000,
  reconnectWaitMs: 2000,
  pingIntervalMs: 120_000,
  maxPingOut: 2,
};

const ENV: Record<string, unknown> = {
  HOST: 'nats.lan',
  PORT: '4333',
  SERVERS: 'a:1, tls://b:2',
  NAME: 'pi',
  SECRET: 's3cret',
  EMPTY: '',
  NUMBER: 1234,
  SWITCH: true,
  JSON: { a: 1 },
  NULL: null,
};

function options(settings: Partial<ConnectionSettings>): NodeConnectionOptions {
  return connectionOptions({ ...SETTINGS, ...settings }, (name) => ENV[name]);
}

const SEED = 'SUAMK2FG4MI6UE3ACF3FK3OIQBCEIEZV7NSWFFEW63UXMRLFM2XLAXK4GY';

const CREDS = [
  '-----BEGIN NATS USER JWT-----\nthe.jwt\n------END NATS USER JWT------\n',
  `-----BEGIN USER NKEY SEED-----\n${SEED}\n------END USER NKEY SEED------\n`,
].join('\n');

/** The authentication that the client would send to a server. */
function sent(settings: Partial<ConnectionSettings>): object | undefined {
  return (options(settings).authenticator as Authenticator)('nonce') as object;
}

test('servers are separated by commas or white space, with 4222 for a port', () => {
  const cases: [string, string[]][] = [
    ['localhost', ['localhost:4222']],
    ['nats://localhost', ['localhost:4222']],
    ['NATS://localhost/', ['localhost:4222']],
    ['a:1,b:2', ['a:1', 'b:2']],
    [' a:1 ,\n\tnats://b ', ['a:1', 'b:4222']],
    ['10.0.0.1:80', ['10.0.0.1:80']],
    ['nats://[::1]:5000', ['[::1]:5000']],
    ['[::1]', ['[::1]:4222']],
    ['tls://secure', ['secure:4222']],
    ['${HOST}:${PORT}', ['nats.lan:4333']],
    ['nats://${HOST}', ['nats.lan:4222']],
    ['${SERVERS}', ['a:1', 'b:2']],
  ];
  for (const [servers, expected] of cases) assert.deepEqual(options({ servers }).servers, expected, servers);
});

test('an invalid server throws BAD_SERVER and is named', () => {
  const cases: [string, string, Record<string, string>][] = [
    ['', 'BAD_SERVER-missing', {}],
    [' , ', 'BAD_SERVER-missing', {}],
    ['${EMPTY}', 'BAD_SERVER-missing', {}],
    ['http://a', 'BAD_SERVER-scheme', { url: 'http://a', scheme: 'http' }],
    ['a,WSS://b', 'BAD_SERVER-scheme', { url: 'WSS://b', scheme: 'wss' }],
    ['nats://', 'BAD_SERVER', { url: 'nats://' }],
    ['a:99999', 'BAD_SERVER', { url: 'a:99999' }],
    ['a:port', 'BAD_SERVER', { url: 'a:port' }],
    ['a/path', 'BAD_SERVER', { url: 'a/path' }],
    ['a?tls=1', 'BAD_SERVER', { url: 'a?tls=1' }],
    ['a#b', 'BAD_SERVER', { url: 'a#b' }],
  ];
  for (const [servers, text, values] of cases) {
    assert.throws(() => options({ servers }), { code: 'BAD_SERVER', text, values }, servers);
  }
});

test('a secret in a URL is refused, and the error does not show it', () => {
  for (const servers of [
    'nats://me:pass@host:4222',
    'me:pass@host:4222',
    'nats://to:p@ss@host:4222',
    'nats://app:Secret,9x@host:4222',
    'nats://app:Sec ret@host:4222',
    'nats://me:pass@other:4222 nats://app:Secret@host:4222',
  ]) {
    assert.throws(() => options({ servers }), { text: 'BAD_SERVER-secret', values: { host: 'host:4222' } }, servers);
  }
});

test('a variable that is not set throws BAD_ENV with its name', () => {
  for (const settings of [
    { servers: 'nats://${MISSING}' },
    { clientName: '${MISSING}' },
    { inboxPrefix: '${MISSING}' },
    { auth: 'token', secrets: { token: '${MISSING}' } },
  ] satisfies Partial<ConnectionSettings>[]) {
    assert.throws(() => options(settings), { code: 'BAD_ENV', values: { name: 'MISSING' } }, JSON.stringify(settings));
  }
});

test('a variable of another type is converted to text', () => {
  assert.deepEqual(options({ servers: 'localhost:${NUMBER}' }).servers, ['localhost:1234']);
  assert.equal(options({ clientName: '${SWITCH} ${JSON}' }).name, 'true {"a":1}');
  const secrets = { user: '${SWITCH}', password: '${NUMBER}', token: '${NUMBER}', seed: '${NUMBER}', creds: '${JSON}' };
  assert.deepEqual(sent({ auth: 'user', secrets }), { user: 'true', pass: '1234' });
  assert.deepEqual(sent({ auth: 'token', secrets }), { auth_token: '1234' });
  for (const auth of ['nkey', 'creds'] as const) assert.doesNotThrow(() => options({ auth, secrets }));
  assert.throws(() => options({ servers: '${NULL}' }), { code: 'BAD_ENV', values: { name: 'NULL' } });
});

test('each kind of authentication sends its secrets and no others', () => {
  const secrets = { user: 'me', password: 'pass', token: 'tok' };
  const cases: [Partial<ConnectionSettings>, object][] = [
    [
      { auth: 'user', secrets },
      { user: 'me', pass: 'pass' },
    ],
    [
      { auth: 'user', secrets: { user: 'me' } },
      { user: 'me', pass: '' },
    ],
    [{ auth: 'token', secrets }, { auth_token: 'tok' }],
    [{ auth: 'token', secrets: { token: '${SECRET}' } }, { auth_token: 's3cret' }],
    [
      { auth: 'user', secrets: { user: '${NAME}', password: 'pa${SECRET}ss' } },
      { user: 'pi', pass: 'pa${SECRET}ss' },
    ],
  ];
  for (const [settings, expected] of cases) assert.deepEqual(sent(settings), expected, JSON.stringify(settings));
  assert.equal(options({ auth: 'none', secrets }).authenticator, undefined);
});

test('an NKey seed and a credentials file sign the challenge of the server', () => {
  const nkey = sent({ auth: 'nkey', secrets: { seed: `\n${SEED}\n` } }) as { nkey: string; sig: string };
  assert.match(nkey.nkey, /^U[A-Z2-7]{55}$/);
  assert(nkey.sig.length > 80);
  assert.deepEqual(sent({ auth: 'creds', secrets: { creds: CREDS } }), { jwt: 'the.jwt', ...nkey });
});

test('only an environment variable of the process may name a credentials file, and its text is never shown', () => {
  const cases: [string, string | undefined, string][] = [
    ['${FILE}', '/nowhere/user.creds', 'BAD_CREDENTIALS-file'],
    ['${FILE}', ' /nowhere/user.creds\n', 'BAD_CREDENTIALS-file'],
    ['${FILE}', undefined, 'unable to parse credentials'],
    ['${FILE}', '/elsewhere', 'unable to parse credentials'],
    ['/nowhere/user.creds', '/nowhere/user.creds', 'unable to parse credentials'],
    [' ${FILE}', '/nowhere/user.creds', 'unable to parse credentials'],
    ['${FILE}', 'two\nlines', 'unable to parse credentials'],
  ];
  for (const [creds, own, expected] of cases) {
    const env = () => (own === undefined || own === '/elsewhere' ? '/nowhere/user.creds' : own);
    const settings: ConnectionSettings = { ...SETTINGS, auth: 'creds', secrets: { creds } };
    const { authenticator } = connectionOptions(settings, env, () => own);
    const isExpected = ({ text, message, values }: CodedError) => {
      if (text) assert.deepEqual(values, { name: 'FILE', reason: 'ENOENT' });
      return (text ?? message) === expected;
    };
    assert.throws(() => (authenticator as Authenticator)('nonce'), isExpected, `${creds} and ${own}`);
  }
});

test('settings outside of flows may name a credentials file, which is read at each dial', () => {
  const path = join(makeFolder(), 'user.creds');
  const authenticator = options({ auth: 'creds', credsFile: path }).authenticator as Authenticator;
  const reason = { text: 'BAD_CREDENTIALS-path', values: { reason: 'ENOENT' } };
  assert.throws(() => authenticator('nonce'), reason);
  writeFileSync(path, CREDS);
  assert.equal((authenticator('nonce') as { jwt: string }).jwt, 'the.jwt');
});

test('a missing secret throws BAD_CREDENTIALS with its field', () => {
  const secrets = { password: 'pass' };
  const cases: [ConnectionSettings['auth'], string][] = [
    ['user', 'user'],
    ['token', 'token'],
    ['nkey', 'seed'],
    ['creds', 'creds'],
  ];
  for (const [auth, field] of cases) {
    assert.throws(() => options({ auth, secrets }), { code: 'BAD_CREDENTIALS', values: { field } });
    assert.throws(() => options({ auth, secrets: { [field]: '${EMPTY}' } }), { code: 'BAD_CREDENTIALS' });
  }
});

test('TLS is required by its settings, a tls:// server or handshake first, and otherwise left to the server', () => {
  const cases: [Partial<ConnectionSettings>, object | undefined][] = [
    [{}, undefined],
    [{ tls: {} }, {}],
    [{ tls: { ca: 'pem' } }, { ca: 'pem' }],
    [{ servers: 'a, TLS://b' }, {}],
    [{ tlsFirst: true }, { handshakeFirst: true }],
    [
      { tls: { rejectUnauthorized: false }, tlsFirst: true },
      { rejectUnauthorized: false, handshakeFirst: true },
    ],
  ];
  for (const [settings, expected] of cases) {
    const { tls } = options(settings);
    assert.deepEqual(tls && { ...tls }, expected, JSON.stringify(settings));
  }
});

test('a client has a name, and an inbox prefix only if one is set', () => {
  assert.equal(options({}).name, 'Node-RED');
  assert.equal(options({ clientName: '${NAME}' }).name, 'pi');
  assert.equal(options({ clientName: 'a ${NAME}' }).name, 'a pi');
  assert.equal('inboxPrefix' in options({}), false);
  assert.equal(options({ inboxPrefix: '_INBOX.me' }).inboxPrefix, '_INBOX.me');
});

test('an inbox prefix is a subject without wildcards', () => {
  for (const inboxPrefix of ['a b', 'a.', 'a.*', '>']) {
    const values = { value: JSON.stringify(inboxPrefix) };
    assert.throws(() => options({ inboxPrefix }), { text: 'BAD_INBOX', values });
  }
  for (const inboxPrefix of ['_R_', '_GR_.a', '$JS.ACK', '$JS.ACK.a']) {
    const values = { value: JSON.stringify(inboxPrefix) };
    assert.throws(() => options({ inboxPrefix }), { text: 'BAD_INBOX-reserved', values });
  }
});

test('a flat inbox needs a prefix of one token', () => {
  for (const prefix of [undefined, '', '_INBOX_me']) assert.doesNotThrow(() => checkFlatInbox(prefix));
  assert.throws(() => checkFlatInbox('_INBOX.me'), { text: 'BAD_INBOX-flat', values: { value: '"_INBOX.me"' } });
});

test('time-outs and limits reach the client', () => {
  const { timeout, reconnectTimeWait, pingInterval, maxPingOut, noEcho, ignoreClusterUpdates } = options({
    noEcho: true,
    ignoreClusterUpdates: true,
    connectTimeoutMs: 1,
    reconnectWaitMs: 2,
    pingIntervalMs: 3,
    maxPingOut: 4,
  });
  assert.deepEqual([timeout, reconnectTimeWait, pingInterval, maxPingOut], [1, 2, 3, 4]);
  assert.deepEqual([noEcho, ignoreClusterUpdates], [true, true]);
});
