import type { NodeAPI } from 'node-red';
import { connectionOptions, type Secrets } from '../../lib/nats/connection/options';
import { probe } from '../../lib/nats/connection/probe';
import { NATS_TEXTS, nodeError } from '../shared/catalogue';
import { withVariables } from '../shared/variables';
import { connectionSettings, type NatsConfigDef } from './connection-settings';

/** What the dialog of a `nats-config` has in its fields, saved or not. */
interface TypedSettings extends NatsConfigDef {
  credentials: Secrets;
}

/** How the editor marks a secret that has not been typed anew: it never gets the one that is stored. */
const UNCHANGED = '__PWRD__';

/**
 * Answers POST /nats-config/test: connects with what the dialog has, once, and says what server it found or why there
 * is none. Only for those who may deploy, for they can make any connection anyway; secrets never come back.
 */
export function serveConnectionTest(RED: NodeAPI): void {
  const mayDeploy = [RED.auth.needsPermission('nats-config.write'), RED.auth.needsPermission('flows.write')];
  RED.httpAdmin.post('/nats-config/test', ...mayDeploy, async (request, response) => {
    try {
      const typed = request.body as TypedSettings;
      const node = RED.nodes.getNode(typed.id);
      const stored: Secrets = RED.nodes.getCredentials(typed.id) ?? {};
      const secrets: Secrets = { ...typed.credentials };
      for (const name of Object.keys(secrets) as (keyof Secrets)[]) {
        if (secrets[name] === UNCHANGED) secrets[name] = stored[name] ?? '';
      }
      const env = (name: string) => (node ? RED.util.getSetting(node, name) : process.env[name]);
      const settings = connectionSettings(RED, withVariables(typed, env), secrets);
      response.json(await probe(connectionOptions(settings, env)));
    } catch (error) {
      const { name, message } = nodeError(RED, NATS_TEXTS, error);
      response.json({ code: name, error: message });
    }
  });
}
