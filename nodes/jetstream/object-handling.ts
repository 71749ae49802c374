import type { Node, NodeAPI } from 'node-red';
import { acting, useConnection } from '../nats/shared/use-connection';
import type { Handler } from '../shared/input';
import { ObjectActions } from './object-actions';
import { type NatsObjectDef, objectSettings } from './object-settings';

/** Performs the actions of a `nats-object` on its bucket. */
export function objectHandling(RED: NodeAPI, node: Node, def: NatsObjectDef): Handler {
  const settings = objectSettings(def);
  const connection = useConnection(RED, node, def, { onClose: () => actions.close() });
  const actions = new ObjectActions(RED, node, connection, settings);
  return acting(connection, actions.handle);
}
