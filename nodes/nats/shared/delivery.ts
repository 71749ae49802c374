import type { Node, NodeAPI, NodeMessage } from 'node-red';
import { messageIds } from './message-ids';

/** Sends messages to the next nodes, and counts those that do not arrive because a deploy has stopped these nodes. */
export class Delivery {
  private readonly nextId: () => string;
  /** The number of messages in flight: Node-RED delivers them in the next turn of the event loop. */
  private underway = 0;
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
    this.node.send(message);
    this.underway += count;
    this.arrival ??= setImmediate(this.onArrival);
  }

  /** Returns whether all next nodes have been stopped: Node-RED silently drops messages to them. */
  checkReceivers(): boolean {
    const receivers = (this.node as Node & { wires: string[][] }).wires.flat();
    this.isCutOff = receivers.length > 0 && !receivers.some((id) => this.RED.nodes.getNode(id));
    if (this.isCutOff) this.lost += this.underway;
    return this.isCutOff;
  }

  private readonly onArrival = () => {
    this.arrival = undefined;
    this.underway = 0;
  };
}
