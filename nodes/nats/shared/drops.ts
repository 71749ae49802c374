import type { Node, NodeAPI, NodeStatus } from 'node-red';
import type { ConnectionState } from '../../../lib/nats/connection/connection';
import { NATS_TEXTS } from '../../shared/catalogue';

/** The count in the status follows no more often. */
const REFRESH_MS = 1000;

/** Counts what a node drops while the server is away, until it is back. */
export class Drops {
  private dropped = 0;
  private refresh: NodeJS.Timeout | undefined;

  constructor(
    private readonly RED: NodeAPI,
    private readonly node: Node,
  ) {
    node.on('close', () => clearTimeout(this.refresh));
  }

  /** One more. */
  add(): void {
    this.dropped++;
    this.refresh ??= setTimeout(() => {
      this.refresh = undefined;
      if (this.dropped > 0) this.node.status(this.shown());
    }, REFRESH_MS);
  }

  /** What there is to say of drops in a state of the connection; a new connection begins anew. */
  status({ name }: ConnectionState): NodeStatus | undefined {
    if (this.dropped === 0) return undefined;
    if (name !== 'connected') return this.shown();
    this.node.warn(this.RED._(`${NATS_TEXTS}:log.dropped`, { messages: this.dropped }));
    this.dropped = 0;
    return undefined;
  }

  private shown(): NodeStatus {
    const text = this.RED._(`${NATS_TEXTS}:status.dropped`, { messages: this.dropped });
    return { fill: 'red', shape: 'ring', text };
  }
}
