import type { NatsConnection } from 'nats';
import type { KnownConnection } from '../../../scripts/monitoring';

/** The surroundings of the flow: servers, a network in between, and witnesses with direct connections. */
export interface Site {
  /** The addresses for the `nats-config`. */
  servers: string;
  /** The connections that are the site's own. */
  witnesses: KnownConnection[];
  /** All connections of all servers, in the order of their names. */
  connections(): Promise<KnownConnection[]>;
  /** A connection to publish with; another one after a server was restarted. */
  peer(): NatsConnection;
  /** Resolves when the witnesses have received all messages that the servers have for them. */
  flush(): Promise<void>;
  stop(): Promise<void>;
}

/** Receives what a witness hears. Of several witnesses each has a number, and hears every message. */
export type Hear = (subject: string, data: Uint8Array, witness: number) => void;
