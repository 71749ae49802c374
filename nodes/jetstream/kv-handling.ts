import type { Node, NodeAPI } from 'node-red';
import { KvBucket } from '../../lib/nats/jetstream/kv/kv-bucket';
import { OUTPUT } from '../../lib/nats/message/payload';
import { choiceSetting } from '../../lib/setting';
import { acting, useConnection } from '../nats/shared/use-connection';
import { showDifference } from '../nats/shared/use-stream';
import type { Handler } from '../shared/input';
import { ACTIONS, act, actionIn, ownKey } from './kv-actions';
import { kvSettings, type NatsKvDef } from './kv-settings';

/** Performs the actions of a `nats-kv` on its bucket. */
export function kvHandling(RED: NodeAPI, node: Node, def: NatsKvDef): Handler {
  const settings = kvSettings(def);
  const choice = choiceSetting('action', def.action, [...ACTIONS, 'msg'] as const, 'get');
  const output = choiceSetting('output', def.output, OUTPUT, 'auto');
  const key = ownKey(def.key, choice);
  const connection = useConnection(RED, node, def);
  const onDiffers = showDifference(RED, node);
  const bucket = new KvBucket(connection, settings, { owner: node, onDiffers });
  const use = { bucket, name: settings.bucket, key, output };

  return acting(connection, (msg, finish) => {
    const action = choice === 'msg' ? actionIn(msg) : choice;
    act(use, action, msg).then((out) => finish(undefined, out), finish);
  });
}
