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
import { serveConnectionTest } from './test-connection';

type StateListener = (state: ConnectionState) => void;

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
    const users = new Set<StateListener>();
    let connection: Connection | undefined;
    let open: () => Connection;
    try {
      checkVariables(def);
      const options = connectionOptions(connectionSettings(RED, def, secretsOf(RED, this)), (name) =>
        RED.util.getSetting(this, name),
      );
      const presence: Presence = {
        online: announcement(def.onlineSubject, def.onlinePayload, def.onlineHeaders),
        offline: announcement(def.offlineSubject, def.offlinePayload, def.offlineHeaders),
      };
      const onError = (error: unknown) => this.warn(nodeError(RED, NATS_TEXTS, error).message);
      open = () => new Connection(options, onState, presence, onError);
    } catch (error) {
      reportFailure(RED, this, NATS_TEXTS, error);
      open = () => {
        throw error;
      };
    }

    const onState = (state: ConnectionState) => {
      if (state.error) this.warn(nodeError(RED, NATS_TEXTS, state.error).message);
      else if (state.name !== 'connecting')
        this.log(RED._(`${NATS_TEXTS}:log.${state.name}`, { server: state.server ?? '' }));
      for (const user of users) user(state);
    };
    const close = async () => {
      const closing = connection;
      connection = undefined;
      await closing?.close();
    };

    this.join = (user) => {
      connection ??= open();
      users.add(user);
      return connection;
    };
    this.leave = async (user) => {
      if (users.delete(user) && users.size === 0) await close();
    };
    this.owns = (other) => other === connection;
    this.on('close', (done: () => void) => close().then(done, done));
  }

  serveConnectionTest(RED);
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
