/** Whether an object is like a literal: made by one, by JSON, without a prototype, or in another realm. */
export function isPlainObject(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
