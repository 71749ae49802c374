import type { NodeMessage } from 'node-red';

/** Where a message comes from, as `msg.nats` tells it. */
export interface ConsumedFrom {
  stream: string;
  consumer: string;
  sequence: number;
  /** When it was stored, ISO 8601 with milliseconds. */
  time: string;
  /** How often it has been delivered, this time included. */
  delivered: number;
  /** How many messages wait behind it. */
  pending: number;
  /** The handle for a verdict, if it is acknowledged. */
  ack?: string;
}

/** `msg.nats` of the messages in the flows, by the ids of the messages. */
const inFlow = new Map<string, ConsumedFrom | ConsumedFrom[]>();

/** Remembers a message that has entered a flow, which may lose `msg.nats`. */
export function rememberHandles(id: string, nats: ConsumedFrom | ConsumedFrom[]): void {
  inFlow.set(id, nats);
}

export function forgetHandles(id: string): void {
  inFlow.delete(id);
}

/** Where a message comes from: `msg.nats`, unless it has no handle and a message in the flow has the same id. */
export function originOf({ nats, _msgid = '' }: NodeMessage): unknown {
  return handlesIn(nats).handles.length > 0 ? nats : (inFlow.get(_msgid) ?? nats);
}

/** The handles of a message: several if it is a batch, which `isBatch` says; none if there are none. */
export function handlesOf({ nats, _msgid = '' }: NodeMessage): Handles {
  const own = handlesIn(nats);
  const known = own.handles.length > 0 ? undefined : inFlow.get(_msgid);
  return known === undefined ? own : handlesIn(known);
}

interface Handles {
  handles: unknown[];
  isBatch: boolean;
}

function handlesIn(nats: unknown): Handles {
  if (!Array.isArray(nats)) {
    const handle = handleIn(nats);
    return { handles: handle === undefined ? [] : [handle], isBatch: false };
  }
  const handles = nats.map(handleIn);
  return { handles: handles.some((handle) => handle !== undefined) ? handles : [], isBatch: true };
}

function handleIn(nats: unknown): unknown {
  return typeof nats === 'object' && nats !== null ? (nats as ConsumedFrom).ack : undefined;
}
