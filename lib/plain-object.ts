/** Whether an object is plain: from a literal or JSON, or without a prototype, in any realm. */
export function isPlainObject(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
