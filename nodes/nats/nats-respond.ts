import type { Node, NodeAPI, NodeDef } from 'node-red';
import { NATS_TEXTS } from '../shared/catalogue';
import { onInput } from '../shared/input';
import type { AnsweringFields } from './answering';
import type { PublishingFields } from './shared/publishing';

/** The properties of a `nats-respond` in a flow. */
export interface NatsRespondDef extends NodeDef, PublishingFields, AnsweringFields {}

export default function register(RED: NodeAPI) {
  function NatsRespond(this: Node, def: NatsRespondDef) {
    RED.nodes.createNode(this, def);
    onInput(RED, this, NATS_TEXTS, () => {
      // With the first node, not at each start of Node-RED.
      const { responder } = require('./responder') as typeof import('./responder');
      return responder(RED, this, def);
    });
  }
  RED.nodes.registerType('nats-respond', NatsRespond);
}
