import type { NodeConnectionOptions } from 'nats';
import type { NodeAPI } from 'node-red';
import { connectionOptions, type Secrets } from '../../lib/nats/connection/options';
import { withVariables } from '../shared/variables';
import { connectionSettings, type NatsConfigDef } from './connection-settings';
import { dialogVariables, UNCHANGED, type Variable } from './dialog-variables';

/** The fields of a `nats-config` in the editor, saved or not. */
export interface TypedServer extends NatsConfigDef {
  credentials?: Secrets;
  /** The variables that the node may use; see `dialogVariables`. */
  variables?: Variable[];
}

/** The client's options for a server as it is in the editor. Throws an error of its settings. */
export function typedOptions(RED: NodeAPI, typed: TypedServer): NodeConnectionOptions {
  const { credentials, variables = [], ...def } = typed;
  const secrets: Secrets = { ...credentials };
  const stored = storedSecrets(RED, def.id);
  for (const name of Object.keys(secrets) as (keyof Secrets)[]) {
    if (secrets[name] === UNCHANGED) secrets[name] = stored[name] ?? '';
  }
  const env = dialogVariables(RED, def, variables);
  return connectionOptions(connectionSettings(RED, withVariables(def, env), secrets), env);
}

/** The stored secrets of a deployed `nats-config`, and of no other node. */
function storedSecrets(RED: NodeAPI, id: string): Secrets {
  let isConfig = false;
  RED.nodes.eachNode((def) => {
    isConfig ||= def.id === id && def.type === 'nats-config';
  });
  return (isConfig && (RED.nodes.getCredentials(id) as Secrets | null)) || {};
}
