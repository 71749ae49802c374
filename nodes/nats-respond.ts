import type { Node, NodeAPI, NodeDef } from 'node-red';
import { checkReplySubject } from '../lib/nats/subject';
import { NATS } from './shared/catalogue';
import { onInput } from './shared/input';
import { type PublishingFields, publishing } from './shared/publishing';
import { showDenied, useConnection } from './shared/use-connection';

export interface NatsRespondDef extends NodeDef, PublishingFields {
  server: string;
}

export default function register(RED: NodeAPI) {
  function NatsRespond(this: Node, def: NatsRespondDef) {
    RED.nodes.createNode(this, def);
    onInput(RED, this, NATS, () => {
      const publication = publishing(RED, def);
      const connection = useConnection(RED, this, def);
      const showing = showDenied(RED, this, connection);
      return (msg, finish) => {
        // Nobody asked for an answer.
        if (msg.reply === undefined || msg.reply === '') return finish();
        connection.publish(publication(msg, checkReplySubject(msg.reply)), showing(finish));
      };
    });
  }
  RED.nodes.registerType('nats-respond', NatsRespond);
}
