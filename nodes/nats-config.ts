import type { Node, NodeAPI, NodeDef } from 'node-red';
import { CodedError } from '../lib/coded-error';
import { choiceField, countField, numberField, switchField, textField } from '../lib/field';
import { type Announcement, Connection, type ConnectionState, type Presence } from '../lib/nats/connection';
import { encodeHeaders, parseHeaders } from '../lib/nats/headers';
import { AUTH, type Auth, type ConnectionSettings, connectionOptions, type Secrets } from '../lib/nats/options';
import { encodePayload } from '../lib/nats/payload';
import { checkPublishSubject } from '../lib/nats/subject';
import { NATS, nodeError, reportFailure } from './shared/catalogue';
import { checkVariables } from './shared/fields';
import { serveConnectionTest } from './shared/test-connection';

type StateListener = (state: ConnectionState) => void;

export interface NatsConfigDef extends NodeDef {
  servers?: string;
  auth?: Auth;
  tls?: string;
  tlsFirst?: boolean;
  clientName?: string;
  inboxPrefix?: string;
  noEcho?: boolean;
  ignoreClusterUpdates?: boolean;
  connectTimeoutMs?: number | string;
  reconnectWaitMs?: number | string;
  pingIntervalMs?: number | string;
  maxPingOut?: number | string;
  onlineSubject?: string;
  onlinePayload?: string;
  onlineHeaders?: string;
  offlineSubject?: string;
  offlinePayload?: string;
  offlineHeaders?: string;
}

/** The live config node: it shares one connection among the nodes that join it. */
export interface NatsConfigNode extends Node<Secrets> {
  /** Opens the connection for its first user; `onState` is told of changes. Throws what is wrong with the settings. */
  join(onState: StateListener): Connection;
  /** Resolves when the connection, if this was its last user, is closed. */
  leave(onState: StateListener): Promise<void>;
}

/** The core `tls-config` node, as far as it is used here. */
interface TlsConfigNode extends Node {
  valid: boolean;
  addTLSOptions(options: Record<string, unknown>): void;
}

export default function register(RED: NodeAPI) {
  function NatsConfig(this: NatsConfigNode, def: NatsConfigDef) {
    RED.nodes.createNode(this, def);
    const users = new Set<StateListener>();
    let connection: Connection | undefined;
    let open: () => Connection;
    try {
      checkVariables(def);
      const options = connectionOptions(settings(RED, def, secretsOf(RED, this)), (name) =>
        RED.util.getSetting(this, name),
      );
      const presence: Presence = {
        online: announcement(def.onlineSubject, def.onlinePayload, def.onlineHeaders),
        offline: announcement(def.offlineSubject, def.offlinePayload, def.offlineHeaders),
      };
      const onError = (error: unknown) => this.warn(nodeError(RED, NATS, error).message);
      open = () => new Connection(options, onState, presence, onError);
    } catch (error) {
      reportFailure(RED, this, NATS, error);
      open = () => {
        throw error;
      };
    }

    const onState = (state: ConnectionState) => {
      if (state.error) this.warn(nodeError(RED, NATS, state.error).message);
      else if (state.name !== 'connecting')
        this.log(RED._(`${NATS}:log.${state.name}`, { server: state.server ?? '' }));
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
    this.on('close', (done: () => void) => close().then(done, done));
  }

  serveConnectionTest(RED, (def, secrets) => settings(RED, def, secrets));
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

/** The secrets as they were entered. In `node.credentials` Node-RED has put in the values of variables. */
function secretsOf(RED: NodeAPI, node: Node & { _alias?: string }): Secrets {
  return (RED.nodes.getCredentials(node._alias ?? node.id) as Secrets | null) ?? {};
}

function settings(RED: NodeAPI, def: NatsConfigDef, secrets: Secrets): ConnectionSettings {
  return {
    servers: textField(def.servers, 'nats://localhost:4222'),
    auth: choiceField('auth', def.auth, AUTH, 'none'),
    secrets,
    tls: tlsOptions(RED, def.tls),
    tlsFirst: switchField('tlsFirst', def.tlsFirst, false),
    clientName: textField(def.clientName),
    inboxPrefix: textField(def.inboxPrefix),
    noEcho: switchField('noEcho', def.noEcho, false),
    ignoreClusterUpdates: switchField('ignoreClusterUpdates', def.ignoreClusterUpdates, false),
    connectTimeoutMs: numberField('connectTimeoutMs', def.connectTimeoutMs, 5000, { min: 1 }),
    reconnectWaitMs: numberField('reconnectWaitMs', def.reconnectWaitMs, 2000),
    pingIntervalMs: numberField('pingIntervalMs', def.pingIntervalMs, 30000, { min: 1 }),
    maxPingOut: countField('maxPingOut', def.maxPingOut, 2, { min: 1 }),
  };
}

function announcement(subject?: string, payload = '', headers?: string): Announcement | undefined {
  if (!subject) return undefined;
  const encoded = encodeHeaders(parseHeaders(textField(headers)));
  return {
    subject: checkPublishSubject(textField(subject)),
    data: encodePayload(payload),
    ...(encoded && { headers: encoded }),
  };
}

/** A `tls-config` that is gone or cannot read its files adds nothing: rather no connection than one without its keys. */
function tlsOptions(RED: NodeAPI, id: string | undefined): Record<string, unknown> | undefined {
  if (!id) return undefined;
  const tls = RED.nodes.getNode(id) as TlsConfigNode | null;
  if (!tls || tls.valid === false) throw new CodedError('BAD_TLS');
  const options = {};
  tls.addTLSOptions(options);
  return options;
}
