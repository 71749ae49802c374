import type { MsgHdrs } from 'nats';
import type { NodeMessage } from 'node-red';
import { CodedError } from '../../lib/coded-error';
import { textField, variableName } from '../../lib/field';
import { encodeHeaders, parseHeaders } from '../../lib/nats/headers';
import type { Environment } from '../../lib/nats/options';
import { checkPublishSubject } from '../../lib/nats/subject';

/** Node-RED puts in the value of an environment variable, and leaves one that is not set as it is. Throws `BAD_ENV`. */
export function checkVariables(def: object): void {
  for (const [field, value] of Object.entries(def)) {
    const name = variableIn(field, value);
    if (name) throw new CodedError('BAD_ENV', { name });
  }
}

/** Puts variables into settings that have not been deployed, as Node-RED will. Throws `BAD_ENV` for one that is not set. */
export function withVariables<T extends object>(def: T, env: Environment): T {
  const entries = Object.entries(def).map(([field, value]) => {
    const name = variableIn(field, value);
    return [field, (name && env(name)) ?? value];
  });
  const filled = Object.fromEntries(entries) as T;
  checkVariables(filled);
  return filled;
}

/** The name of the variable that a field consists of. The name of a node is a label. */
function variableIn(field: string, value: unknown): string | undefined {
  return field !== 'name' && typeof value === 'string' ? variableName(value) : undefined;
}

/** A field of a message, or of one of the messages that are in it. */
export type Field<T> = (msg: NodeMessage, index?: number) => T;

/** The subject of a message: the node's own, checked once, or else `msg.topic`; of a batch, that in `msg.topics`. */
export function subjectField(subject: string | undefined): Field<string> {
  if (!subject) {
    return (msg, index) => checkPublishSubject((index !== undefined && elementOf(msg.topics, index)) || msg.topic);
  }
  const own = checkPublishSubject(subject);
  return () => own;
}

/** The headers fields of a sending node; a missing type means none. */
export interface HeadersFields {
  headers?: string;
  headersType?: 'none' | 'msg' | 'json';
}

/** The headers of a message: none, those of a message property, or the node's own, encoded once. */
export function headersField(RED: { util: PropertyReader }, fields: HeadersFields): Field<MsgHdrs | undefined> {
  if (fields.headersType === 'msg') {
    const property = propertyField(RED, fields.headers || 'headers');
    return (msg, index) => encodeHeaders(property(msg, index));
  }
  if (fields.headersType === 'json') {
    const own = encodeHeaders(parseHeaders(textField(fields.headers)));
    return () => own;
  }
  return () => undefined;
}

/** A property of a message; of a batch an element, where it is a list. */
export function propertyField(RED: { util: PropertyReader }, property: string): Field<unknown> {
  // Node-RED reads the path anew each time.
  const isName = /^[a-z_]\w*$/i.test(property);
  return (msg, index) => {
    const value = isName ? (msg as Record<string, unknown>)[property] : RED.util.getMessageProperty(msg, property);
    return index === undefined || !Array.isArray(value) ? value : value[index];
  };
}

/** An element of a list; of anything else there is none. */
export function elementOf(list: unknown, index: number): unknown {
  return Array.isArray(list) ? list[index] : undefined;
}

interface PropertyReader {
  getMessageProperty(msg: NodeMessage, property: string): unknown;
}
