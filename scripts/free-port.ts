import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the ephemeral port ranges of Linux, macOS and Windows: no connection gets one of these ports by chance. */
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
  } catch (error) {
    // On Windows some ranges are reserved.
    if (['EADDRINUSE', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
  server.close();
  await once(server, 'close');
  return true;
}
