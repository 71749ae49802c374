import { connect, type NatsConnection } from 'nats';
import type { KnownConnection } from '../../../scripts/monitoring';
import type { NatsServer } from '../../../scripts/nats-server';
import type { Hear } from './site';

const SUBJECT = 'chaos.>';

/** A witness as its server reports it. */
export const WITNESS: KnownConnection = { name: 'witness', subscriptions: [SUBJECT] };

/** As the witness signs in where the server has users. */
export const WITNESS_USER = { user: 'witness', password: 'witness' };

/** Starts a connection that hears what is published to `chaos.>`, until its server ends. */
export async function startWitness({ url }: NatsServer, hear: Hear, number = 0): Promise<NatsConnection> {
  const witness = await connect({
    servers: url,
    name: WITNESS.name,
    reconnect: false,
    user: WITNESS_USER.user,
    pass: WITNESS_USER.password,
  });
  witness.subscribe(SUBJECT, { callback: (_, { subject, data }) => hear(subject, data, number) });
  await witness.flush();
  return witness;
}
