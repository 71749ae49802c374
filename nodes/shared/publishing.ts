import type { Node, NodeAPI } from 'node-red';
import { choiceField, numberField, switchField } from '../../lib/field';
import { encodePayload } from '../../lib/nats/payload';
import { type Publication, WHEN_DOWN, type WhenDown } from '../../lib/nats/publication';
import { Drops } from './drops';
import { type Field, type HeadersFields, headersField } from './fields';
import type { Handler } from './input';
import { publishingBatches } from './publishing-batches';
import { acting, showDenied, useConnection } from './use-connection';

/** The fields that `nats-publish` and `nats-respond` share. */
export interface PublishingFields extends HeadersFields {
  server: string;
  whenDown?: WhenDown;
  maxAgeMs?: number | string;
  confirm?: boolean;
  /** Whether an input holds a list of messages. */
  batch?: boolean;
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
  targetOf: Field<Target | undefined>,
): Handler {
  const headersOf = headersField(RED, fields);
  const whenDown = choiceField('whenDown', fields.whenDown, WHEN_DOWN, 'hold');
  const maxAgeMs = numberField('maxAgeMs', fields.maxAgeMs, 0);
  const confirm = switchField('confirm', fields.confirm, true);
  const isBatch = switchField('batch', fields.batch, false);
  const drops = new Drops(RED, node);
  const onDropped = () => drops.add();
  const connection = useConnection(RED, node, fields, { status: (state) => drops.status(state) });
  const watch = showDenied(RED, node, connection);
  const publicationOf: Field<Publication | undefined> = (msg, index) => {
    const target = targetOf(msg, index);
    if (!target) return undefined;
    const { subject, reply } = target;
    const headers = headersOf(msg, index);
    const data = encodePayload(index === undefined ? msg.payload : (msg.payload as unknown[])[index]);
    return { subject, reply, data, headers, whenDown, maxAgeMs, confirm, onDropped };
  };
  if (isBatch) return acting(connection, publishingBatches(RED, connection, publicationOf, watch));
  return acting(connection, (msg, finish) => {
    const publication = publicationOf(msg);
    if (!publication) return finish();
    connection.publish(publication, (error) => {
      watch(error);
      finish(error);
    });
  });
}
