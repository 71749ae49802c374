import type { Connection } from '../connection/connection';
import { JetStreamApi } from './api';
import { Exchanges } from './exchanges';
import { StoredPublishing } from './stored-publishing';

/** What the nodes of a connection share of JetStream. */
export class JetStream {
  /** Messages that the server answers: those to store, and acknowledgements. */
  readonly exchanges: Exchanges;
  readonly storing: StoredPublishing;

  constructor(private readonly connection: Connection) {
    this.exchanges = new Exchanges(connection);
    this.storing = new StoredPublishing(this.exchanges, this.api());
  }

  /** The API of a domain; by default the server's own. */
  api(domain?: string): JetStreamApi {
    return new JetStreamApi(this.connection, domain);
  }
}

const all = new WeakMap<Connection, JetStream>();

/** The JetStream of a connection. */
export function jetStreamOf(connection: Connection): JetStream {
  const known = all.get(connection) ?? new JetStream(connection);
  all.set(connection, known);
  return known;
}
