import type { NodeAPI, NodeDef } from 'node-red';
import type { NatsServiceNode } from '../nats/shared/use-service';

/**
 * The properties of a `nats-service` in a flow. A missing or empty property means its default. Each value except `name`
 * and `server` may be an environment variable, `${NAME}`.
 */
export interface NatsServiceDef extends NodeDef {
  /** The id of a `nats-config`. Required. */
  server: string;
  /** The name of the service, of letters, digits, `-` and `_`; its instances share it. Required. */
  service: string;
  /**
   * Its semantic version.
   * @default '1.0.0'
   */
  version?: string;
  /**
   * What it does, for people.
   * @default ''
   */
  description?: string;
  /**
   * A JSON object of strings that describes this instance; empty: none.
   * @default ''
   */
  metadata?: string;
}

export default function register(RED: NodeAPI) {
  function NatsService(this: NatsServiceNode, def: NatsServiceDef) {
    RED.nodes.createNode(this, def);
    // With the first node, not at each start of Node-RED.
    const { serviceSharing } = require('./service-sharing') as typeof import('./service-sharing');
    serviceSharing(RED, this, def);
  }
  RED.nodes.registerType<NatsServiceNode, NatsServiceDef, object, object>('nats-service', NatsService);
}
