import type { Node, NodeAPI } from 'node-red';
import { NATS_TEXTS } from '../../shared/catalogue';
import { type Status, statusOf } from '../../shared/status';

/** The count in the status is updated no more often than this. */
const REFRESH_MS = 1000;

/** Counts the messages that a node drops while it is disconnected. */
export class Drops {
  private readonly status: Status;
  private dropped = 0;
  private refresh: NodeJS.Timeout | undefined;

  constructor(
    private readonly RED: NodeAPI,
    private readonly node: Node,
  ) {
    this.status = statusOf(node);
    node.on('close', () => this.report());
  }

  /** Counts one message. */
  add(): void {
    this.dropped++;
    this.refresh ??= setTimeout(() => this.show(), REFRESH_MS);
  }

  /** Logs the count and resets it: the connection is back, or the node closes. */
  report(): void {
    clearTimeout(this.refresh);
    this.refresh = undefined;
    this.status.clear('dropped');
    if (this.dropped === 0) return;
    this.node.warn(this.RED._(`${NATS_TEXTS}:log.dropped`, { messages: this.dropped }));
    this.dropped = 0;
  }

  private show(): void {
    this.refresh = undefined;
    const text = this.RED._(`${NATS_TEXTS}:status.dropped`, { messages: this.dropped });
    this.status.set('dropped', { fill: 'red', shape: 'ring', text });
  }
}
