import type { Node, NodeAPI, NodeMessage } from 'node-red';
import { CodedError, shown } from '../../lib/coded-error';
import type { Connection } from '../../lib/nats/connection/connection';
import { type AutoId, AutoIds, type Origin, type Parts } from '../../lib/nats/jetstream/auto-ids';
import { jetStreamOf } from '../../lib/nats/jetstream/jetstream';
import type { Expectation, Stored } from '../../lib/nats/jetstream/stored-publishing';
import { choiceSetting } from '../../lib/setting';
import { elementOf, propertyReader, type Reader } from './shared/message-readers';
import type { Send } from './shared/publishing';
import { useStream } from './shared/use-stream';

/** The properties of a `nats-publish` in a flow that matter if a stream is to store its messages. */
export interface StoringFields {
  /** The id of a `nats-stream`; empty: whichever stream has the subject. */
  stream?: string;
  /**
   * With `messageIdType` `msg` the message property that contains the id, by default `messageId`.
   * @default ''
   */
  messageId?: string;
  /**
   * Where the id of a message comes from, by which a stream stores it only once: `auto` (that of the consumed message
   * which it was made from, else a random one), `msg` (the message), or `none`.
   * @default 'auto'
   */
  messageIdType?: 'auto' | 'msg' | 'none';
}

/** Sends messages that complete when a stream has stored them; `msg.nats.stored` then says where. */
export function storing(RED: NodeAPI, node: Node, fields: StoringFields, connection: Connection): Send {
  const idOf = idReader(RED, node, fields);
  const expectationOf = propertyReader(RED, 'expect');
  const stream = fields.stream ? useStream(RED, node, fields.stream, connection) : undefined;
  const { storing } = jetStreamOf(connection);
  return (publication, msg, index, outcome) => {
    const expect = checkExpectation(expectationOf(msg, index));
    const { id, isNew } = idOf(msg, index);
    storing.publish(publication, { id, isNew, stream, expect }, (error, stored) => {
      if (stored) tell(msg, index, stored);
      outcome(error);
    });
  };
}

/** A message's id, and whether it must be new to the stream. */
function idReader(RED: NodeAPI, node: Node, fields: StoringFields): Reader<Partial<AutoId> & { isNew: boolean }> {
  const type = choiceSetting('messageIdType', fields.messageIdType, ['auto', 'msg', 'none'], 'auto');
  if (type === 'none') return () => ({ isNew: false });
  if (type === 'msg') {
    const property = propertyReader(RED, fields.messageId || 'messageId');
    return (msg, index) => ({ id: checkId(property(msg, index)), isNew: false });
  }
  const ids = new AutoIds(node.id);
  return (msg, index) => {
    const { nats, parts } = msg as { nats?: unknown; parts?: Parts };
    const origin = index === undefined || !Array.isArray(nats) ? nats : nats[index];
    return ids.next(isObject(origin) ? origin : undefined, parts);
  };
}

function checkId(value: unknown): string {
  const id = typeof value === 'number' ? String(value) : value;
  if (typeof id === 'string' && /^[^\r\n\0]+$/.test(id.trim())) return id.trim();
  throw new CodedError('BAD_MESSAGE_ID', { value: shown(value) });
}

/** The kinds of the values in `msg.expect`. */
const EXPECTED: Record<keyof Expectation, (value: unknown) => boolean> = {
  lastSequence: isSequence,
  lastSubjectSequence: isSequence,
  lastMessageId: isText,
  stream: isText,
};

/** Returns `msg.expect`, or throws `BAD_EXPECT`. */
function checkExpectation(value: unknown): Expectation | undefined {
  if (value === undefined || value === null) return undefined;
  const isValid =
    isObject(value) &&
    Object.entries(value).every(([name, expected]) => EXPECTED[name as keyof Expectation]?.(expected));
  if (!isValid) throw new CodedError('BAD_EXPECT', { value: shown(value) });
  return value as Expectation;
}

function isObject(value: unknown): value is Origin & object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSequence(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && /^[^\r\n\0]+$/.test(value);
}

/** Adds where a message is stored; in a batch, `msg.nats` is a list. */
function tell(msg: NodeMessage & { nats?: unknown }, index: number | undefined, stored: Stored): void {
  if (index === undefined) {
    msg.nats = { ...(msg.nats as object), stored };
    return;
  }
  const list: unknown[] = Array.isArray(msg.nats) ? msg.nats : [];
  list[index] = { ...(elementOf(list, index) as object), stored };
  msg.nats = list;
}
