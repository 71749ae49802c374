import type { Node, NodeAPI } from 'node-red';
import { CodedError } from '../../lib/coded-error';
import { Reports } from '../../lib/nats/connection/reports';
import { LocalServer } from '../../lib/nats/server/local-server';
import { NATS_TEXTS, nodeError, reportFailure, sentenceOf } from '../shared/catalogue';
import { statusOf } from '../shared/status';
import { checkVariables } from '../shared/variables';
import { type NatsServerDef, type ServerSecrets, serverSettings } from './local-server-settings';

const TEXTS = '@natshat/node-red/nats-server';

/** The servers of all nodes. */
const servers = new Set<LocalServer>();

/** Runs the server of a `nats-server` until the node closes. */
export function hosting(RED: NodeAPI, node: Node<ServerSecrets>, def: NatsServerDef): void {
  const status = statusOf(node);
  checkVariables(def);
  const settings = serverSettings(RED, def, node.credentials?.token);
  const { port, token } = settings;
  const isOpen = settings.listen === 'all' && !token;
  const send = (topic: string, payload: unknown) => node.send({ topic, payload });
  const reports = new Reports((error) => node.error(sentenceOf(nodeError(RED, NATS_TEXTS, error))));
  status.set('state', { fill: 'yellow', shape: 'ring', text: 'status.starting' });
  const server = new LocalServer(settings, {
    onReady: (version) => {
      status.clear('failed');
      const fill = isOpen ? 'yellow' : 'green';
      const text = RED._(`${TEXTS}:status.${isOpen ? 'open' : 'running'}`, { port });
      status.set('state', { fill, shape: 'dot', text });
      node.log(RED._(`${TEXTS}:log.running`, { port, version }));
      if (isOpen) node.warn(RED._(`${TEXTS}:log.open`, { port }));
      send('start', `nats://127.0.0.1:${port}`);
    },
    onLog: ({ text, message, isError }) => {
      if (isError) reports.add(message, () => new CodedError('SERVER', { reason: message }));
      send('log', text);
    },
    onExit: (exit) => {
      reports.forget();
      send('exit', exit);
    },
    onFailure: (error) => reportFailure(RED, node, NATS_TEXTS, error),
  });
  servers.add(server);
  node.on('close', (done: () => void) => {
    servers.delete(server);
    server.close().then(() => {
      reports.end();
      done();
    });
  });
}

/** Starts the servers that have failed, such as for want of the program. */
export function retryServers(): void {
  for (const server of servers) server.retry();
}
