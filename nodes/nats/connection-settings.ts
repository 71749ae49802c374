import type { Node, NodeAPI, NodeDef } from 'node-red';
import { CodedError } from '../../lib/coded-error';
import { AUTH, type Auth, type ConnectionSettings, type Secrets } from '../../lib/nats/connection/options';
import { choiceSetting, countSetting, numberSetting, switchSetting, textSetting } from '../../lib/setting';

/** What a flow saves of a `nats-config`. */
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

/** The core `tls-config` node, as far as it is used here. */
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

/** A `tls-config` that is gone or cannot read its files adds nothing: rather no connection than one without its keys. */
function tlsOptions(RED: NodeAPI, id: string | undefined): Record<string, unknown> | undefined {
  if (!id) return undefined;
  const tls = RED.nodes.getNode(id) as TlsConfigNode | null;
  if (!tls || tls.valid === false) throw new CodedError('BAD_TLS');
  const options = {};
  tls.addTLSOptions(options);
  return options;
}
