import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { tlsRefusal } from '../../../../lib/nats/client/tls-refusal';
import { startNatsServer } from '../../../../scripts/nats-server';
import { type Authority, makeAuthority } from '../../../support/certificates';

const NEVER = new AbortController().signal;

async function startServer(t: TestContext, { cert, issue }: Authority, isStrict: boolean): Promise<string> {
  const own = issue();
  const verify = `ca_file: "${cert}", verify: ${isStrict}`;
  const server = await startNatsServer({
    config: `tls { cert_file: "${own.cert}", key_file: "${own.key}", ${verify} }`,
  });
  t.after(() => server.stop());
  return `127.0.0.1:${server.port}`;
}

test('a server that asks for a client certificate refuses none, and one that it does not know', async (t) => {
  const authority = makeAuthority(t);
  const server = await startServer(t, authority, true);
  const stranger = makeAuthority(t).issue();
  const known = authority.issue();
  const cases: [string, object, RegExp | undefined][] = [
    ['none', {}, /ALERT/],
    ['of a stranger', { cert: stranger.text, key: readFileSync(stranger.key) }, /ALERT/],
    ['known', { cert: known.text, key: readFileSync(known.key) }, undefined],
  ];
  for (const [name, certificate, expected] of cases) {
    const error = await tlsRefusal(server, { ca: authority.text, ...certificate }, AbortSignal.timeout(5000));
    if (expected) assert.match(String((error as NodeJS.ErrnoException | undefined)?.code), expected, name);
    else assert.equal(error, undefined, name);
  }
});

test('a server that takes anybody, or does not answer, or ends the connection, refuses no certificate', async (t) => {
  const authority = makeAuthority(t);
  const ends = createServer((socket) => socket.on('error', () => {}).end());
  const silent = createServer((socket) => t.after(() => socket.destroy()));
  const addresses = [await startServer(t, authority, false)];
  for (const server of [ends, silent]) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => server.close());
    addresses.push(`127.0.0.1:${(server.address() as AddressInfo).port}`);
  }
  for (const address of addresses) {
    assert.equal(await tlsRefusal(address, { ca: authority.text }, AbortSignal.timeout(500)), undefined, address);
  }
});

test('a server whose first byte is TLS is asked so', async (t) => {
  const authority = makeAuthority(t);
  const { text, key } = authority.issue();
  const options: TlsOptions = { cert: text, key: readFileSync(key), ca: authority.text, requestCert: true };
  const server = createTlsServer(options, (socket) => socket.on('error', () => {}).write('INFO {}\r\n'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const error = await tlsRefusal(address, { ca: authority.text, handshakeFirst: true }, NEVER);
  assert.match(String((error as NodeJS.ErrnoException | undefined)?.code), /ALERT|ECONNRESET/);
});
