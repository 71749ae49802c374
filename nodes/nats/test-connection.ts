import type { NodeAPI } from 'node-red';
import { CodedError } from '../../lib/coded-error';
import { connectionOptions, type Secrets } from '../../lib/nats/connection/options';
import { probe, type ServerReport } from '../../lib/nats/connection/probe';
import { NATS_TEXTS } from '../shared/catalogue';
import { serveRoute } from '../shared/route';
import { withVariables } from '../shared/variables';
import { connectionSettings, type NatsConfigDef } from './connection-settings';
import { dialogVariables, UNCHANGED, type Variable } from './dialog-variables';

/** The fields in the dialog of a `nats-config`, saved or not. */
interface TypedSettings extends NatsConfigDef {
  credentials?: Secrets;
  /** The variables that the node may use; see `dialogVariables`. */
  variables?: Variable[];
}

const MAX_TESTS = 2;
const LONGEST_MS = 60_000;

/**
 * Answers POST /nats-config/test: connects once with the values in the dialog, and reports the server or the error.
 * Only for users who may deploy, because they can make any connection anyway. Secrets are never sent back.
 */
export function serveConnectionTest(RED: NodeAPI): void {
  let running = 0;
  serveRoute(RED, '/nats-config/test', {
    permissions: ['nats-config.write', 'flows.write'],
    maxBytes: 256 * 1024,
    catalogue: NATS_TEXTS,
    answer: async (body) => {
      if (running >= MAX_TESTS) throw new CodedError('BUSY', { limit: MAX_TESTS });
      running++;
      try {
        return await testConnection(RED, body as TypedSettings);
      } finally {
        running--;
      }
    },
  });
}

async function testConnection(RED: NodeAPI, typed: TypedSettings): Promise<ServerReport> {
  const { credentials, variables = [], ...def } = typed;
  const secrets: Secrets = { ...credentials };
  const stored = storedSecrets(RED, def.id);
  for (const name of Object.keys(secrets) as (keyof Secrets)[]) {
    if (secrets[name] === UNCHANGED) secrets[name] = stored[name] ?? '';
  }
  const env = dialogVariables(RED, def, variables);
  const settings = connectionSettings(RED, withVariables(def, env), secrets);
  return probe(connectionOptions(settings, env), LONGEST_MS);
}

/** The stored secrets of a deployed `nats-config`, and of no other node. */
function storedSecrets(RED: NodeAPI, id: string): Secrets {
  let isConfig = false;
  RED.nodes.eachNode((def) => {
    isConfig ||= def.id === id && def.type === 'nats-config';
  });
  return (isConfig && (RED.nodes.getCredentials(id) as Secrets | null)) || {};
}
