import type { Node, NodeAPI, NodeDef, NodeMessage } from 'node-red';
import type { CodedError } from '../../lib/coded-error';
import type { KvEntry } from '../../lib/nats/jetstream/kv/entry';
import { checkKeyFilters } from '../../lib/nats/jetstream/kv/key';
import { KvWatch, type KvWatchUser, WATCH_START } from '../../lib/nats/jetstream/kv/kv-watch';
import { OUTPUT, type Output } from '../../lib/nats/message/payload';
import { choiceSetting, switchSetting, textSetting } from '../../lib/setting';
import { Delivery } from '../nats/shared/delivery';
import { useConnection } from '../nats/shared/use-connection';
import { NATS_TEXTS, nodeError } from '../shared/catalogue';
import { watchDeploys } from '../shared/deploys';
import { reportError } from '../shared/report-error';
import { type Status, statusOf } from '../shared/status';
import { bucketOf } from './bucket-settings';
import { payloadOf, told } from './kv-actions';
import type { KvFields } from './kv-settings';
import { Trouble } from './trouble';

/** The properties of a `nats-kv-watch` in a flow. */
export interface NatsKvWatchDef extends NodeDef, KvFields {
  /**
   * Which keys, separated by commas or lines, where `*` matches one part and `>` at the end one or more. Several need a
   * server of version 2.10 or later.
   * @default '>'
   */
  keys?: string;
  /**
   * What is sent first: nothing (`changes`), the values that are there (`values`), or all that the bucket has kept
   * (`history`).
   * @default 'changes'
   */
  start?: (typeof WATCH_START)[number];
  /**
   * Whether deletions are sent as well.
   * @default true
   */
  deletions?: boolean;
}

/** Sends the changes of a bucket into the flow, until its node closes. */
export class Watching implements KvWatchUser {
  private readonly bucket: string;
  private readonly start: (typeof WATCH_START)[number];
  private readonly output: Output;
  private readonly hasDeletions: boolean;
  private readonly delivery: Delivery;
  private readonly trouble: Trouble;
  private readonly status: Status;
  private values = 0;
  private isThrough: boolean;

  /** Throws `BAD_BUCKET`, `BAD_KEY`, an error of the settings, or of those of its server. */
  constructor(
    private readonly RED: NodeAPI,
    private readonly node: Node,
    def: NatsKvWatchDef,
  ) {
    const { bucket, domain } = bucketOf(def);
    this.bucket = bucket;
    this.start = choiceSetting('start', def.start, WATCH_START, 'changes');
    this.output = choiceSetting('output', def.output, OUTPUT, 'auto');
    this.hasDeletions = switchSetting('deletions', def.deletions, true);
    this.isThrough = this.start === 'changes';
    const keys = checkKeyFilters(textSetting(def.keys));
    this.delivery = new Delivery(RED, node);
    this.trouble = new Trouble(RED, node);
    this.status = statusOf(node);
    let watch: KvWatch | undefined;
    const connection = useConnection(RED, node, def, { onClose: async () => watch?.close() });
    watchDeploys(RED, node, {
      onStopping: () => this.delivery.hold(),
      onStarted: () => this.delivery.release(),
    });
    watch = new KvWatch(connection, { bucket, domain, keys, start: this.start }, this);
  }

  onEntry(entry: KvEntry, initial: boolean): void {
    if (initial) this.values++;
    if (entry.operation !== 'put' && !this.hasDeletions) return;
    // The client calls this while it reads, so an error of one message must not reach it.
    try {
      this.delivery.send(this.message(entry, initial, this.output), 1);
    } catch (error) {
      const message = { ...this.message(entry, initial, 'string'), _msgid: this.RED.util.generateId() };
      reportError(this.node, nodeError(this.RED, NATS_TEXTS, error), message);
    }
  }

  onValues(): void {
    this.isThrough = true;
    this.showState();
  }

  onTrouble(error: CodedError | undefined): void {
    this.trouble.show(error);
    if (!error) this.showState();
  }

  private message(entry: KvEntry, initial: boolean, output: Output): NodeMessage {
    const { key, headers } = entry;
    return {
      topic: key,
      payload: payloadOf(entry, output),
      ...(headers && { headers }),
      nats: { bucket: this.bucket, ...told(entry), initial },
    } as NodeMessage;
  }

  private showState(): void {
    const { start, values, isThrough } = this;
    const text =
      start === 'changes'
        ? `${NATS_TEXTS}:status.watching`
        : isThrough
          ? this.RED._(`${NATS_TEXTS}:status.values`, { values })
          : `${NATS_TEXTS}:status.reading`;
    this.status.set('state', { fill: 'green', shape: 'dot', text });
  }
}
