import type { Node, NodeAPI, NodeMessage } from 'node-red';
import { choiceField, numberField, switchField } from '../../lib/field';
import { encodePayload } from '../../lib/nats/payload';
import { WHEN_DOWN, type WhenDown } from '../../lib/nats/publication';
import { Drops } from './drops';
import { type HeadersFields, headersField } from './fields';
import type { Handler } from './input';
import { acting, showDenied, useConnection } from './use-connection';

/** The fields that `nats-publish` and `nats-respond` share. */
export interface PublishingFields extends HeadersFields {
  server: string;
  whenDown?: WhenDown;
  maxAgeMs?: number | string;
  confirm?: boolean;
}

/** Where a message goes to. Both subjects have been checked. */
export interface Target {
  subject: string;
  reply?: string | undefined;
}

/** Publishes each message to its target; one without a target completes quietly. */
export function publishing(
  RED: NodeAPI,
  node: Node,
  fields: PublishingFields,
  targetOf: (msg: NodeMessage) => Target | undefined,
): Handler {
  const headersOf = headersField(RED, fields);
  const whenDown = choiceField('whenDown', fields.whenDown, WHEN_DOWN, 'hold');
  const maxAgeMs = numberField('maxAgeMs', fields.maxAgeMs, 0);
  const confirm = switchField('confirm', fields.confirm, true);
  const drops = new Drops(RED, node);
  const onDropped = () => drops.add();
  const connection = useConnection(RED, node, fields, { status: (state) => drops.status(state) });
  const showing = showDenied(RED, node, connection);
  return acting(connection, (msg, finish) => {
    const target = targetOf(msg);
    if (!target) return finish();
    const { subject, reply } = target;
    const headers = headersOf(msg);
    const data = encodePayload(msg.payload);
    connection.publish({ subject, reply, data, headers, whenDown, maxAgeMs, confirm, onDropped }, showing(finish));
  });
}
