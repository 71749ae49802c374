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

/** A message in a flow: its id and `msg.nats`. */
interface InFlow {
  id: string;
  nats: ConsumedFrom | ConsumedFrom[];
}

const ZERO = 0x30;
const NINE = 0x39;
const LOWER_A = 0x61;

/** The number of values that four hexadecimal digits have. */
const PLACES = 0x10000;

/** The messages in the flows, by the number in the last four digits of their ids: cheaper than a Map of the ids. */
let places: (InFlow | undefined)[] | undefined;

/** Messages whose place a later message has taken, by their ids. */
const displaced = new Map<string, InFlow>();

/** Remembers a message that has entered a flow, which may lose `msg.nats`. */
export function rememberHandles(id: string, nats: ConsumedFrom | ConsumedFrom[]): void {
  places ??= new Array(PLACES);
  const place = placeOf(id);
  const former = places[place];
  if (former) displaced.set(former.id, former);
  places[place] = { id, nats };
}

export function forgetHandles(id: string): void {
  if (!places) return;
  const place = placeOf(id);
  if (places[place]?.id === id) places[place] = undefined;
  else displaced.delete(id);
}

/** `msg.nats` of the message in the flow with this id, which may be anything. */
function remembered(id: unknown): ConsumedFrom | ConsumedFrom[] | undefined {
  if (!places || typeof id !== 'string') return undefined;
  const found = places[placeOf(id)];
  return (found?.id === id ? found : displaced.get(id))?.nats;
}

/** The number in the last four hexadecimal digits of an id; any number if the id has other characters there. */
function placeOf(id: string): number {
  let place = 0;
  for (let at = id.length - 4; at < id.length; at++) {
    const code = id.charCodeAt(at);
    place = (place << 4) + (code > NINE ? code - LOWER_A + 10 : code - ZERO);
  }
  return place;
}

/** Where a message comes from: `msg.nats`, unless it has no handle and a message in the flow has the same id. */
export function originOf({ nats, _msgid }: NodeMessage): unknown {
  return handlesIn(nats).handles.length > 0 ? nats : (remembered(_msgid) ?? nats);
}

/** The handles of a message: several if it is a batch, which `isBatch` says; none if there are none. */
export function handlesOf({ nats, _msgid }: NodeMessage): Handles {
  const own = handlesIn(nats);
  const known = own.handles.length > 0 ? undefined : remembered(_msgid);
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
