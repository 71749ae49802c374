import type { NodeDef } from 'node-red';
import type { ObjectBucketSettings } from '../../lib/nats/jetstream/objects/object-bucket';
import type { StreamSettings } from '../../lib/nats/jetstream/stream-config';
import { choiceSetting, countSetting, textSetting } from '../../lib/setting';
import { type BucketFields, bucketOf, makingOf } from './bucket-settings';

export const OBJECT_ACTIONS = ['get', 'put', 'info', 'list', 'delete'] as const;
export type ObjectAction = (typeof OBJECT_ACTIONS)[number];

export const OBJECT_OUTPUT = ['buffer', 'string', 'parts'] as const;

/** The properties of a `nats-object` in a flow; each value except `name` and `server` may be `${NAME}`. */
export interface NatsObjectDef extends NodeDef, BucketFields {
  /**
   * What is done with an object: `get`, `put`, `info`, `list` (all objects) or `delete`; with `msg` `msg.action` is one
   * of those.
   * @default 'get'
   */
  action?: ObjectAction | 'msg';
  /**
   * The name of the object; empty: `msg.object`, or else `msg.topic`.
   * @default ''
   */
  object?: string;
  /**
   * The form in which `get` sends an object: a `buffer`, a `string`, or a message for each chunk (`parts`).
   * @default 'buffer'
   */
  output?: (typeof OBJECT_OUTPUT)[number];
  /**
   * The size of the largest object that is read or stored, in bytes, a whole number of at least 1.
   * @default 67108864
   */
  largestBytes?: number | string;
  /**
   * Whether `put` makes the bucket if it is missing.
   * @default true
   */
  create?: boolean;
  /**
   * Where a bucket that is made keeps objects: in files (`file`) or in `memory`.
   * @default 'file'
   */
  storage?: StreamSettings['storage'];
  /**
   * How many servers of a cluster have a copy of a bucket that is made, from 1 to 5.
   * @default 1
   */
  replicas?: number | string;
  /**
   * How long an answer, the next chunk or the next part may take, in milliseconds, from 1 to 2,147,483,647.
   * @default 5000
   */
  timeoutMs?: number | string;
}

/** What a `nats-object` does. */
export interface ObjectSettings {
  bucket: ObjectBucketSettings;
  action: ObjectAction | 'msg';
  /** Empty: that of the message. */
  object: string;
  output: (typeof OBJECT_OUTPUT)[number];
  largestBytes: number;
}

const LARGEST = { min: 1, max: Number.MAX_SAFE_INTEGER };

/** Throws `BAD_BUCKET`, `BAD_STREAM`, or an error of `lib/setting`. */
export function objectSettings(def: NatsObjectDef): ObjectSettings {
  return {
    bucket: { ...bucketOf(def, 'OBJ_'), ...makingOf(def) },
    action: choiceSetting('action', def.action, [...OBJECT_ACTIONS, 'msg'] as const, 'get'),
    object: textSetting(def.object),
    output: choiceSetting('output', def.output, OBJECT_OUTPUT, 'buffer'),
    largestBytes: countSetting('largestBytes', def.largestBytes, 64 * 1024 * 1024, LARGEST),
  };
}
