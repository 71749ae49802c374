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
  /** Its last message has failed. */
  'unsuccessful',
  /** A stream or consumer on the server is not as its settings say. */
  'differs',
  /** Its consumer is not as its settings say. */
  'mismatch',
  /** Nothing says when a message is done. */
  'unacknowledged',
  /** Others cannot find its service. */
  'undiscoverable',
  /** None of the others. */
  'state',
] as const;

export type Condition = (typeof CONDITIONS)[number];

const UNSUCCESSFUL = CONDITIONS.indexOf('unsuccessful');

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

  /** Returns whether one of the conditions was there. */
  clear(...conditions: Condition[]): boolean {
    const ended = conditions.filter((condition) => this.conditions.delete(condition));
    // What has failed under a more important condition may succeed now.
    if (ended.some((condition) => CONDITIONS.indexOf(condition) < UNSUCCESSFUL)) this.conditions.delete('unsuccessful');
    this.show();
    return ended.length > 0;
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
