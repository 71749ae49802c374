import type { NodeDef } from 'node-red';
import type { KvSettings } from '../../lib/nats/jetstream/kv/bucket-config';
import type { Output } from '../../lib/nats/message/payload';
import { countSetting, numberSetting } from '../../lib/setting';
import { type BucketFields, bucketOf, makingOf } from './bucket-settings';
import type { Action } from './kv-actions';

/** The properties of nodes that use the values of a bucket. */
export interface KvFields extends BucketFields {
  /**
   * The form of `msg.payload`: `auto` (text, a parsed JSON object or array, or a Buffer), `string`, `buffer` or
   * `json`.
   * @default 'auto'
   */
  output?: Output;
}

/** The properties of a `nats-kv` in a flow. */
export interface NatsKvDef extends NodeDef, KvFields {
  /**
   * What is done; with `msg` `msg.action` is one of the others.
   * @default 'get'
   */
  action?: Action | 'msg';
  /**
   * The key; empty: `msg.key`, else `msg.topic`. With `keys` which keys, where `*` matches one part and `>` at the end
   * one or more; empty: `msg.key`, else all.
   * @default ''
   */
  key?: string;
  /**
   * Whether `put`, `create` and `update` make a missing bucket. The properties below say how.
   * @default true
   */
  create?: boolean;
  /**
   * How many values of a key it keeps, from 1 to 64.
   * @default 1
   */
  history?: number | string;
  /**
   * How long it keeps a value, in seconds, from 0 to 2,147,483,647; 0: no limit.
   * @default 0
   */
  lifetimeS?: number | string;
  /**
   * Where it keeps values: in files (`file`) or in `memory`.
   * @default 'file'
   */
  storage?: KvSettings['storage'];
  /**
   * How many servers of a cluster have a copy, from 1 to 5.
   * @default 1
   */
  replicas?: number | string;
  /**
   * How long the server may take to answer what reads, in milliseconds, from 1 to 2,147,483,647.
   * @default 5000
   */
  timeoutMs?: number | string;
}

/** Throws `BAD_BUCKET`, `BAD_STREAM`, or an error of `lib/setting`. */
export function kvSettings(def: NatsKvDef): KvSettings {
  return {
    ...bucketOf(def),
    ...makingOf(def),
    history: countSetting('history', def.history, 1, { min: 1, max: 64 }),
    lifetimeMs: 1000 * numberSetting('lifetimeS', def.lifetimeS, 0),
  };
}
