import { connect, type NatsConnection } from 'nats';
import type { KnownConnection } from '../../../scripts/monitoring';
import type { NatsServer } from '../../../scripts/nats-server';
import type { Hear } from './site';

const SUBJECT = 'chaos.>';

/** A witness as its server reports it. */
export const WITNESS: KnownConnection = { name: 'witness', subscriptions: [SUBJECT] };

/** Starts a connection that hears what is published to `chaos.>`, until its server ends. */
export async function startWitness({ url }: NatsServer, hear: Hear, number = 0): Promise<NatsConnection> {
  const witness = await connect({ servers: url, name: WITNESS.name, reconnect: false });
  witness.subscribe(SUBJECT, { callback: (_, { subject, data }) => hear(subject, data, number) });
  await witness.flush();
  return witness;
}
