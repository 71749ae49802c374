import type { Link } from '../core/link';

/** The time between a PING and its PONG in milliseconds; `undefined` if it takes longer than `longestMs`. */
export function roundTripOf(link: Pick<Link, 'ping'>, longestMs: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const startedAt = performance.now();
    const late = setTimeout(resolve, longestMs, undefined);
    link.ping(() => {
      clearTimeout(late);
      resolve(performance.now() - startedAt);
    });
  });
}
