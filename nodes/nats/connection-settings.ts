import type { Node, NodeAPI, NodeDef } from 'node-red';
import { CodedError } from '../../lib/coded-error';
import { AUTH, type Auth, type ConnectionSettings, type Secrets } from '../../lib/nats/connection/options';
import { choiceSetting, countSetting, numberSetting, switchSetting, textSetting } from '../../lib/setting';

/**
 * The properties of a `nats-config` in a flow; its `Secrets` are stored separately. A missing or empty property means
 * its default. A number may be a numeric string, and each value except `name` may be an environment variable,
 * `${NAME}`.
 */
export interface NatsConfigDef extends NodeDef {
  /**
   * The URLs of one or more servers, `nats://` or `tls://`, separated by commas, white space or lines. A variable
   * may also be a part, as in `nats://${HOST}:4222`.
   * @default 'nats://localhost:4222'
   */
  servers?: string;
  /**
   * The kind of authentication: `none`, `user` (and password), `token`, `nkey` (its seed), or `creds` (the text of a
   * credentials file).
   * @default 'none'
   */
  auth?: Auth;
  /**
   * The id of a core `tls-config`; with one, a server without TLS is refused.
   * @default ''
   */
  tls?: string;
  /**
   * Whether TLS begins with the first byte, as servers with `handshake_first` expect.
   * @default false
   */
  tlsFirst?: boolean;
  /**
   * The name of the connection in the server's monitoring; empty: `Node-RED`. A variable may also be a part.
   * @default ''
   */
  clientName?: string;
  /**
   * The first tokens of reply subjects, separated by dots, without wildcards; empty: `_INBOX`. A variable may also be a
   * part.
   * @default ''
   */
  inboxPrefix?: string;
  /**
   * Whether the connection does not receive its own messages.
   * @default false
   */
  noEcho?: boolean;
  /**
   * Whether the addresses that a cluster announces are ignored.
   * @default false
   */
  ignoreClusterUpdates?: boolean;
  /**
   * How long one attempt to connect may take, in milliseconds, from 1 to 2,147,483,647.
   * @default 5000
   */
  connectTimeoutMs?: number | string;
  /**
   * The delay between attempts to reconnect, in milliseconds, from 0 to 2,147,483,647.
   * @default 2000
   */
  reconnectWaitMs?: number | string;
  /**
   * The time between the PINGs that check the connection, in milliseconds, from 1 to 2,147,483,647.
   * @default 30000
   */
  pingIntervalMs?: number | string;
  /**
   * How many PINGs may be unanswered before the connection counts as broken, a whole number from 1 to
   * 2,147,483,647.
   * @default 2
   */
  maxPingOut?: number | string;
  /**
   * The subject of a message that is published after each connect; empty: none.
   * @default ''
   */
  onlineSubject?: string;
  /**
   * The payload of the online message, a text.
   * @default ''
   */
  onlinePayload?: string;
  /**
   * The headers of the online message, a JSON object; empty: none.
   * @default ''
   */
  onlineHeaders?: string;
  /**
   * The subject of a message that is published before the connection is closed; empty: none.
   * @default ''
   */
  offlineSubject?: string;
  /**
   * The payload of the offline message, a text.
   * @default ''
   */
  offlinePayload?: string;
  /**
   * The headers of the offline message, a JSON object; empty: none.
   * @default ''
   */
  offlineHeaders?: string;
}

/** The part of the core `tls-config` node that is used here. */
interface TlsConfigNode extends Node {
  valid: boolean;
  addTLSOptions(options: Record<string, unknown>): void;
}

/** The settings of a connection. Throws `BAD_CHOICE`, `BAD_NUMBER`, `BAD_SWITCH` or `BAD_TLS`. */
export function connectionSettings(RED: NodeAPI, def: NatsConfigDef, secrets: Secrets): ConnectionSettings {
  return {
    servers: textSetting(def.servers, 'nats://localhost:4222'),
    auth: choiceSetting('auth', def.auth, AUTH, 'none'),
    secrets,
    tls: tlsOptions(RED, def.tls),
    tlsFirst: switchSetting('tlsFirst', def.tlsFirst, false),
    clientName: textSetting(def.clientName),
    inboxPrefix: textSetting(def.inboxPrefix),
    noEcho: switchSetting('noEcho', def.noEcho, false),
    ignoreClusterUpdates: switchSetting('ignoreClusterUpdates', def.ignoreClusterUpdates, false),
    connectTimeoutMs: numberSetting('connectTimeoutMs', def.connectTimeoutMs, 5000, { min: 1 }),
    reconnectWaitMs: numberSetting('reconnectWaitMs', def.reconnectWaitMs, 2000),
    pingIntervalMs: numberSetting('pingIntervalMs', def.pingIntervalMs, 30000, { min: 1 }),
    maxPingOut: countSetting('maxPingOut', def.maxPingOut, 2, { min: 1 }),
  };
}

/** A `tls-config` that is missing or cannot read its files would silently add no options: then do not connect. */
function tlsOptions(RED: NodeAPI, id: string | undefined): Record<string, unknown> | undefined {
  if (!id) return undefined;
  const tls = RED.nodes.getNode(id) as TlsConfigNode | null;
  if (!tls || tls.valid === false) throw new CodedError('BAD_TLS');
  const options = {};
  tls.addTLSOptions(options);
  return options;
}
