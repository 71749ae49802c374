import { CodedError } from '../../lib/coded-error';
import { variableName } from '../../lib/setting';

/** Looks up a variable, `undefined` if it is not set. Variables of a flow may have any type. */
type Environment = (name: string) => unknown;

/** Throws `BAD_ENV` for a variable that is not set: Node-RED leaves it as it is, and replaces all others. */
export function checkVariables(def: object): void {
  for (const [field, value] of Object.entries(def)) {
    const name = variableIn(field, value);
    if (name) throw new CodedError('BAD_ENV', { name });
  }
}

/** Replaces variables in settings before a deploy, as Node-RED does at a deploy. Throws `BAD_ENV` for an unset one. */
export function withVariables<T extends object>(def: T, env: Environment): T {
  const entries = Object.entries(def).map(([field, value]) => {
    const name = variableIn(field, value);
    return [field, (name && env(name)) ?? value];
  });
  const filled: T = Object.fromEntries(entries);
  checkVariables(filled);
  return filled;
}

/** The name of the variable in a field, if that is all it contains. The name of a node is only a label. */
function variableIn(field: string, value: unknown): string | undefined {
  return field !== 'name' && typeof value === 'string' ? variableName(value) : undefined;
}
