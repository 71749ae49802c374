/** Names: https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-6.md */
const NAME = /^[^\s.*>/\\\p{Cc}]{1,255}$/u;

/** Whether a stream, a consumer or a domain may have this name. */
export function isName(value: unknown): value is string {
  return typeof value === 'string' && NAME.test(value);
}

/** The entries of a list separated by commas or lines. */
export function entriesOf(list: string): string[] {
  const entries = list.split(/[,\n]/).map((entry) => entry.trim());
  return entries.filter(Boolean);
}
