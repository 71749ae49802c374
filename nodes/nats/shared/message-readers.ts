import type { NodeMessage } from 'node-red';
import { encodeHeaders, parseHeaders } from '../../../lib/nats/message/headers';
import { checkPublishSubject } from '../../../lib/nats/message/subject';
import { textSetting } from '../../../lib/setting';

/** Reads a value from a message, or from one of the messages in a batch. */
export type Reader<T> = (msg: NodeMessage, index?: number) => T;

/** The subject: the node's own, checked once, or else the message's `topic` or, in a batch, an element of `topics`. */
export function subjectReader(subject: string | undefined): Reader<string> {
  if (!subject) {
    return (msg, index) => checkPublishSubject((index !== undefined && elementOf(msg.topics, index)) || msg.topic);
  }
  const own = checkPublishSubject(subject);
  return () => own;
}

/** The properties of a sending node in a flow that concern headers. */
export interface HeadersFields {
  /**
   * With `headersType` `json` the headers, a JSON object; with `msg` the message property that contains them, by
   * default `headers`.
   * @default ''
   */
  headers?: string;
  /**
   * Where the headers come from: `none`, `msg` (the message) or `json` (this node).
   * @default 'none'
   */
  headersType?: 'none' | 'msg' | 'json';
}

/** The encoded headers: none, those in a message property, or the node's own. */
export function headersReader(RED: { util: PropertyReader }, fields: HeadersFields): Reader<Uint8Array | undefined> {
  if (fields.headersType === 'msg') {
    const property = propertyReader(RED, fields.headers || 'headers');
    return (msg, index) => encodeHeaders(property(msg, index));
  }
  if (fields.headersType === 'json') {
    const own = encodeHeaders(parseHeaders(textSetting(fields.headers)));
    return () => own;
  }
  return () => undefined;
}

/** A property of a message, or in a batch an element of that property if it is a list. */
export function propertyReader(RED: { util: PropertyReader }, property: string): Reader<unknown> {
  // Node-RED would parse the path each time.
  const isName = /^[a-z_]\w*$/i.test(property);
  return (msg, index) => {
    const value = isName ? (msg as Record<string, unknown>)[property] : RED.util.getMessageProperty(msg, property);
    return index === undefined || !Array.isArray(value) ? value : value[index];
  };
}

/** An element of a list; `undefined` for anything else. */
export function elementOf(list: unknown, index: number): unknown {
  return Array.isArray(list) ? list[index] : undefined;
}

interface PropertyReader {
  getMessageProperty(msg: NodeMessage, property: string): unknown;
}
