// What the dialogs of all nodes have in common. The editor shows the reason of a validator only if that has two
// parameters.

/** The same limit as in lib/setting.ts. */
const MAX_COUNT = 2 ** 31 - 1;

/** Whether a field is an environment variable, whose value is known only at run time. */
export const isVariable = (value) => /^\$\{[^}]+\}$/.test(value);

/** Whether a field needs no check: a variable, or empty for the default. */
export const isOpen = (value) => String(value ?? '').trim() === '' || isVariable(value);

/** Whether a field is a whole number within a range. */
export const isCount = (value, min, max) =>
  Number.isInteger(Number(value)) && Number(value) >= min && Number(value) <= max;

/** The object that a field contains as JSON; undefined for anything else. */
export function objectIn(value) {
  try {
    const object = JSON.parse(value);
    return typeof object === 'object' && object !== null && !Array.isArray(object) ? object : undefined;
  } catch {
    return undefined;
  }
}

/** Checks of numbers, with the texts of a family of nodes: true, or why a value is invalid; an empty one is the default. */
export const numberChecks = (text) => ({
  checkNumber(value, { min = 0, max } = {}) {
    if (isOpen(value) || (Number(value) >= min && Number(value) <= (max ?? Number.POSITIVE_INFINITY))) return true;
    return max === undefined ? text('invalid.least', { min }) : text('invalid.number', { min, max });
  },

  checkCount: (value, { min = 0, max = MAX_COUNT } = {}) =>
    isOpen(value) || isCount(value, min, max) || text('invalid.count', { min, max }),
});

/** The prefix of the fields in the dialog of a node. */
export const prefixOf = (node) => (node._def.category === 'config' ? 'node-config-input' : 'node-input');

/** Opens the part of a dialog with more fields if one of them is not as in a new node. */
export function openMore(node, part) {
  const isOther = ([name, { value }]) =>
    part.find(`#${prefixOf(node)}-${name}`).length > 0 && String(node[name] ?? value) !== String(value);
  part.prop('open', Object.entries(node._def.defaults).some(isOther));
}
