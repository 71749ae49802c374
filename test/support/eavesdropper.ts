import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import type { TestContext } from 'node:test';
import { Inbox } from './inbox';

/** A fake server that records the bytes of its clients. */
interface Eavesdropper {
  port: number;
  /** All bytes of each client that has disconnected, in Latin-1. */
  heard: Inbox<string>;
}

/** Greets each client with these fields in its INFO, until the test ends; on a free port by default. */
export async function startEavesdropper(t: TestContext, info: object, port = 0): Promise<Eavesdropper> {
  const heard = new Inbox<string>();
  const greeting = { server_id: 'N', version: '2.10.0', proto: 1, headers: true, max_payload: 1048576, ...info };
  const server = createServer((socket) => {
    let bytes = '';
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      bytes += chunk;
      // Answers a client that speaks plain text, and rejects one that begins with TLS.
      if (!bytes.startsWith('CONNECT')) socket.end('this is no TLS\r\n');
      else if (chunk.includes('PING')) socket.write('PONG\r\n');
    });
    socket.on('error', () => {});
    socket.on('close', () => heard.put(bytes));
    socket.write(`INFO ${JSON.stringify(greeting)}\r\n`);
    t.after(() => socket.destroy());
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return { port: (server.address() as AddressInfo).port, heard };
}
