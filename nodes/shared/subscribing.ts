import type { Msg } from 'nats';
import type { Node, NodeAPI, NodeMessageInFlow, NodeStatus } from 'node-red';
import { CodedError, shown } from '../../lib/coded-error';
import { choiceField, numberField } from '../../lib/field';
import type { Connection, Wanted } from '../../lib/nats/connection';
import { decodeMessage } from '../../lib/nats/message';
import { OUTPUT, type Output } from '../../lib/nats/payload';
import { checkSubscribeSubject } from '../../lib/nats/subject';
import { NATS, nodeError, reportFailure } from './catalogue';
import { onInput } from './input';
import { showConnection, useConnection } from './use-connection';

/** The fields that `nats-subscribe` and `nats-queue-subscribe` share. */
export interface SubscribingFields {
  server: string;
  mode?: 'static' | 'dynamic';
  subject?: string;
  output?: Output;
  max?: number | string;
}

/** Finds the queue group of a subscription: of the node, or with `msg` of the message that asks for it. */
type QueueOf = (msg?: NodeMessageInFlow) => string | undefined;

/** Subscribes a node: to its own subject, or in the dynamic mode to what messages ask for. */
export function subscribing(RED: NodeAPI, node: Node, fields: SubscribingFields, queueOf: QueueOf): void {
  if (fields.mode === 'dynamic') {
    onInput(RED, node, NATS, () => {
      const subscriptions = new Subscriptions(RED, node, fields);
      return (msg, finish) => finish(undefined, subscriptions.act(msg, queueOf));
    });
    return;
  }
  try {
    choiceField('mode', fields.mode, ['static', 'dynamic'], 'static');
    const subject = checkSubscribeSubject(fields.subject);
    const queue = queueOf();
    new Subscriptions(RED, node, fields).add(subject, queue);
  } catch (error) {
    reportFailure(RED, node, NATS, error);
  }
}

/** The subscriptions of one node, until it closes. */
class Subscriptions {
  private readonly wanted = new Map<string, Wanted>();
  private readonly connection: Connection;
  private readonly max: number;
  private readonly output: Output;
  private isStopped = false;

  constructor(
    private readonly RED: NodeAPI,
    private readonly node: Node,
    fields: SubscribingFields,
  ) {
    this.max = numberField('max', fields.max, 0);
    this.output = choiceField('output', fields.output, OUTPUT, 'auto');
    this.connection = useConnection(RED, node, fields, { status: () => this.status() });
    node.on('close', () => this.remove([...this.wanted.keys()]));
  }

  /** Does what `msg.action` asks for and returns the message to send on, if there is one. */
  act(msg: NodeMessageInFlow, queueOf: QueueOf): NodeMessageInFlow | undefined {
    switch (msg.action) {
      case 'subscribe': {
        const subjects = [msg.topic].flat().map(checkSubscribeSubject);
        const queue = queueOf(msg);
        for (const subject of subjects) this.add(subject, queue);
        return;
      }
      case 'unsubscribe': {
        const topic: unknown = msg.topic;
        const subjects = topic === true ? undefined : [topic].flat().map(checkSubscribeSubject);
        const isMeant = ([, { subject }]: [string, Wanted]) => !subjects || subjects.includes(subject);
        this.remove([...this.wanted].filter(isMeant).map(([key]) => key));
        return;
      }
      case 'getSubscriptions':
        msg.topic = 'subscriptions';
        msg.payload = [...this.wanted.values()].map(({ subject, queue }) => ({ subject, ...(queue && { queue }) }));
        return msg;
      default:
        throw new CodedError('BAD_ACTION', { action: shown(msg.action) });
    }
  }

  add(subject: string, queue?: string): void {
    const key = `${subject} ${queue ?? ''}`;
    if (this.wanted.has(key)) return;
    const wanted: Wanted = {
      subject,
      ...(queue && { queue }),
      max: this.max,
      onMessage: (msg) => this.send(msg),
      onEnd: () => {
        this.wanted.delete(key);
        this.isStopped = this.wanted.size === 0;
        if (this.isStopped) this.node.status(this.status() as NodeStatus);
      },
      onError: (error) => {
        const told = nodeError(this.RED, NATS, error);
        this.node.status({ fill: 'red', shape: 'dot', text: told.message });
        this.node.error(told);
      },
    };
    this.wanted.set(key, wanted);
    if (this.isStopped) {
      this.isStopped = false;
      showConnection(this.RED, this.node, this.connection.state);
    }
    this.connection.subscribe(wanted);
  }

  private remove(keys: string[]): void {
    for (const key of keys) {
      const wanted = this.wanted.get(key);
      this.wanted.delete(key);
      if (wanted) this.connection.unsubscribe(wanted);
    }
  }

  /** Called by the client while it reads: whatever is wrong with one message must not reach it. */
  private send(msg: Msg): void {
    try {
      this.node.send(decodeMessage(msg, this.output));
    } catch (error) {
      this.node.error(nodeError(this.RED, NATS, error), decodeMessage(msg, 'string'));
    }
  }

  private status(): NodeStatus | undefined {
    if (!this.isStopped) return undefined;
    return { fill: 'grey', shape: 'ring', text: this.RED._(`${NATS}:status.stopped`, { messages: this.max }) };
  }
}
