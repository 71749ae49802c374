import { CodedError } from '../../lib/coded-error';
import { variableName } from '../../lib/setting';

/** Looks up a variable; `undefined` where there is none. The variables of a flow may be of any type. */
type Environment = (name: string) => unknown;

/** Node-RED puts in the value of an environment variable, and leaves one that is not set as it is. Throws `BAD_ENV`. */
export function checkVariables(def: object): void {
  for (const [field, value] of Object.entries(def)) {
    const name = variableIn(field, value);
    if (name) throw new CodedError('BAD_ENV', { name });
  }
}

/** Puts variables into settings that have not been deployed, as Node-RED will. Throws `BAD_ENV` for one that is not set. */
export function withVariables<T extends object>(def: T, env: Environment): T {
  const entries = Object.entries(def).map(([field, value]) => {
    const name = variableIn(field, value);
    return [field, (name && env(name)) ?? value];
  });
  const filled: T = Object.fromEntries(entries);
  checkVariables(filled);
  return filled;
}

/** The name of the variable that a field consists of. The name of a node is a label. */
function variableIn(field: string, value: unknown): string | undefined {
  return field !== 'name' && typeof value === 'string' ? variableName(value) : undefined;
}
