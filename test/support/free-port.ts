import { once } from 'node:events';
import { createServer } from 'node:net';

/** Who asks a system for any port gets one above these, so that one of them stays free until it is used. */
const LOWEST = 10_000;
const COUNT = 20_000;

/** A port of the loopback address without a listener. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = LOWEST + Math.floor(COUNT * Math.random());
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
