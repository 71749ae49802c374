import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';
import type { Certificate } from './certificates';

/** A man in the middle between clients and a server. */
interface Middle {
  port: number;
  /** Closes all connections; clients may reconnect. */
  hangUp(): void;
}

/** Forwards connections until the test ends; `change` may change the server's INFO. */
export async function startMiddle(
  t: TestContext,
  to: number,
  change: (info: string) => string,
  certificate?: Certificate,
): Promise<Middle> {
  const clients = new Set<Socket>();
  const onClient = (client: Socket) => {
    const server = createConnection(to, '127.0.0.1');
    clients.add(client);
    client.on('error', () => {}).on('close', () => server.destroy());
    server.on('error', () => {}).on('close', () => client.destroy());
    client.pipe(server);
    server.once('data', (info: Buffer) => {
      client.write(Buffer.from(change(info.toString('latin1')), 'latin1'));
      server.pipe(client);
    });
  };
  const middle = certificate
    ? createTlsServer({ cert: certificate.text, key: readFileSync(certificate.key) }, onClient)
    : createServer(onClient);
  const hangUp = () => {
    for (const client of clients) client.destroy();
    clients.clear();
  };
  middle.on('tlsClientError', () => {});
  middle.listen(0, '127.0.0.1');
  await once(middle, 'listening');
  t.after(() => {
    hangUp();
    middle.close();
  });
  return { port: (middle.address() as AddressInfo).port, hangUp };
}
