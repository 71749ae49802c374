import { CLIENT } from './contenders';

/** The hand-over of messages from one node to the next in Node-RED, and nothing else. */
export const HOP = 'hop';

/** What nodes for NATS can reach at best: each message costs what the client and one hop cost. */
export const LIMIT = 'limit';

/** Adds the limit to rates in messages a second, by contender and round. Of the client and the hop it is the sum of costs. */
export function withRateLimit(rates: Record<string, number[]>): Record<string, number[]> {
  return withLimit(rates, (client, hop) => 1 / (1 / client + 1 / hop));
}

/** The same for costs of a message. */
export function withCostLimit(costs: Record<string, number[]>): Record<string, number[]> {
  return withLimit(costs, (client, hop) => client + hop);
}

function withLimit(
  values: Record<string, number[]>,
  limitOf: (client: number, hop: number) => number,
): Record<string, number[]> {
  const { [CLIENT]: client = [], [HOP]: hop = [] } = values;
  return { ...values, [LIMIT]: client.map((value, round) => limitOf(value, hop[round] as number)) };
}
