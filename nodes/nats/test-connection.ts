import type { NodeConnectionOptions } from 'nats';
import type { NodeAPI } from 'node-red';
import { CodedError } from '../../lib/coded-error';
import { connectionOptions, type Secrets } from '../../lib/nats/connection/options';
import { probe } from '../../lib/nats/connection/probe';
import { NATS_TEXTS } from '../shared/catalogue';
import { atMost, serveRoute } from '../shared/route';
import { withVariables } from '../shared/variables';
import { connectionSettings, type NatsConfigDef } from './connection-settings';
import { dialogVariables, UNCHANGED, type Variable } from './dialog-variables';

/** The fields of a `nats-config` in the editor, saved or not. */
export interface TypedServer extends NatsConfigDef {
  credentials?: Secrets;
  /** The variables that the node may use; see `dialogVariables`. */
  variables?: Variable[];
}

/**
 * Routes that connect with the values in a dialog are only for users who may deploy, because they can make any
 * connection anyway. Secrets are never sent back.
 */
export const CONNECTING = { permissions: ['nats-config.write', 'flows.write'], maxBytes: 256 * 1024 };

const MAX_TESTS = 2;
const LONGEST_MS = 60_000;

/** Answers POST /nats-config/test: connects once with the values in the dialog, and reports the server or the error. */
export function serveConnectionTest(RED: NodeAPI): void {
  serveRoute(RED, '/nats-config/test', {
    ...CONNECTING,
    catalogue: NATS_TEXTS,
    answer: atMost(
      MAX_TESTS,
      () => new CodedError('BUSY', { limit: MAX_TESTS }),
      (body) => probe(typedOptions(RED, body as TypedServer), LONGEST_MS),
    ),
  });
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
