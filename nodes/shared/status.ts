import { isDeepStrictEqual } from 'node:util';
import type { Node, NodeStatus } from 'node-red';

/** What a node can have to show, the most important first. */
const CONDITIONS = [
  /** Its settings or its device cannot be used. */
  'failed',
  /** The server refuses the connection. */
  'refused',
  /** The server denies it a permission. */
  'denied',
  /** What it works on does not exist. */
  'missing',
  /** It receives more than the flow can process. */
  'slow',
  /** It drops messages. */
  'dropped',
  /** It is not connected. */
  'disconnected',
  /** It has received as many messages as it was set to. */
  'stopped',
  /** What there is to show when none of the others holds. */
  'state',
] as const;

export type Condition = (typeof CONDITIONS)[number];

/** The status of a node: the most important of its conditions, sent when it changes and until the node closes. */
export class Status {
  private readonly conditions = new Map<Condition, NodeStatus>();
  private shown: NodeStatus | undefined;
  private isClosed = false;

  constructor(private readonly node: Node) {
    // Node-RED files a status under the node's id, and the node that a deploy puts in its place has the same.
    node.on('close', () => {
      this.isClosed = true;
    });
  }

  /** Returns whether that is a change. */
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

/** The status of a node, which nothing else may write. Must first be called while the node is created. */
export function statusOf(node: Node): Status {
  const status = statuses.get(node) ?? new Status(node);
  statuses.set(node, status);
  return status;
}
