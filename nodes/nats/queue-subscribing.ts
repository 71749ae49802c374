import type { Node, NodeAPI } from 'node-red';
import { checkQueueGroup } from '../../lib/nats/message/subject';
import type { NatsQueueSubscribeDef } from './nats-queue-subscribe';
import { subscribing } from './shared/subscribing';

/** Subscribes a `nats-queue-subscribe` with its queue group, or makes it an endpoint of its service. */
export function queueSubscribing(RED: NodeAPI, node: Node, def: NatsQueueSubscribeDef): void {
  if (def.service) {
    const { serving } = require('./serving') as typeof import('./serving');
    serving(RED, node, def, def.service);
  } else subscribing(RED, node, def, (msg) => checkQueueGroup(def.queue || msg?.queue));
}
