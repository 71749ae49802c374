import type { Node, NodeAPI, NodeMessage } from 'node-red';
import { CodedError, shown } from '../../lib/coded-error';
import type { Connection } from '../../lib/nats/connection/connection';
import type { Publication } from '../../lib/nats/core/publication';
import { type AutoId, AutoIds, type Origin, type Parts } from '../../lib/nats/jetstream/auto-ids';
import { jetStreamOf } from '../../lib/nats/jetstream/jetstream';
import type { Expectation, Stored, StoringOptions } from '../../lib/nats/jetstream/stored-publishing';
import type { Stream } from '../../lib/nats/jetstream/stream';
import { choiceSetting } from '../../lib/setting';
import { originOf } from './shared/handles';
import { propertyReader, type Reader } from './shared/message-readers';
import type { Sending } from './shared/publishing';
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

/** A publication with how it is to be stored. */
type Prepared = Publication & { options: StoringOptions };

/** How a message is stored. A class for the same reason as `Outgoing` in lib/nats/core. */
class Options implements StoringOptions {
  constructor(
    readonly id: string | undefined,
    readonly isNew: boolean,
    readonly stream: Stream | undefined,
    readonly expect: Expectation | undefined,
  ) {}
}

/** Sends messages that complete when a stream has stored them; `msg.nats.stored` then says where. */
export function storing(RED: NodeAPI, node: Node, fields: StoringFields, connection: Connection): Sending {
  const idOf = idReader(RED, node, fields);
  const expectationOf = propertyReader(RED, 'expect');
  const stream = fields.stream ? useStream(RED, node, fields.stream, connection) : undefined;
  const { storing } = jetStreamOf(connection);
  return {
    prepare: (publication, msg, index) => {
      const { id, isNew } = idOf(msg, index);
      const expect = checkExpectation(expectationOf(msg, index));
      (publication as Prepared).options = new Options(id, isNew, stream, expect);
      return publication;
    },
    send: (publication, msg, index, outcome) =>
      storing.publish(publication, (publication as Prepared).options, (error, stored) => {
        if (stored) tell(msg, index, stored);
        outcome(error);
      }),
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
    const nats = originOf(msg);
    const { parts } = msg as { parts?: Parts };
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
const EXPECTED = new Map<string, (value: unknown) => boolean>([
  ['lastSequence', isSequence],
  ['lastSubjectSequence', isSequence],
  ['lastMessageId', isText],
  ['stream', isText],
]);

/** Returns `msg.expect`, or throws `BAD_EXPECT`. */
function checkExpectation(value: unknown): Expectation | undefined {
  if (value === undefined || value === null) return undefined;
  const isValid = isObject(value) && Object.entries(value).every(([name, expected]) => EXPECTED.get(name)?.(expected));
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

/**
 * Adds where a message is stored, or an element of a batch. `msg.nats` stays what it was: a list for messages that were
 * consumed together, each of which is then stored, or one object, which gets a list of where the elements are.
 */
function tell(msg: NodeMessage & { nats?: unknown }, index: number | undefined, stored: Stored): void {
  const { nats } = msg;
  if (index === undefined) {
    msg.nats = Array.isArray(nats) ? nats.map((one) => withStored(one, stored)) : withStored(nats, stored);
  } else if (isObject(nats)) {
    const { stored: others } = nats as { stored?: unknown };
    const list: unknown[] = Array.isArray(others) ? others : [];
    list[index] = stored;
    msg.nats = withStored(nats, list);
  } else {
    const list: unknown[] = Array.isArray(nats) ? nats : [];
    list[index] = withStored(list[index], stored);
    msg.nats = list;
  }
}

/** Not by spreading it, because then each object would get a hidden class of its own in Node.js 20. */
function withStored(nats: unknown, stored: Stored | unknown[]): object {
  return isObject(nats) ? Object.assign({}, nats, { stored }) : { stored };
}
