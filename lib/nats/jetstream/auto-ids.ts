import { nuid } from 'nats';
import { Consumed } from './consuming/consumed';
import { consumedMessages } from './consuming/consumed-messages';
import { isOwnConsumer } from './consuming/consumer';
import { isName } from './names';

/** What a message tells of the stored message that it came from; a flow may have changed it. */
export interface Origin {
  stream?: unknown;
  consumer?: unknown;
  sequence?: unknown;
  time?: unknown;
  delivered?: unknown;
  ack?: unknown;
}

/** Which part of a whole a message is, as the Split node says; a part may have been split again. */
export interface Parts {
  index?: unknown;
  parts?: Parts;
}

/** The id of a message to store, and whether no other message can have it. */
export interface AutoId {
  id: string;
  isNew: boolean;
}

/** One delivery of a stored message. */
interface Delivery {
  /** The server's number; it begins again if the consumer is made again, or if a killed server had not stored it. */
  delivered: unknown;
  /** When the message entered the flow, as long as it is there. */
  since: number | undefined;
}

/** How many more messages of one delivery have been given an id. */
interface Given {
  delivery: Delivery;
  count: number;
  /** Whether there has been another delivery before. */
  isAgain: boolean;
}

/** The largest number of deliveries whose messages are counted. */
const MAX_COUNTED = 65_536;

/**
 * Makes the ids of the messages that a node stores. One that came from a stored message gets the same id whenever that
 * message is delivered, so the server knows it again; any other gets an id of its own.
 */
export class AutoIds {
  private readonly given = new Map<string, Given>();

  /** `node` is the id of the node, which the messages of other nodes do not share. */
  constructor(private readonly node: string) {}

  next(origin: Origin | undefined, parts?: Parts): AutoId {
    const { stream, consumer, sequence, time, delivered, ack } = origin ?? {};
    if (!isName(stream) || typeof sequence !== 'number') return { id: nuid.next(), isNew: true };
    // With its time, because the sequences of a stream that was deleted and made again start at 1 again.
    const whole = `${stream}:${sequence}:${Date.parse(String(time)) || 0}:${this.node}:${pathOf(parts)}`;
    const { count, isAgain } = this.count(whole, { delivered, since: sinceOf(ack) });
    // A consumer of a node's own reads the stream from its start again after a deploy.
    return { id: `${whole}:${count}`, isNew: delivered === 1 && !isAgain && !isOwnConsumer(consumer) };
  }

  /** Counts from 0 in each delivery. */
  private count(whole: string, delivery: Delivery): Given {
    const known = this.given.get(whole);
    if (known && isSame(known.delivery, delivery)) {
      known.count++;
      return known;
    }
    const given = { delivery, count: 0, isAgain: known !== undefined };
    this.given.delete(whole);
    this.given.set(whole, given);
    if (this.given.size > MAX_COUNTED) this.given.delete(this.given.keys().next().value as string);
    return given;
  }
}

function isSame(one: Delivery, other: Delivery): boolean {
  if (one.since !== undefined && other.since !== undefined) return one.since === other.since;
  return one.delivered === other.delivered;
}

/** When the message of a handle entered the flow. */
function sinceOf(handle: unknown): number | undefined {
  const message = consumedMessages.find(handle);
  return message instanceof Consumed ? message.since : undefined;
}

function pathOf(parts: Parts | undefined): string {
  const indexes: (number | undefined)[] = [];
  for (let at = parts; typeof at === 'object' && at !== null && indexes.length < 10; at = at.parts) {
    indexes.unshift(typeof at.index === 'number' ? at.index : undefined);
  }
  return indexes.join('.');
}
