import type { Node, NodeAPI } from 'node-red';
import { CodedError } from '../../../lib/coded-error';
import { NATS_TEXTS, nodeError } from '../../shared/catalogue';
import { type Status, statusOf } from '../../shared/status';

/** Shows that the server denied a sending node a message, until it accepts one or the connection changes. */
export class Denials {
  private readonly status: Status;
  private isDenied = false;

  constructor(
    private readonly RED: NodeAPI,
    node: Node,
  ) {
    this.status = statusOf(node);
  }

  /** Call with the outcome of each message. Most succeed and cost only the check of a boolean. */
  watch(error?: unknown): void {
    if (error === undefined) {
      if (this.isDenied) this.reset();
    } else if (error instanceof CodedError && error.code === 'PERMISSION') {
      this.isDenied = true;
      this.status.set('denied', { fill: 'red', shape: 'dot', text: nodeError(this.RED, NATS_TEXTS, error).message });
    }
  }

  reset(): void {
    this.isDenied = false;
    this.status.clear('denied');
  }
}
