import type { Node, NodeAPI, NodeDef } from 'node-red';
import type { Environment } from '../../lib/nats/connection/options';

/** The editor's mark for an unchanged secret: it never receives the stored one. */
export const UNCHANGED = '__PWRD__';

/** A variable of a tab, a subflow or all flows, as in the editor. */
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
 * Looks up variables as Node-RED would if the node of the dialog were deployed now. `variables` are those in the
 * editor, deployed or not: of the node's tab or subflow first, then the global ones.
 */
export function dialogVariables(RED: NodeAPI, { id, name, z }: NodeDef, variables: Variable[]): Environment {
  const deployed = scopeOf(RED, z) ?? scopeOf(RED) ?? processScope(RED);
  const node = { id, name, _flow: deployed } as unknown as Node;
  const lookUp = (wanted: string, among: Variable[]): unknown => {
    const variable = among.find((other) => other.name === wanted);
    const isTyped = variable && !DEPLOYED_ONLY.includes(variable.type) && (variable.value ?? UNCHANGED) !== UNCHANGED;
    if (!isTyped) return RED.util.getSetting(node, wanted);
    if (variable.type === 'cred') return variable.value;
    // Without itself: a variable may refer to an outer one of the same name.
    const others = among.filter((other) => other !== variable);
    const inner = { _flow: { getSetting: (name: string) => lookUp(name, others) } } as unknown as Node;
    return RED.util.evaluateNodeProperty(String(variable.value), variable.type, inner, {});
  };
  return (wanted) => lookUp(wanted, variables);
}

/** The deployed tab, or the scope around all tabs, if a running node belongs to it. */
function scopeOf(RED: NodeAPI, z = ''): Scope | undefined {
  let scope: Scope | undefined;
  RED.nodes.eachNode((def) => {
    if ((def.z ?? '') === z) scope ??= (RED.nodes.getNode(def.id) as unknown as { _flow?: Scope } | null)?._flow;
  });
  return scope;
}

/** The environment of the process, without the variables that Node-RED's settings hide from flows. */
function processScope(RED: NodeAPI): Scope {
  const { envVarExcludes = [] } = RED.settings as { envVarExcludes?: string[] };
  return { getSetting: (name) => (envVarExcludes.includes(name) ? undefined : process.env[name]) };
}
