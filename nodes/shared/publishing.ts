import type { NodeAPI, NodeMessage } from 'node-red';
import { choiceField, numberField, switchField } from '../../lib/field';
import { encodePayload } from '../../lib/nats/payload';
import { type Publication, WHEN_DOWN, type WhenDown } from '../../lib/nats/publication';
import { type HeadersFields, headersField } from './fields';

/** The fields that `nats-publish` and `nats-respond` share. */
export interface PublishingFields extends HeadersFields {
  whenDown?: WhenDown;
  maxAgeMs?: number | string;
  confirm?: boolean;
}

/** Turns a message into a publication; what is the same for all messages is read once. */
export function publishing(
  RED: NodeAPI,
  fields: PublishingFields,
): (msg: NodeMessage, subject: string, reply?: string) => Publication {
  const headersOf = headersField(RED, fields);
  const whenDown = choiceField('whenDown', fields.whenDown, WHEN_DOWN, 'hold');
  const maxAgeMs = numberField('maxAgeMs', fields.maxAgeMs, 0);
  const confirm = switchField('confirm', fields.confirm, true);
  return (msg, subject, reply) => {
    const headers = headersOf(msg);
    const data = encodePayload(msg.payload);
    return { subject, data, whenDown, maxAgeMs, confirm, ...(reply && { reply }), ...(headers && { headers }) };
  };
}
