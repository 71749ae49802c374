import type { Node, NodeAPI, NodeStatus } from 'node-red';
import type { Received } from '../../../lib/nats/client/received';
import type { Connection } from '../../../lib/nats/connection/connection';
import { Backlog, type BacklogUser } from '../../../lib/nats/core/backlog';
import { Batch, type ReceivedBatch } from '../../../lib/nats/core/batch';
import type { DesiredSubscription } from '../../../lib/nats/core/subscriptions';
import { decodeMessage } from '../../../lib/nats/message/message';
import { OUTPUT, type Output } from '../../../lib/nats/message/payload';
import { choiceSetting, countSetting, numberSetting } from '../../../lib/setting';
import { NATS_TEXTS, nodeError, statusTextOf } from '../../shared/catalogue';
import { watchDeploys } from '../../shared/deploys';
import { reportError } from '../../shared/report-error';
import { type Status, statusOf } from '../../shared/status';
import { Delivery } from './delivery';
import { useConnection } from './use-connection';

/** The properties of a subscription in a flow. */
export interface SubscriptionFields {
  /** The id of a `nats-config`. Required. */
  server: string;
  /**
   * The form of `msg.payload`: `auto` (text, a parsed JSON object or array, or a Buffer), `string`, `buffer` or
   * `json`.
   * @default 'auto'
   */
  output?: Output;
  /**
   * The number of messages after which a subscription ends, a whole number from 0 to 999,999,999; 0: no limit.
   * @default 0
   */
  max?: number | string;
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

/** A server reads at most nine digits of a limit, and ends the subscription at once if there are more. */
const MAX_MESSAGES = 999_999_999;

/** The largest batch: longer lists would be a burden on a flow. */
const MAX_BATCH = 65_536;

/** Lost messages are logged after the first delay, and then at most once a minute. */
const FIRST_WARNING_MS = 1000;
const NEXT_WARNING_MS = 60_000;

/** How long a closing node still delivers waiting messages; Node-RED allows 15 s for a close. */
const DELIVER_MS = 5000;

const SLOW: NodeStatus = { fill: 'yellow', shape: 'dot', text: `${NATS_TEXTS}:status.slow` };

/** What else a node does with its subscriptions. */
export interface SubscriptionsUse {
  /** Called with each message that is about to enter the flow. */
  onReceived(msg: Received): void;
  /** The maximum number of messages has arrived. */
  onEnd(): void;
}

/** The subscriptions of one node, until it closes. */
export class Subscriptions {
  private readonly status: Status;
  /** By subject and then queue group, an empty one for none. */
  private readonly wanted = new Map<string, Map<string, DesiredSubscription>>();
  /** The subscriptions that the server refuses, with the reasons as a status shows them. */
  private readonly denied = new Map<DesiredSubscription, string>();
  private readonly backlog: Backlog;
  readonly connection: Connection;
  private readonly max: number;
  private readonly output: Output;
  private readonly batch: Batch | undefined;
  private readonly delivery: Delivery;
  private lost = 0;
  private warning: NodeJS.Timeout | undefined;

  constructor(
    private readonly RED: NodeAPI,
    private readonly node: Node,
    fields: SubscriptionFields,
    private readonly use?: SubscriptionsUse,
  ) {
    this.max = countSetting('max', fields.max, 0, { max: MAX_MESSAGES });
    this.output = choiceSetting('output', fields.output, OUTPUT, 'auto');
    const limits = {
      count: countSetting('batch', fields.batch, 0, { max: MAX_BATCH }),
      ms: numberSetting('batchMs', fields.batchMs, 10),
    };
    if (limits.count > 0) this.batch = new Batch(limits, this.output, (batch) => this.sendBatch(batch));
    const user: BacklogUser = {
      deliver: use ? (msg) => this.receive(use, msg) : (msg) => this.send(msg),
      onSlow: () => this.onSlow(),
      onCaughtUp: (lost) => this.onCaughtUp(lost),
    };
    this.backlog = new Backlog(user, Math.max(limits.count, 1));
    this.delivery = new Delivery(RED, node);
    watchDeploys(RED, node, {
      onStopping: () => {
        this.backlog.pause();
        this.delivery.hold();
      },
      onStarted: () => {
        this.delivery.release();
        this.backlog.resume();
      },
    });
    this.status = statusOf(node);
    this.connection = useConnection(RED, node, fields);
    node.on('close', (done: () => void) => this.close().then(done, done));
  }

  /** Each subject, with its queue group if it has one. */
  list(): { subject: string; queue?: string }[] {
    return this.all().map(({ subject, queue }) => ({ subject, ...(queue && { queue }) }));
  }

  /** Subscribes. Doing so twice changes nothing. */
  add(subject: string, queue = ''): void {
    const groups = this.wanted.get(subject) ?? new Map<string, DesiredSubscription>();
    if (groups.has(queue)) return;
    const wanted: DesiredSubscription = {
      subject,
      ...(queue && { queue }),
      max: this.max,
      onMessage: (msg) => this.backlog.put(msg),
      onEnd: () => {
        groups.delete(queue);
        if (groups.size === 0) this.wanted.delete(subject);
        if (this.wanted.size === 0) this.showStopped();
        this.use?.onEnd();
      },
      onRefused: (error) => {
        const denial = nodeError(this.RED, NATS_TEXTS, error);
        this.denied.set(wanted, statusTextOf(denial));
        this.showDenied();
        reportError(this.node, denial);
      },
      onAccepted: () => {
        this.denied.delete(wanted);
        this.showDenied();
      },
    };
    this.wanted.set(subject, groups.set(queue, wanted));
    this.status.clear('stopped');
    this.connection.subscribe(wanted);
  }

  /** Ends the subscriptions to some subjects, by default to all. */
  remove(subjects: Iterable<string> = this.wanted.keys()): void {
    for (const subject of subjects) {
      for (const wanted of this.wanted.get(subject)?.values() ?? []) {
        this.connection.unsubscribe(wanted);
        this.denied.delete(wanted);
      }
      this.wanted.delete(subject);
    }
    this.showDenied();
  }

  private all(): DesiredSubscription[] {
    return [...this.wanted.values()].flatMap((groups) => [...groups.values()]);
  }

  private async close(): Promise<void> {
    const drained = this.connection.drain(this.all());
    // A deploy stops the nodes in one go; only after that is it known which ones stay.
    await Promise.resolve();
    const isCutOff = this.delivery.checkReceivers();
    const endAt = performance.now() + (isCutOff ? 0 : DELIVER_MS);
    let undelivered = await this.backlog.finish(endAt);
    await drained;
    // Messages that have arrived in the meantime.
    undelivered += await this.backlog.finish(endAt);
    this.batch?.flush();
    undelivered += this.delivery.lost;
    if (undelivered > 0) this.node.warn(this.RED._(`${NATS_TEXTS}:log.undelivered`, { messages: undelivered }));
    clearTimeout(this.warning);
    this.logLost();
  }

  private receive(use: SubscriptionsUse, msg: Received): void {
    use.onReceived(msg);
    this.send(msg);
  }

  /** The client calls this while it reads, so an error of one message must not reach it. */
  private send(msg: Received): void {
    try {
      if (this.batch) this.batch.add(msg);
      else this.delivery.send(decodeMessage(msg, this.output), 1);
    } catch (error) {
      reportError(this.node, nodeError(this.RED, NATS_TEXTS, error), decodeMessage(msg, 'string'));
    }
  }

  /** Also called by a timer, where an exception would end Node-RED. */
  private sendBatch(batch: ReceivedBatch): void {
    try {
      this.delivery.send(batch, batch.payload.length);
    } catch (error) {
      this.node.error(error);
    }
  }

  private onSlow(): void {
    this.status.set('slow', SLOW);
    this.warning ??= setTimeout(() => this.warn(), FIRST_WARNING_MS);
  }

  private onCaughtUp(lost: number): void {
    this.lost += lost;
    this.status.clear('slow');
  }

  private warn(): void {
    const lost = this.logLost();
    this.warning = lost > 0 ? setTimeout(() => this.warn(), NEXT_WARNING_MS) : undefined;
  }

  private logLost(): number {
    const lost = this.lost + this.backlog.lost;
    // The backlog reports this count again when the flow has caught up.
    this.lost = -this.backlog.lost;
    if (lost > 0) this.node.warn(this.RED._(`${NATS_TEXTS}:log.slow`, { lost }));
    return lost;
  }

  private showDenied(): void {
    const [reason] = this.denied.values();
    if (reason === undefined) this.status.clear('denied');
    else this.status.set('denied', { fill: 'red', shape: 'dot', text: reason });
  }

  private showStopped(): void {
    const text = this.RED._(`${NATS_TEXTS}:status.stopped`, { messages: this.max });
    this.status.set('stopped', { fill: 'grey', shape: 'ring', text });
  }
}
