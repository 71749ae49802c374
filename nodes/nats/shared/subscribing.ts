import type { Node, NodeAPI, NodeMessageInFlow } from 'node-red';
import { CodedError, shown } from '../../../lib/coded-error';
import { checkSubscribeSubject } from '../../../lib/nats/message/subject';
import { choiceSetting } from '../../../lib/setting';
import { NATS_TEXTS } from '../../shared/catalogue';
import { onInput } from '../../shared/input';
import { type SubscriptionFields, Subscriptions } from './subscriptions';
import { acting } from './use-connection';

/** The properties that `nats-subscribe` and `nats-queue-subscribe` share. */
export interface SubscribingFields extends SubscriptionFields {
  /**
   * Whether the node subscribes to its own subject (`static`), or as messages tell it to (`dynamic`).
   * @default 'static'
   */
  mode?: 'static' | 'dynamic';
  /** With `static`: the subject, where `*` matches one token and `>` at the end one or more. Required then. */
  subject?: string;
  /**
   * The number of inputs in the editor: 1 with `dynamic`. The runtime relies on `mode`.
   * @default 0
   */
  inputs?: 0 | 1;
}

/** The queue group of a subscription: the node's own, or that of the message `msg`. */
type QueueOf = (msg?: NodeMessageInFlow) => string | undefined;

/** Subscribes a node: to its own subject, or in the dynamic mode as messages tell it to. */
export function subscribing(RED: NodeAPI, node: Node, fields: SubscribingFields, queueOf: QueueOf): void {
  if (fields.mode === 'dynamic') {
    onInput(RED, node, NATS_TEXTS, () => {
      const subscriptions = new Subscriptions(RED, node, fields);
      return acting(subscriptions.connection, (msg, finish) => finish(undefined, act(subscriptions, msg, queueOf)));
    });
    return;
  }
  choiceSetting('mode', fields.mode, ['static', 'dynamic'], 'static');
  const subject = checkSubscribeSubject(fields.subject);
  const queue = queueOf();
  new Subscriptions(RED, node, fields).add(subject, queue);
}

/** Performs `msg.action` and returns the message to send on, if there is one. */
function act(subscriptions: Subscriptions, msg: NodeMessageInFlow, queueOf: QueueOf): NodeMessageInFlow | undefined {
  switch (msg.action) {
    case 'subscribe': {
      const subjects = [msg.topic].flat().map(checkSubscribeSubject);
      const queue = queueOf(msg);
      for (const subject of subjects) subscriptions.add(subject, queue);
      return;
    }
    case 'unsubscribe': {
      const topic: unknown = msg.topic;
      subscriptions.remove(topic === true ? undefined : [topic].flat().map(checkSubscribeSubject));
      return;
    }
    case 'getSubscriptions':
      msg.topic = 'subscriptions';
      msg.payload = subscriptions.list();
      return msg;
    default:
      throw new CodedError('BAD_ACTION', { action: shown(msg.action) });
  }
}
