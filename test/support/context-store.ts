import type { TestContext } from 'node:test';
import context from '../../context';
import type { ContextConfig } from '../../context/settings';

/** A context store, with errors as they have them. */
export type Store = ReturnType<typeof context>;

/** An error of a store. */
export type StoreError = Error & { code: string };

/** An open store until the test ends, in the bucket `plant`. */
export async function openStore(t: TestContext, servers: string, config: ContextConfig = {}): Promise<Store> {
  const store = context({ bucket: 'plant', servers, reconnectWaitMs: 50, ...config });
  t.after(() => store.close());
  await store.open();
  return store;
}

/** Sets a value and resolves when the bucket has it. */
export function stored(store: Store, scope: string, key: string | string[], value: unknown): Promise<void> {
  return new Promise((resolve, reject) => {
    store.set(scope, key, value, (error) => (error ? reject(error) : resolve()));
  });
}

/** What a store calls back with. */
export function got(store: Store, scope: string, key: string | string[]): Promise<unknown[]> {
  return new Promise((resolve) => {
    store.get(scope, key, (...answer) => resolve(answer));
  });
}

/** Resolves when a value, or one of several properties, is as it should be. */
export async function until(isThere: () => boolean): Promise<void> {
  while (!isThere()) await new Promise((resolve) => setTimeout(resolve, 1));
}
