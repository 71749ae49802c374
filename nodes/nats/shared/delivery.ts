import type { Node, NodeAPI, NodeMessage } from 'node-red';
import { currentTurn, inNextTurn } from '../../../lib/next-turn';
import { nextMessageId } from './message-ids';

/** A message that contains `count` messages, and who sends it. */
interface Sent {
  message: NodeMessage;
  count: number;
  by: Delivery;
}

/** What all nodes have sent in a turn of the event loop: Node-RED delivers it in the next one. */
let underway: Sent[] = [];
let underwayTurn = 0;

function addUnderway(sent: Sent): void {
  dropArrived();
  if (underway.push(sent) === 1) inNextTurn(dropArrived);
}

function dropArrived(): void {
  if (underwayTurn === currentTurn()) return;
  underway = [];
  underwayTurn = currentTurn();
}

function underwayBy(delivery: Delivery): Sent[] {
  dropArrived();
  return underway.filter(({ by }) => by === delivery);
}

/**
 * Sends messages to the next nodes. While a deploy restarts nodes it holds them; it counts those that do not arrive
 * because the deploy has stopped these nodes together with the sending one.
 */
export class Delivery {
  /** To be sent when the deploy is over. */
  private held: Sent[] | undefined;
  private isCutOff = false;
  /** The number of messages that have not arrived. */
  lost = 0;

  constructor(
    private readonly RED: NodeAPI,
    private readonly node: Node,
  ) {}

  /** Sends a message that contains `count` messages. */
  send(message: NodeMessage, count: number): void {
    if (this.isCutOff) {
      this.lost += count;
      return;
    }
    message._msgid = nextMessageId(this.RED);
    this.pass({ message, count, by: this });
  }

  /** A deploy is about to stop nodes: holds all messages until `release`, also those in flight to stopped nodes. */
  hold(): void {
    this.held ??= [];
    // A deploy stops the nodes in one go; only after that is it known which ones stay.
    queueMicrotask(() => {
      if (!this.held || this.hasReceivers()) return;
      this.held.unshift(...underwayBy(this));
      underway = underway.filter(({ by }) => by !== this);
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
    addUnderway(sent);
  }

  /** Returns whether all next nodes have been stopped for good: Node-RED silently drops messages to them. */
  checkReceivers(): boolean {
    this.isCutOff = !this.hasReceivers();
    if (!this.isCutOff) this.release();
    else for (const { count } of [...underwayBy(this), ...(this.held ?? [])]) this.lost += count;
    return this.isCutOff;
  }

  private hasReceivers(): boolean {
    const receivers = (this.node as Node & { wires: string[][] }).wires.flat();
    return receivers.length === 0 || receivers.some((id) => this.RED.nodes.getNode(id));
  }
}
