import type { NodeDef } from 'node-red';
import type { BatchLimits } from '../../lib/nats/core/batch';
import {
  checkConsumerName,
  checkFilters,
  checkSince,
  START,
  type Start,
} from '../../lib/nats/jetstream/consuming/consumer';
import { ACK, type ConsumptionSettings } from '../../lib/nats/jetstream/consuming/consumption';
import { OUTPUT, type Output } from '../../lib/nats/message/payload';
import { checkPublishSubject } from '../../lib/nats/message/subject';
import { choiceSetting, countSetting, numberSetting, textSetting } from '../../lib/setting';

/** The properties of a `nats-consume` in a flow. */
export interface NatsConsumeDef extends NodeDef {
  /** The id of a `nats-stream`. Required. */
  stream: string;
  /**
   * The subjects to consume, separated by commas or lines; empty: all that the stream stores. Several need a server of
   * version 2.10 or later.
   * @default ''
   */
  subjects?: string;
  /**
   * The name of a consumer that stays, and that nodes and instances share; empty: one of the node's own.
   * @default ''
   */
  durable?: string;
  /**
   * Where a new consumer begins: with the first message of the stream (`all`), after the last one (`new`), with the last
   * one of each subject (`last`), or at a time (`since`).
   * @default 'all'
   */
  start?: Start;
  /**
   * With `since`: ISO 8601, or a duration before now such as `24h` or `90m`.
   * @default ''
   */
  since?: string;
  /**
   * The form of `msg.payload`: `auto` (text, a parsed JSON object or array, or a Buffer), `string`, `buffer` or
   * `json`.
   * @default 'auto'
   */
  output?: Output;
  /**
   * When a message is done: when a `nats-ack` says so (`explicit`), when it has been sent on (`sent`), or messages are
   * read in order without being acknowledged (`none`).
   * @default 'explicit'
   */
  ack?: (typeof ACK)[number];
  /**
   * How many messages may be in the flow at once, a whole number from 1 to 65,536.
   * @default 25
   */
  atOnce?: number | string;
  /**
   * How long a message may be in the flow, in seconds, from 1 to 2,147,483.
   * @default 600
   */
  mayTakeS?: number | string;
  /**
   * How often a message may enter the flow, a whole number from 0 to 2,147,483,647; 0: no limit.
   * @default 5
   */
  giveUpAfter?: number | string;
  /**
   * The subject under which a message is stored that is given up; empty: it goes to a Catch node.
   * @default ''
   */
  giveUpTo?: string;
  /**
   * The size of a batch, a whole number from 0 to 65,536; 0: no batches.
   * @default 0
   */
  batch?: number | string;
  /**
   * How long the first message of a batch waits for others, in milliseconds, from 0 to 2,147,483,647.
   * @default 10
   */
  batchMs?: number | string;
}

const MAX_COUNT = 65_536;
const MAX_SECONDS = 2_147_483;

/** What a node's fields say. */
export interface ConsumingSettings extends Omit<ConsumptionSettings, 'stream'> {
  output: Output;
  /** A `count` of 0: no batches. */
  batch: BatchLimits;
}

/** Throws `BAD_SUBJECT`, `BAD_CONSUMER`, `BAD_SINCE`, `BAD_CHOICE` or `BAD_NUMBER`. */
export function consumingSettings(def: NatsConsumeDef): ConsumingSettings {
  const ack = choiceSetting('ack', def.ack, ACK, 'explicit');
  const start = choiceSetting('start', def.start, START, 'all');
  const durable = textSetting(def.durable);
  const giveUpTo = textSetting(def.giveUpTo);
  const atOnce = countSetting('atOnce', def.atOnce, 25, { min: 1, max: MAX_COUNT });
  const count = countSetting('batch', def.batch, 0, { max: MAX_COUNT });
  return {
    ack,
    start,
    atOnce,
    subjects: checkFilters(textSetting(def.subjects)),
    since: start === 'since' ? checkSince(textSetting(def.since)) : undefined,
    // Without acknowledgement there is nothing to share.
    durable: durable && ack !== 'none' ? checkConsumerName(durable) : undefined,
    mayTakeMs: 1000 * numberSetting('mayTakeS', def.mayTakeS, 600, { min: 1, max: MAX_SECONDS }),
    giveUpAfter: countSetting('giveUpAfter', def.giveUpAfter, 5),
    giveUpTo: giveUpTo ? checkPublishSubject(giveUpTo) : undefined,
    output: choiceSetting('output', def.output, OUTPUT, 'auto'),
    // No more messages than that come before the first ones are done.
    batch: { count: ack === 'none' ? count : Math.min(count, atOnce), ms: numberSetting('batchMs', def.batchMs, 10) },
  };
}
