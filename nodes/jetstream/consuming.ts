import type { Node, NodeAPI, NodeMessage } from 'node-red';
import { CodedError } from '../../lib/coded-error';
import type { Received } from '../../lib/nats/client/received';
import { Batch, type ReceivedBatch } from '../../lib/nats/core/batch';
import { type Delivery as Delivered, isoTime } from '../../lib/nats/jetstream/consuming/ack-subject';
import type { Consumed } from '../../lib/nats/jetstream/consuming/consumed';
import { Consumption, type ConsumptionUser } from '../../lib/nats/jetstream/consuming/consumption';
import { decodeUnanswered } from '../../lib/nats/message/message';
import type { Output } from '../../lib/nats/message/payload';
import { Delivery } from '../nats/shared/delivery';
import { type ConsumedFrom, forgetHandles, rememberHandles } from '../nats/shared/handles';
import { useConnection } from '../nats/shared/use-connection';
import { streamNode, useStream } from '../nats/shared/use-stream';
import { NATS_TEXTS, nodeError } from '../shared/catalogue';
import { reportError } from '../shared/report-error';
import { type ConsumingSettings, consumingSettings, type NatsConsumeDef } from './consuming-settings';
import { ConsumingStatus } from './consuming-status';

/** A consumed message as flows see it. */
type ConsumedMessage = NodeMessage & { nats: ConsumedFrom | ConsumedFrom[] };

/** Sends the messages of a stream into the flow, until its node closes. */
export class Consuming implements ConsumptionUser {
  private readonly settings: ConsumingSettings;
  private readonly delivery: Delivery;
  private readonly status: ConsumingStatus;
  private readonly consumption: Consumption;
  private readonly batch: Batch | undefined;
  /** Where the messages of the next batch come from. */
  private gathered: { nats: ConsumedFrom; consumed: Consumed | undefined }[] = [];

  /** Throws `BAD_STREAM`, an error of the settings, or of those of its stream or server. */
  constructor(
    private readonly RED: NodeAPI,
    private readonly node: Node,
    def: NatsConsumeDef,
  ) {
    const settings = consumingSettings(def);
    const { server } = streamNode(RED, def.stream);
    const { batch, output } = settings;
    this.settings = settings;
    this.delivery = new Delivery(RED, node);
    if (batch.count > 0) this.batch = new Batch(batch, output, (received) => this.sendBatch(received));
    const connection = useConnection(RED, node, { ...def, server }, { onClose: () => this.close() });
    const stream = useStream(RED, node, def.stream, connection);
    this.status = new ConsumingStatus(RED, node, () => this.consumption, settings.ack === 'explicit');
    this.consumption = new Consumption(connection, { ...settings, stream }, this);
  }

  onMessage(msg: Received, ack: string, delivered: Delivered, consumed: Consumed | undefined): void {
    const nats = this.origin(ack, delivered, consumed);
    // The client calls this while it reads, so an error of one message must not reach it.
    try {
      if (this.batch) this.addToBatch(this.batch, msg, nats, consumed);
      else this.send(this.decode(msg, this.settings.output, nats), 1, consumed ? [consumed] : []);
    } catch (error) {
      this.fail(error, msg, nats, consumed);
    }
  }

  onEnded({ id }: Consumed): void {
    if (id !== undefined) forgetHandles(id);
  }

  onTimeout(consumed: Consumed): void {
    const { stream, sequence } = consumed.delivery;
    const seconds = this.settings.mayTakeMs / 1000;
    this.raise(new CodedError('ACK_TIMEOUT', { stream, sequence, seconds }), consumed);
  }

  onGivenUp(consumed: Consumed, reason: string): boolean {
    const { delivery, entered } = consumed;
    const { stream, sequence } = delivery;
    return this.raise(new CodedError('GAVE_UP', { stream, sequence, delivered: entered, reason }), consumed);
  }

  reasonOf({ entered }: Consumed): string {
    return this.RED._(`${NATS_TEXTS}:consume.tooOften`, { count: entered });
  }

  onTrouble(error: CodedError | undefined): void {
    this.status.showTrouble(error);
  }

  onDiffers(error: CodedError | undefined): void {
    this.status.showDifference(error);
  }

  onError(error: unknown): void {
    reportError(this.node, nodeError(this.RED, NATS_TEXTS, error));
  }

  onCounts(): void {
    this.status.showCounts();
  }

  private async close(): Promise<void> {
    // A deploy stops the nodes in one go; only after that is it known which ones stay.
    await Promise.resolve();
    const isCutOff = this.delivery.checkReceivers();
    if (!isCutOff) this.batch?.flush();
    await this.consumption.close(isCutOff);
  }

  private origin(ack: string, delivered: Delivered, consumed: Consumed | undefined): ConsumedFrom {
    const { stream, consumer, sequence, timeNs, pending } = delivered;
    const time = isoTime(timeNs);
    if (!consumed) return { stream, consumer, sequence, time, pending, delivered: delivered.delivered };
    return { stream, consumer, sequence, time, pending, delivered: consumed.entered, ack };
  }

  /**
   * Nobody is to answer its reply subject: that would acknowledge it. And a stream would refuse a message that repeats
   * the conditions under which this one was stored.
   */
  private decode(msg: Received, output: Output, nats: ConsumedFrom): ConsumedMessage {
    const message = decodeUnanswered(msg, output);
    const { headers } = message;
    if (headers) {
      for (const name of Object.keys(headers)) if (name.startsWith('Nats-Expected-')) delete headers[name];
      if (Object.keys(headers).length === 0) delete message.headers;
    }
    return Object.assign(message, { nats });
  }

  private send(message: ConsumedMessage, count: number, all: Consumed[]): void {
    this.delivery.send(message, count);
    const { _msgid: id = '', nats } = message;
    if (this.settings.ack === 'sent') for (const consumed of all) this.consumption.done(consumed);
    else if (all.length > 0) {
      rememberHandles(id, nats);
      for (const consumed of all) consumed.id = id;
    }
  }

  private addToBatch(batch: Batch, msg: Received, nats: ConsumedFrom, consumed: Consumed | undefined): void {
    this.gathered.push({ nats, consumed });
    try {
      batch.add(msg);
    } catch (error) {
      this.gathered.pop();
      throw error;
    }
  }

  /** Also called by a timer, where an exception would end Node-RED. */
  private sendBatch({ replies: _, ...batch }: ReceivedBatch): void {
    const { gathered } = this;
    this.gathered = [];
    const nats = gathered.map((one) => one.nats);
    const all = gathered.flatMap(({ consumed }) => consumed ?? []);
    try {
      this.send({ ...batch, nats }, nats.length, all);
    } catch (error) {
      this.node.error(error);
    }
  }

  /** A message cannot be sent on. Unless a Catch node takes it, it is delivered again. */
  private fail(error: unknown, msg: Received, nats: ConsumedFrom, consumed: Consumed | undefined): void {
    const message = { ...this.decode(msg, 'string', nats), _msgid: this.RED.util.generateId() };
    const caught = reportError(this.node, nodeError(this.RED, NATS_TEXTS, error), message);
    if (!consumed) return;
    if (this.settings.ack === 'sent') this.consumption.done(consumed);
    else if (!caught) consumed.settle('again', { delayMs: 0 }, () => {});
  }

  /** Tells the Catch nodes of an error of a message. Returns whether one took it. */
  private raise(error: CodedError, consumed: Consumed): boolean {
    const { msg, ack, delivery, id = this.RED.util.generateId() } = consumed;
    const nats = this.origin(ack, delivery, consumed);
    const message = { ...(msg && this.decodeAnyhow(msg, nats)), _msgid: id, nats };
    return reportError(this.node, nodeError(this.RED, NATS_TEXTS, error), message);
  }

  private decodeAnyhow(msg: Received, nats: ConsumedFrom): ConsumedMessage {
    try {
      return this.decode(msg, this.settings.output, nats);
    } catch {
      return this.decode(msg, 'string', nats);
    }
  }
}
