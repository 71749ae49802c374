import type { NodeMessage } from 'node-red';
import { CodedError, shown } from '../../lib/coded-error';
import type { KvEntry, Operation } from '../../lib/nats/jetstream/kv/entry';
import { checkKey, checkKeyFilter } from '../../lib/nats/jetstream/kv/key';
import type { KvBucket } from '../../lib/nats/jetstream/kv/kv-bucket';
import { decodePayload, detached, encodePayload, type Output } from '../../lib/nats/message/payload';
import { textSetting } from '../../lib/setting';

export const ACTIONS = ['get', 'put', 'create', 'update', 'delete', 'purge', 'keys', 'history'] as const;
export type Action = (typeof ACTIONS)[number];

/** A message as far as the actions read and change it. */
export type KvMessage = NodeMessage & { action?: unknown; key?: unknown; nats?: unknown };

/** A node's bucket and settings. */
export interface BucketUse {
  bucket: KvBucket;
  /** Its name. */
  name: string;
  /** The node's own key; empty: the message's. */
  key: string;
  output: Output;
}

/** One entry of a key, as flows see it beside its value. */
interface Told {
  key: string;
  /** 0: there is none. */
  revision: number;
  operation?: Operation;
  time?: string;
}

/** Returns `msg.action`, or throws `BAD_ACTION`. */
export function actionIn({ action }: KvMessage): Action {
  const known = ACTIONS.find((one) => one === action);
  if (known) return known;
  throw new CodedError('BAD_ACTION-choice', { action: shown(action), choices: ACTIONS.join(', ') });
}

/** Returns the node's own key, checked. Throws `BAD_KEY`. */
export function ownKey(value: string | undefined, action: Action | 'msg'): string {
  const key = textSetting(value);
  if (key === '') return '';
  // With `msg`, an action may be one that takes a filter.
  return action === 'keys' || action === 'msg' ? checkKeyFilter(key) : checkKey(key);
}

/** Does something with a bucket and resolves with the changed message. Rejects as the methods of `KvBucket` do. */
export async function act<M extends KvMessage>(use: BucketUse, action: Action, msg: M): Promise<M> {
  const { bucket, output } = use;
  if (action === 'keys') {
    msg.payload = await bucket.keys(textSetting(use.key || msg.key, '>'));
    return tell(use, msg, {});
  }
  const key = checkKey(use.key || firstOf(msg.key, msg.topic));
  switch (action) {
    case 'get': {
      const entry = await bucket.get(key);
      msg.payload = entry && decodePayload(entry.data, output);
      if (entry?.headers) (msg as NodeMessage).headers = entry.headers;
      else delete msg.headers;
      msg.topic = key;
      return tell(use, msg, entry ? told(entry) : { key, revision: 0 });
    }
    case 'history': {
      const entries = await bucket.history(key);
      msg.payload = entries.map((entry) => ({ ...told(entry), payload: payloadOf(entry, output) }));
      msg.topic = key;
      return tell(use, msg, { key });
    }
    case 'delete':
    case 'purge':
      return tellChange(use, msg, { key, revision: await bucket[action](key), operation: action });
    default: {
      const data = detached(encodePayload(msg.payload), msg.payload);
      const revision =
        action === 'update' ? await bucket.update(key, data, revisionIn(msg)) : await bucket[action](key, data);
      return tellChange(use, msg, { key, revision, operation: 'put' });
    }
  }
}

/** An entry without its value. */
export function told({ key, revision, operation, time }: KvEntry): Told {
  return { key, revision, operation, time };
}

/** The value of an entry; `undefined` for the marker of a deletion. */
export function payloadOf({ data, operation }: KvEntry, output: Output): unknown {
  return operation === 'put' ? decodePayload(data, output) : undefined;
}

function tellChange<M extends KvMessage>(use: BucketUse, msg: M, told: Told): M {
  msg.topic = told.key;
  return tell(use, msg, told);
}

/** The handle of a consumed message stays, so that it can be acknowledged later. */
function tell<M extends KvMessage>(use: BucketUse, msg: M, told: Partial<Told>): M {
  const { nats } = msg as { nats?: { ack?: unknown } };
  const isConsumed = typeof nats === 'object' && nats !== null && typeof nats.ack === 'string';
  const { ack, stream, consumer, sequence, delivered, pending } = (isConsumed ? nats : {}) as Record<string, unknown>;
  const origin = isConsumed ? { stream, consumer, sequence, delivered, pending, ack } : {};
  msg.nats = { ...origin, bucket: use.name, ...told };
  return msg;
}

/** The revision of the value that is to be replaced; `update` checks it. */
function revisionIn({ nats }: KvMessage): number {
  return (nats as { revision?: number } | null | undefined)?.revision as number;
}

function firstOf(...values: unknown[]): unknown {
  return values.find((value) => value !== undefined && value !== null && value !== '');
}
