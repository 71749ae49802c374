import type { Node, NodeAPI, NodeDef } from 'node-red';
import type { Environment } from '../../lib/nats/connection/options';

/** How the editor marks a secret that has not been typed anew: it never gets the one that is stored. */
export const UNCHANGED = '__PWRD__';

/** A variable of a tab, of a subflow or of all flows, as the editor has it. */
export interface Variable {
  name: string;
  type: string;
  value?: unknown;
}

/** Where Node-RED looks for a variable. */
interface Scope {
  getSetting(name: string): unknown;
}

/** Types that only a deploy can evaluate. */
const DEPLOYED_ONLY = ['jsonata', 'conf-type'];

/**
 * Looks up variables as Node-RED would if the node of a dialog was deployed now. `variables` are those that the editor
 * has, deployed or not: of the node's tab or subflow first, then the global ones.
 */
export function dialogVariables(RED: NodeAPI, { id, name, z }: NodeDef, variables: Variable[]): Environment {
  const deployed = scopeOf(RED, z) ?? scopeOf(RED) ?? processScope(RED);
  const node = { id, name, _flow: deployed } as unknown as Node;
  const lookUp = (wanted: string, among: Variable[]): unknown => {
    const variable = among.find((other) => other.name === wanted);
    const isTyped = variable && !DEPLOYED_ONLY.includes(variable.type) && (variable.value ?? UNCHANGED) !== UNCHANGED;
    if (!isTyped) return RED.util.getSetting(node, wanted);
    if (variable.type === 'cred') return variable.value;
    // Without itself, as one may pass on another of the same name that is further out.
    const others = among.filter((other) => other !== variable);
    const inner = { _flow: { getSetting: (name: string) => lookUp(name, others) } } as unknown as Node;
    return RED.util.evaluateNodeProperty(String(variable.value), variable.type, inner, {});
  };
  return (wanted) => lookUp(wanted, variables);
}

/** The deployed tab, or what is around all tabs, as far as a running node belongs to it. */
function scopeOf(RED: NodeAPI, z = ''): Scope | undefined {
  let scope: Scope | undefined;
  RED.nodes.eachNode((def) => {
    if ((def.z ?? '') === z) scope ??= (RED.nodes.getNode(def.id) as unknown as { _flow?: Scope } | null)?._flow;
  });
  return scope;
}

/** The environment of the process, without what the settings of Node-RED keep from flows. */
function processScope(RED: NodeAPI): Scope {
  const { envVarExcludes = [] } = RED.settings as { envVarExcludes?: string[] };
  return { getSetting: (name) => (envVarExcludes.includes(name) ? undefined : process.env[name]) };
}
