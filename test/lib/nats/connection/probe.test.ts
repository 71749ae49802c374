import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer } from 'node:net';
import { test } from 'node:test';
import { probe } from '../../../../lib/nats/connection/probe';
import { startNatsServer } from '../../../../scripts/nats-server';

test('a probe reports the server and disconnects again', async (t) => {
  const server = await startNatsServer({ config: 'server_name: press\nmax_payload: 65536\nhttp: "127.0.0.1:-1"' });
  t.after(() => server.stop());
  const { roundTripMs, version, ...report } = await probe({ servers: `127.0.0.1:${server.port}` });
  assert.deepEqual(report, { server: 'press', cluster: '', jetstream: false, maxPayload: 65536 });
  assert(roundTripMs > 0);
  assert.match(version, /^\d+\.\d+/);
  const { connections } = await (await fetch(`${server.monitoringUrl}/connz`)).json();
  assert.deepEqual(connections, []);
});

test('a server without a name is reported by its address, not by its random id', async (t) => {
  const server = await startNatsServer();
  t.after(() => server.stop());
  for (const address of [`127.0.0.1:${server.port}`, `localhost:${server.port}`]) {
    assert.equal((await probe({ servers: ['127.0.0.1:1', address] })).server, address);
  }
});

test('a server that is down is unreachable', async () => {
  await assert.rejects(probe({ servers: '127.0.0.1:1' }), { code: 'UNREACHABLE' });
});

test('a host that does not exist has an error of its own', async () => {
  await assert.rejects(probe({ servers: 'nowhere.invalid:4222' }), { text: /^UNREACHABLE-(host|lookup)$/ });
});

test('of several servers the first one that accepts the connection is reported', async (t) => {
  const good = await startNatsServer({ config: 'server_name: good' });
  const strict = await startNatsServer({ config: 'authorization { token: secret }' });
  t.after(() => Promise.all([good.stop(), strict.stop()]));
  const [dead, refusing, taking] = ['127.0.0.1:1', `127.0.0.1:${strict.port}`, `127.0.0.1:${good.port}`];
  for (const servers of [
    [dead, refusing, taking],
    [refusing, taking, dead],
    [taking, dead, refusing],
  ]) {
    assert.equal((await probe({ servers })).server, 'good', servers.join());
  }
  const refused = { code: 'AUTH', values: { servers: refusing, reason: 'Authorization Violation' } };
  await assert.rejects(probe({ servers: [dead, refusing] }), refused);
  await assert.rejects(probe({ servers: [refusing, dead] }), refused);
  const unreachable = { servers: '127.0.0.1:1,127.0.0.1:2', reason: 'connection refused' };
  await assert.rejects(probe({ servers: ['127.0.0.1:1', '127.0.0.1:2'] }), {
    code: 'UNREACHABLE',
    values: unreachable,
  });
});

test('a server that stops answering after connecting is given up after the time-out', async (t) => {
  const server = await startNatsServer();
  const gate = createServer((client) => {
    const upstream = createConnection(server.port, '127.0.0.1').on('error', () => {});
    client.on('error', () => {}).on('close', () => upstream.destroy());
    client.pipe(upstream);
    upstream.on('data', (chunk) => {
      client.write(chunk);
      // It answers only the PING of the connect.
      if (chunk.includes('PONG')) client.unpipe();
    });
  });
  gate.listen(0, '127.0.0.1');
  await once(gate, 'listening');
  t.after(async () => {
    gate.close();
    await server.stop();
  });
  const { port } = gate.address() as AddressInfo;
  const failed = { code: 'UNREACHABLE', message: /timeout/ };
  await assert.rejects(probe({ servers: `127.0.0.1:${port}`, timeout: 300 }), failed);
});

test('a list of silent servers is given up when the time is up', async (t) => {
  let calls = 0;
  const silent = createServer(() => calls++).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  t.after(() => silent.close());
  const { port } = silent.address() as AddressInfo;
  const servers = Array(20).fill(`127.0.0.1:${port}`);
  await assert.rejects(probe({ servers, timeout: 100 }, 500), { code: 'UNREACHABLE', message: /timeout/ });
  assert(calls >= 1 && calls <= 6, `${calls} were asked`);
});
