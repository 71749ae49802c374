import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Authenticator } from 'nats';
import { type ContextConfig, contextSettings } from '../../context/settings';
import { makeFolder } from '../support/folder';

const settings = (config: ContextConfig) => contextSettings({ bucket: 'plant', ...config });

/** What a client would send to sign in. */
function sent(config: ContextConfig): unknown {
  const { authenticator } = settings(config).connection;
  return authenticator && (authenticator as Authenticator)('nonce');
}

test('only the bucket has no default', () => {
  const { connection, kv, ...others } = contextSettings({ bucket: 'plant' });
  assert.deepEqual(others, { timeoutMs: 5000, clean: false, unknown: [] });
  const form = { create: true, history: 1, lifetimeMs: 0, storage: 'file', replicas: 1 };
  assert.deepEqual(kv, { bucket: 'plant', domain: '', timeoutMs: 5000, ...form });
  assert.deepEqual(connection.servers, ['localhost:4222']);
  assert.equal(connection.name, 'Node-RED');
  assert.equal(connection.authenticator, undefined);
  assert.equal(connection.tls, undefined);
});

test('a setting has the meaning that it has in a node', () => {
  process.env.NATSHAT_HOST = 'nats.lan';
  process.env.NATSHAT_BUCKET = 'hall';
  const { connection, kv } = contextSettings({
    bucket: '${NATSHAT_BUCKET}',
    servers: 'nats://${NATSHAT_HOST}:4333, other',
    clientName: 'hall',
    inboxPrefix: '_INBOX_hall',
    connectTimeoutMs: '100',
    domain: 'leaf',
    create: false,
    history: '5',
    storage: 'memory',
    replicas: 3,
  });
  assert.deepEqual(connection.servers, ['nats.lan:4333', 'other:4222']);
  assert.deepEqual([connection.name, connection.inboxPrefix, connection.timeout], ['hall', '_INBOX_hall', 100]);
  const { bucket, domain, create, history, storage, replicas } = kv;
  assert.deepEqual([bucket, domain, create, history, storage, replicas], ['hall', 'leaf', false, 5, 'memory', 3]);
});

test('the secret that is there says how to sign in', () => {
  process.env.NATSHAT_TOKEN = 't0p';
  assert.deepEqual(sent({ user: 'ada', password: 'lovelace' }), { user: 'ada', pass: 'lovelace' });
  assert.deepEqual(sent({ token: '${NATSHAT_TOKEN}' }), { auth_token: 't0p' });
  assert.deepEqual(sent({ user: 'ada', password: 'x', token: 't0p', auth: 'user' }), { user: 'ada', pass: 'x' });
  assert.deepEqual(sent({ user: 'ada', token: undefined, seed: '' }), { user: 'ada', pass: '' });
  assert.equal(sent({ auth: 'none', token: 't0p' }), undefined);
});

test('a secret that is named but missing is an error, not a connection without it', () => {
  const missing = { token: process.env.NATSHAT_UNSET };
  assert.throws(() => settings(missing), { text: 'BAD_CREDENTIALS-context', values: { name: 'token' } });
  assert.throws(() => settings({ auth: 'nkey' }), { code: 'BAD_CREDENTIALS', values: { field: 'seed' } });
  assert.throws(() => settings({ token: '${NATSHAT_UNSET}' }), { code: 'BAD_ENV', values: { name: 'NATSHAT_UNSET' } });
});

test('the credentials are a text or the path of a file', () => {
  const path = join(makeFolder(), 'user.creds');
  assert.throws(() => sent({ creds: path }), { text: 'BAD_CREDENTIALS-path', values: { reason: 'ENOENT' } });
  const seed = 'SUAMK2FG4MI6UE3ACF3FK3OIQBCEIEZV7NSWFFEW63UXMRLFM2XLAXK4GY';
  const creds = [
    '-----BEGIN NATS USER JWT-----\nthe.jwt\n------END NATS USER JWT------\n',
    `-----BEGIN USER NKEY SEED-----\n${seed}\n------END USER NKEY SEED------\n`,
  ].join('\n');
  writeFileSync(path, creds);
  process.env.NATSHAT_CONTEXT_CREDS = path;
  for (const one of [path, creds, '${NATSHAT_CONTEXT_CREDS}'])
    assert.equal((sent({ creds: one }) as { jwt: string }).jwt, 'the.jwt');
});

test('TLS has the options of Node.js, and files are read at the start', () => {
  const path = join(makeFolder(), 'ca.pem');
  writeFileSync(path, 'pem');
  const tls = (config: ContextConfig) => settings(config).connection.tls;
  assert.equal(tls({ tls: false }), undefined);
  assert.deepEqual({ ...tls({ tls: true }) }, {});
  assert.deepEqual(
    { ...tls({ tls: { caFile: path, servername: 'nats' } }) },
    { ca: Buffer.from('pem'), servername: 'nats' },
  );
  assert.deepEqual({ ...tls({ tlsFirst: true }) }, { handshakeFirst: true });
  const missing = join(path, 'none');
  const values = { name: 'keyFile', path: missing, reason: 'ENOTDIR' };
  assert.throws(() => tls({ tls: { keyFile: missing } }), { text: 'BAD_TLS-file', values });
});

test('a bad setting is named', () => {
  const cases: [config: object, code: string][] = [
    [{ bucket: '' }, 'BAD_BUCKET'],
    [{ bucket: undefined }, 'BAD_BUCKET'],
    [{ bucket: 'a.b' }, 'BAD_BUCKET'],
    [{ bucket: '${NATSHAT_UNSET}' }, 'BAD_ENV'],
    [{ servers: 'http://host' }, 'BAD_SERVER'],
    [{ servers: 'nats://user:secret@host' }, 'BAD_SERVER'],
    [{ auth: 'magic' }, 'BAD_CHOICE'],
    [{ storage: 'tape' }, 'BAD_CHOICE'],
    [{ domain: 'a b' }, 'BAD_STREAM'],
    [{ history: 65 }, 'BAD_NUMBER'],
    [{ replicas: 0 }, 'BAD_NUMBER'],
    [{ timeoutMs: 'soon' }, 'BAD_NUMBER'],
    [{ create: 'yes' }, 'BAD_SWITCH'],
    [{ tls: 'yes' }, 'BAD_SWITCH'],
    [{ clean: 1 }, 'BAD_SWITCH'],
  ];
  for (const [config, code] of cases)
    assert.throws(() => settings(config as ContextConfig), { code }, JSON.stringify(config));
});

test('a secret in an address is refused, and not shown', () => {
  const isRefused = (error: Error) => !String(error).includes('geheim') && String(error).includes('host:4222');
  assert.throws(() => settings({ servers: 'nats://ada:geheim@host:4222' }), isRefused);
});

test('a name that means nothing is remembered, except that of Node-RED itself', () => {
  const config = { server: 'nats://host', settings: { userDir: '/' } } as ContextConfig;
  assert.deepEqual(settings(config).unknown, ['server']);
});
