import type { Node, NodeAPI } from 'node-red';
import type { Connection, ConnectionState } from '../../lib/nats/connection/connection';
import type { Secrets } from '../../lib/nats/connection/options';
import type { NatsConfigDef } from './connection-settings';
import { serveTab } from './tab/serve-tab';
import { serveConnectionTest } from './test-connection';

export type StateListener = (state: ConnectionState) => void;

/** The live config node: it shares one connection among the nodes that join it. */
export interface NatsConfigNode extends Node<Secrets> {
  /** Opens the connection for its first user; `onState` receives its changes. Throws an error of the settings. */
  join(onState: StateListener): Connection;
  /** Resolves when the connection, if this was its last user, is closed. */
  leave(onState: StateListener): Promise<void>;
  /** Whether a connection is the one that its users share. */
  owns(connection: Connection): boolean;
}

export default function register(RED: NodeAPI) {
  function NatsConfig(this: NatsConfigNode, def: NatsConfigDef) {
    RED.nodes.createNode(this, def);
    // With the first node, not at each start of Node-RED.
    const { connectionSharing } = require('./connection-sharing') as typeof import('./connection-sharing');
    connectionSharing(RED, this, def);
  }

  serveConnectionTest(RED);
  serveTab(RED);
  RED.nodes.registerType<NatsConfigNode, NatsConfigDef, object, Secrets>('nats-config', NatsConfig, {
    credentials: {
      user: { type: 'text' },
      password: { type: 'password' },
      token: { type: 'password' },
      seed: { type: 'password' },
      creds: { type: 'password' },
    },
  });
}
