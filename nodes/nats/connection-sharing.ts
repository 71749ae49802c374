import type { NodeConnectionOptions } from 'nats';
import type { Node, NodeAPI } from 'node-red';
import {
  type Announcement,
  Connection,
  type ConnectionState,
  type Presence,
} from '../../lib/nats/connection/connection';
import { connectionOptions, type Secrets } from '../../lib/nats/connection/options';
import { encodeHeaders, parseHeaders } from '../../lib/nats/message/headers';
import { encodePayload } from '../../lib/nats/message/payload';
import { checkPublishSubject } from '../../lib/nats/message/subject';
import { textSetting } from '../../lib/setting';
import { NATS_TEXTS, nodeError, reportFailure } from '../shared/catalogue';
import { checkVariables } from '../shared/variables';
import { connectionSettings, type NatsConfigDef } from './connection-settings';
import type { NatsConfigNode, StateListener } from './nats-config';
import { LiveServer } from './tab/live-server';

/** Makes a `nats-config` share its connection. */
export function connectionSharing(RED: NodeAPI, node: NatsConfigNode, def: NatsConfigDef): void {
  const users = new Set<StateListener>();
  let connection: Connection | undefined;
  let open: () => Connection;
  let optionsOf: () => NodeConnectionOptions;
  try {
    checkVariables(def);
    const options = connectionOptions(connectionSettings(RED, def, secretsOf(RED, node)), (name) =>
      RED.util.getSetting(node, name),
    );
    const presence: Presence = {
      online: announcement(def.onlineSubject, def.onlinePayload, def.onlineHeaders),
      offline: announcement(def.offlineSubject, def.offlinePayload, def.offlineHeaders),
    };
    const onError = (error: unknown) => node.warn(nodeError(RED, NATS_TEXTS, error).message);
    optionsOf = () => options;
    open = () => new Connection(options, onState, presence, onError);
  } catch (error) {
    reportFailure(RED, node, NATS_TEXTS, error);
    optionsOf = open = () => {
      throw error;
    };
  }

  const onState = (state: ConnectionState) => {
    if (state.error) node.warn(nodeError(RED, NATS_TEXTS, state.error).message);
    else if (state.name !== 'connecting')
      node.log(RED._(`${NATS_TEXTS}:log.${state.name}`, { server: state.server ?? '' }));
    for (const user of users) user(state);
  };
  const close = async () => {
    const closing = connection;
    connection = undefined;
    await closing?.close();
  };

  node.join = (user) => {
    connection ??= open();
    users.add(user);
    return connection;
  };
  node.leave = async (user) => {
    if (users.delete(user) && users.size === 0) await close();
  };
  node.owns = (other) => other === connection;
  const live = new LiveServer({
    node,
    servers: textSetting(def.servers),
    options: optionsOf,
    connection: () => connection,
  });
  node.on('close', (done: () => void) => {
    Promise.all([close(), live.close()]).then(
      () => done(),
      () => done(),
    );
  });
}

/** The secrets as entered. In `node.credentials` Node-RED has replaced variables by their values. */
function secretsOf(RED: NodeAPI, node: Node & { _alias?: string }): Secrets {
  return (RED.nodes.getCredentials(node._alias ?? node.id) as Secrets | null) ?? {};
}

function announcement(subject?: string, payload = '', headers?: string): Announcement | undefined {
  if (!subject) return undefined;
  const encoded = encodeHeaders(parseHeaders(textSetting(headers)));
  return {
    subject: checkPublishSubject(textSetting(subject)),
    data: encodePayload(payload),
    ...(encoded && { headers: encoded }),
  };
}
