import type { Node, NodeAPI, NodeMessage } from 'node-red';
import { messageIds } from './message-ids';

/** A message that contains `count` messages. */
interface Sent {
  message: NodeMessage;
  count: number;
}

/**
 * Sends messages to the next nodes. While a deploy restarts nodes it holds them; it counts those that do not arrive
 * because the deploy has stopped these nodes together with the sending one.
 */
export class Delivery {
  private readonly nextId: () => string;
  /** In flight: Node-RED delivers them in the next turn of the event loop. */
  private underway: Sent[] = [];
  /** To be sent when the deploy is over. */
  private held: Sent[] | undefined;
  private arrival: NodeJS.Immediate | undefined;
  private isCutOff = false;
  /** The number of messages that have not arrived. */
  lost = 0;

  constructor(
    private readonly RED: NodeAPI,
    private readonly node: Node,
  ) {
    this.nextId = messageIds(RED);
  }

  /** Sends a message that contains `count` messages. */
  send(message: NodeMessage, count: number): void {
    if (this.isCutOff) {
      this.lost += count;
      return;
    }
    message._msgid = this.nextId();
    this.pass({ message, count });
  }

  /** A deploy is about to stop nodes: holds all messages until `release`, also those in flight to stopped nodes. */
  hold(): void {
    this.held ??= [];
    // A deploy stops the nodes in one go; only after that is it known which ones stay.
    queueMicrotask(() => {
      if (!this.held || this.hasReceivers()) return;
      this.held.unshift(...this.underway);
      this.underway = [];
    });
  }

  /** Sends what is held. */
  release(): void {
    const held = this.held ?? [];
    this.held = undefined;
    for (const sent of held) this.pass(sent);
  }

  private pass(sent: Sent): void {
    if (this.held) {
      this.held.push(sent);
      return;
    }
    this.node.send(sent.message);
    this.underway.push(sent);
    this.arrival ??= setImmediate(this.onArrival);
  }

  /** Returns whether all next nodes have been stopped for good: Node-RED silently drops messages to them. */
  checkReceivers(): boolean {
    this.isCutOff = !this.hasReceivers();
    if (!this.isCutOff) this.release();
    else for (const { count } of [...this.underway, ...(this.held ?? [])]) this.lost += count;
    return this.isCutOff;
  }

  private hasReceivers(): boolean {
    const receivers = (this.node as Node & { wires: string[][] }).wires.flat();
    return receivers.length === 0 || receivers.some((id) => this.RED.nodes.getNode(id));
  }

  private readonly onArrival = () => {
    this.arrival = undefined;
    this.underway = [];
  };
}
