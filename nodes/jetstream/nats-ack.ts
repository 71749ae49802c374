import type { Node, NodeAPI, NodeDef } from 'node-red';
import type { Verdict } from '../../lib/nats/jetstream/consuming/verdict';
import { NATS_TEXTS } from '../shared/catalogue';
import { onInput } from '../shared/input';

/** The properties of a `nats-ack` in a flow. */
export interface NatsAckDef extends NodeDef {
  /** The id of a `nats-config`, for messages that this Node-RED has not consumed since its start. Required. */
  server: string;
  /**
   * The verdict on a message: it is done (`done`), is delivered again (`again`) or is given up (`giveUp`); with `msg`
   * `msg.verdict` is one of those.
   * @default 'done'
   */
  verdict?: Verdict | 'msg';
  /**
   * With `again`: how long the message waits, in milliseconds, from 0 to 2,147,483,647; 0: longer each time.
   * @default 0
   */
  delayMs?: number | string;
}

export default function register(RED: NodeAPI) {
  function NatsAck(this: Node, def: NatsAckDef) {
    RED.nodes.createNode(this, def);
    onInput(RED, this, NATS_TEXTS, () => {
      // With the first node, not at each start of Node-RED.
      const { acknowledging } = require('./acknowledging') as typeof import('./acknowledging');
      return acknowledging(RED, this, def);
    });
  }
  RED.nodes.registerType('nats-ack', NatsAck);
}
