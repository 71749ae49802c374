import type { NatsConnection } from 'nats';
import { MAX_BACKLOG_BYTES } from '../../lib/nats/backlog';
import type { NatsServerOptions } from '../../scripts/nats-server';

/** A server that does not give up on whoever reads a flood slowly. */
export const PATIENT_SERVER: NatsServerOptions = { config: 'max_pending: 1GB' };

/** Publishes twice as many messages as wait for a slow flow; resolves with how many, when the server has them. */
export async function flood(nc: NatsConnection, subject: string): Promise<number> {
  const water = 'water'.padEnd(4096);
  const count = 2 * Math.floor(MAX_BACKLOG_BYTES / (subject.length + water.length));
  for (let number = 0; number < count; number++) nc.publish(subject, water);
  await nc.flush();
  return count;
}
