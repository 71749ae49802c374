import type { Steps } from '../../lib/steps';

/** Does all steps, and waits where they wait. */
export async function finished<T>(steps: Steps<T>): Promise<T> {
  let next = steps.next();
  while (!next.done) {
    try {
      await next.value;
      next = steps.next();
    } catch (error) {
      next = steps.throw(error);
    }
  }
  return next.value;
}
