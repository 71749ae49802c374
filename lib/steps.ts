/**
 * Work in short steps that returns a value. It may be paused after each step, and continues when a promise that it
 * yields has settled; a rejection is thrown inside it.
 */
export type Steps<T> = Generator<Promise<unknown> | undefined, T, void>;

/** Waits for a promise and returns what it resolves to. */
export function* resultOf<T>(promise: Promise<T>): Steps<T> {
  let result: { value: T } | undefined;
  yield promise.then((value) => {
    result = { value };
  });
  return (result as { value: T }).value;
}

/** Does all steps at once. Throws if one of them waits for a promise. */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    if (value) throw new Error('steps that wait cannot be done at once');
  }
}
