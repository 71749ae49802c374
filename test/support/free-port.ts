import { startNatsServer } from '../../scripts/nats-server';

/** A port without a listener. */
export async function freePort(): Promise<number> {
  const server = await startNatsServer();
  await server.stop();
  return server.port;
}
