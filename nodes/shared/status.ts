import { isDeepStrictEqual } from 'node:util';
import type { Node, NodeStatus } from 'node-red';

/** The conditions of a node, the most important first. */
const CONDITIONS = [
  /** Its settings are invalid, or its device fails. */
  'failed',
  /** The server refuses the connection. */
  'refused',
  /** The server denies it a permission. */
  'denied',
  /** Its device, or what else it needs, does not exist. */
  'missing',
  /** It receives more than the flow can process. */
  'slow',
  /** It drops messages. */
  'dropped',
  /** It is not connected. */
  'disconnected',
  /** It has received its maximum number of messages. */
  'stopped',
  /** The stream that it needs cannot be used. */
  'unusable',
  /** Its consumer cannot be used. */
  'halted',
  /** A stream or consumer on the server is not as its settings say. */
  'differs',
  /** Its consumer is not as its settings say. */
  'mismatch',
  /** Nothing says when a message is done. */
  'unacknowledged',
  /** None of the others. */
  'state',
] as const;

export type Condition = (typeof CONDITIONS)[number];

/** The status of a node: its most important condition, sent on each change until the node closes. */
export class Status {
  private readonly conditions = new Map<Condition, NodeStatus>();
  private shown: NodeStatus | undefined;
  private isClosed = false;

  constructor(private readonly node: Node) {
    // Node-RED stores a status under the node's id, and the node that replaces it at a deploy has the same id.
    node.on('close', () => {
      this.isClosed = true;
    });
  }

  /** Returns whether the condition has changed. */
  set(condition: Condition, status: NodeStatus): boolean {
    if (isDeepStrictEqual(status, this.conditions.get(condition))) return false;
    this.conditions.set(condition, status);
    this.show();
    return true;
  }

  clear(...conditions: Condition[]): void {
    for (const condition of conditions) this.conditions.delete(condition);
    this.show();
  }

  private show(): void {
    if (this.isClosed) return;
    const condition = CONDITIONS.find((condition) => this.conditions.has(condition));
    const status = (condition && this.conditions.get(condition)) ?? {};
    if (isDeepStrictEqual(status, this.shown)) return;
    this.shown = status;
    this.node.status(status);
  }
}

const statuses = new WeakMap<Node, Status>();

/** The only writer of a node's status. Must first be called while the node is created. */
export function statusOf(node: Node): Status {
  const status = statuses.get(node) ?? new Status(node);
  statuses.set(node, status);
  return status;
}
