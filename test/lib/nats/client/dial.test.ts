import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import type { CodedError } from '../../../../lib/coded-error';
import { startNatsServer } from '../../../../scripts/nats-server';
import { makeAuthority, makeCertificate } from '../../../support/certificates';
import { dialServer } from '../../../support/dial';
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
  await assert.rejects(dialServer(t, first.port), { code: 'AUTH' });
});

test('a certificate must name the dialled host or address', async (t) => {
  const authority = makeAuthority();
  const names: [host: string, names: string, isNamed: boolean][] = [
    ['127.0.0.1', 'IP:127.0.0.1', true],
    ['127.0.0.1', 'IP:127.0.0.2', false],
    ['127.0.0.1', 'DNS:localhost', false],
    ['localhost', 'DNS:localhost', true],
    ['localhost', 'IP:127.0.0.1', false],
  ];
  for (const [host, named, isNamed] of names) {
    const { cert, key } = authority.issue({ names: named });
    const server = await startNatsServer({ config: `tls { cert_file: "${cert}", key_file: "${key}" }` });
    t.after(() => server.stop());
    const dialled = dialServer(t, server.port, { tls: { ca: authority.text } }, {}, host);
    if (isNamed) await dialled;
    else await assert.rejects(dialled, { text: 'TLS', message: /cert/ }, `${host} ${named}`);
  }
});

test('the server name of a TLS configuration replaces the host', async (t) => {
  const authority = makeAuthority();
  const { cert, key } = authority.issue({ names: 'DNS:nats.lan' });
  const server = await startNatsServer({ config: `tls { cert_file: "${cert}", key_file: "${key}" }` });
  t.after(() => server.stop());
  await dialServer(t, server.port, { tls: { ca: authority.text, servername: 'nats.lan' } as object });
});

test('the error for a certificate of an unknown authority says what to do', async (t) => {
  const { cert, key } = makeCertificate();
  const server = await startNatsServer({ config: `tls { cert_file: "${cert}", key_file: "${key}" }` });
  t.after(() => server.stop());
  await assert.rejects(dialServer(t, server.port, { tls: {} }), { text: 'TLS-untrusted' });
});

test('the error for a server without TLS that is dialled with TLS first says what to do', async (t) => {
  const server = await startNatsServer();
  t.after(() => server.stop());
  await assert.rejects(dialServer(t, server.port, { tls: { handshakeFirst: true } }), (error: CodedError) => {
    assert.equal(error.text, 'TLS-first');
    assert.doesNotMatch(String(error.values.reason), /[\n]|[\dA-F]{8}|\.c:/);
    return true;
  });
});

for (const [what, onClient] of [
  ['closes at once', (client) => client.end()],
  ['is silent', () => {}],
] as [string, (client: Socket) => void][]) {
  test(`the error for a server that ${what} instead of greeting says what to do`, async (t) => {
    const server = createServer((client) => onClient(client.on('error', () => {}).resume()));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => server.close());
    const { port } = server.address() as AddressInfo;
    await assert.rejects(dialServer(t, port, { timeout: 200 }), { text: 'UNREACHABLE-greeting' });
  });
}

test('each address of a name is dialled, and a refusal is the reason', async (t) => {
  const server = await startNatsServer({ config: 'authorization { token: secret }' });
  t.after(() => server.stop());
  // Whichever addresses localhost has here, the server listens on one of them.
  await assert.rejects(dialServer(t, server.port, {}, {}, 'localhost'), { code: 'AUTH' });
});
