import type { Node, NodeAPI, NodeDef } from 'node-red';
import type { Output } from '../../lib/nats/message/payload';
import { NATS_TEXTS } from '../shared/catalogue';
import { onInput } from '../shared/input';
import type { HeadersFields } from './shared/message-readers';

/** The properties of a `nats-request` in a flow. */
export interface NatsRequestDef extends NodeDef, HeadersFields {
  /** The id of a `nats-config`. Required. */
  server: string;
  /**
   * The subject; empty: `msg.topic`.
   * @default ''
   */
  subject?: string;
  /**
   * The total time to wait for replies, in milliseconds, from 1 to 2,147,483,647.
   * @default 2000
   */
  timeoutMs?: number | string;
  /**
   * Whether the first reply is sent on (`one`), or all that arrive in time (`many`).
   * @default 'one'
   */
  replies?: 'one' | 'many';
  /**
   * With `many`: the number of replies that ends the wait, a whole number from 0 to 2,147,483,647; 0: no limit.
   * @default 0
   */
  count?: number | string;
  /**
   * With `many`: the pause after a reply that ends the wait, in milliseconds, from 0 to 2,147,483,647; 0: no limit.
   * @default 0
   */
  stallMs?: number | string;
  /**
   * The form of `msg.payload`: `auto` (text, a parsed JSON object or array, or a Buffer), `string`, `buffer` or
   * `json`.
   * @default 'auto'
   */
  output?: Output;
  /**
   * With `one`: whether the reply subject has two tokens, for responders that refuse three.
   * @default false
   */
  flatInbox?: boolean;
}

export default function register(RED: NodeAPI) {
  function NatsRequest(this: Node, def: NatsRequestDef) {
    RED.nodes.createNode(this, def);
    onInput(RED, this, NATS_TEXTS, () => {
      // With the first node, not at each start of Node-RED.
      const { requester } = require('./requester') as typeof import('./requester');
      return requester(RED, this, def);
    });
  }
  RED.nodes.registerType('nats-request', NatsRequest);
}
