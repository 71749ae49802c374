import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { portOwner } from '../../../../lib/nats/server/port-owner';
import { freePort } from '../../../../scripts/free-port';
import { natsServerVersion, startNatsServer } from '../../../../scripts/nats-server';

async function listen(t: TestContext, greet: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    greet(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

test('a free port has no owner', async () => {
  assert.equal(await portOwner(await freePort()), undefined);
});

test('a NATS server tells its version', async (t) => {
  const server = await startNatsServer({ config: 'authorization { token: lovelace }' });
  t.after(server.stop);
  assert.deepEqual(await portOwner(server.port), { version: natsServerVersion() });
});

test('any other program is an owner without a version, whatever it says', async (t) => {
  const greetings: ((socket: Socket) => void)[] = [
    () => {},
    (socket) => socket.end(),
    (socket) => socket.destroy(),
    (socket) => socket.write('220 mail\r\n'),
    (socket) => socket.write('INFO {}\r\n'),
    (socket) => socket.write('INFO {"version":\r\n'),
    (socket) => socket.write('x'.repeat(1_000_000)),
  ];
  for (const greet of greetings) assert.deepEqual(await portOwner(await listen(t, greet)), {}, String(greet));
});
