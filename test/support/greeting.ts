import { once } from 'node:events';
import { createConnection } from 'node:net';

/** The first data that a server sends. */
export async function greetingOf(port: number): Promise<string> {
  const socket = createConnection(port, '127.0.0.1').setEncoding('utf8');
  const [greeting] = await once(socket, 'data');
  socket.destroy();
  return greeting;
}
