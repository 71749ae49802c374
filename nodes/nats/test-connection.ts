import type { NodeAPI } from 'node-red';
import { CodedError } from '../../lib/coded-error';
import { connectionOptions, type Secrets } from '../../lib/nats/connection/options';
import { probe, type ServerReport } from '../../lib/nats/connection/probe';
import { NATS_TEXTS } from '../shared/catalogue';
import { serveRoute } from '../shared/route';
import { withVariables } from '../shared/variables';
import { connectionSettings, type NatsConfigDef } from './connection-settings';
import { dialogVariables, UNCHANGED, type Variable } from './dialog-variables';

/** What the dialog of a `nats-config` has in its fields, saved or not. */
interface TypedSettings extends NatsConfigDef {
  credentials?: Secrets;
  /** Those that the node may use; see `dialogVariables`. */
  variables?: Variable[];
}

const MAX_TESTS = 2;
const LONGEST_MS = 60_000;

/**
 * Answers POST /nats-config/test: connects with what the dialog has, once, and says what server it found or why there
 * is none. Only for those who may deploy, for they can make any connection anyway; secrets never come back.
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

/** The secrets of a deployed `nats-config`. Those of other nodes are none of its business. */
function storedSecrets(RED: NodeAPI, id: string): Secrets {
  let isConfig = false;
  RED.nodes.eachNode((def) => {
    isConfig ||= def.id === id && def.type === 'nats-config';
  });
  return (isConfig && (RED.nodes.getCredentials(id) as Secrets | null)) || {};
}
