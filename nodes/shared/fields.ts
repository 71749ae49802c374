import type { MsgHdrs } from 'nats';
import type { NodeMessage } from 'node-red';
import { CodedError } from '../../lib/coded-error';
import { encodeHeaders, parseHeaders } from '../../lib/nats/headers';
import { checkPublishSubject } from '../../lib/nats/subject';

/** Node-RED puts in the value of an environment variable, and leaves one that is not set as it is. Throws `BAD_ENV`. */
export function checkVariables(def: object): void {
  for (const value of Object.values(def)) {
    const name = typeof value === 'string' && /^\$\{([^}]+)\}$/.exec(value)?.[1];
    if (name) throw new CodedError('BAD_ENV', { name });
  }
}

/** The subject of a message: the node's own, checked once, or else `msg.topic`. */
export function subjectField(subject: string | undefined): (msg: NodeMessage) => string {
  if (!subject) return (msg) => checkPublishSubject(msg.topic);
  const own = checkPublishSubject(subject);
  return () => own;
}

/** The headers fields of a sending node; a missing type means none. */
export interface HeadersFields {
  headers?: string;
  headersType?: 'none' | 'msg' | 'json';
}

/** The headers of a message: none, those of a message property, or the node's own, encoded once. */
export function headersField(
  RED: { util: PropertyReader },
  fields: HeadersFields,
): (msg: NodeMessage) => MsgHdrs | undefined {
  if (fields.headersType === 'msg') {
    const property = fields.headers || 'headers';
    return (msg) => encodeHeaders(RED.util.getMessageProperty(msg, property));
  }
  if (fields.headersType === 'json') {
    const own = encodeHeaders(parseHeaders(fields.headers));
    return () => own;
  }
  return () => undefined;
}

interface PropertyReader {
  getMessageProperty(msg: NodeMessage, property: string): unknown;
}
