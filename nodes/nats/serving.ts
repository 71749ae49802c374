import type { Node, NodeAPI } from 'node-red';
import { CodedError } from '../../lib/coded-error';
import { checkQueueGroup, checkSubscribeSubject } from '../../lib/nats/message/subject';
import { DEFAULT_QUEUE, Endpoint } from '../../lib/nats/services/endpoint';
import { checkEndpointName } from '../../lib/nats/services/service-settings';
import { choiceSetting, textSetting } from '../../lib/setting';
import { NATS_TEXTS } from '../shared/catalogue';
import { onInput } from '../shared/input';
import { checkVariables } from '../shared/variables';
import type { NatsQueueSubscribeDef } from './nats-queue-subscribe';
import { Subscriptions } from './shared/subscriptions';
import { useService } from './shared/use-service';

/** Makes a node an endpoint of the service `id`: its requests are counted and timed. */
export function serving(RED: NodeAPI, node: Node, def: NatsQueueSubscribeDef, id: string): void {
  if (def.mode === 'dynamic') {
    onInput(RED, node, NATS_TEXTS, () => {
      throw new CodedError('BAD_SERVICE-dynamic');
    });
    return;
  }
  choiceSetting('mode', def.mode, ['static', 'dynamic'], 'static');
  checkVariables(def);
  const endpoint = new Endpoint({
    name: checkEndpointName(textSetting(def.endpoint, node.name)),
    subject: checkSubscribeSubject(def.subject),
    queue: checkQueueGroup(def.queue || DEFAULT_QUEUE),
  });
  const { subject, queue } = endpoint.settings;
  const subscriptions = new Subscriptions(RED, node, def, {
    onReceived: (msg) => endpoint.received(msg.reply),
    onEnd: () => void leave(),
  });
  const leave = useService(RED, node, id, subscriptions.connection, endpoint);
  subscriptions.add(subject, queue);
}
