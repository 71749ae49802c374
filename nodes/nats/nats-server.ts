import type { Node, NodeAPI } from 'node-red';
import { NATS_TEXTS } from '../shared/catalogue';
import { startNode } from '../shared/starting';
import { serveInstallation } from './install-server';
import type { NatsServerDef, ServerSecrets } from './local-server-settings';

export default function register(RED: NodeAPI) {
  function NatsServer(this: Node<ServerSecrets>, def: NatsServerDef) {
    RED.nodes.createNode(this, def);
    startNode(RED, this, NATS_TEXTS, () => {
      // With the first node, not at each start of Node-RED.
      const { hosting } = require('./hosting') as typeof import('./hosting');
      hosting(RED, this, def);
    });
  }

  serveInstallation(RED);
  RED.nodes.registerType<Node<ServerSecrets>, NatsServerDef, object, ServerSecrets>('nats-server', NatsServer, {
    credentials: { token: { type: 'password' } },
  });
}
