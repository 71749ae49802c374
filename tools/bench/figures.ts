import { CLIENT, FLOOR } from './contenders';
import { LIMIT } from './limit';

/** The measurements of one contender. */
export interface Value {
  /** The median of all rounds. */
  median: number;
  rounds: number[];
  /** The median ratios to other contenders in the same round, in which a busy machine affects all alike. */
  toClient?: number;
  toFloor?: number;
  toLimit?: number;
  /** Where something grows: the median ratio to its smallest step in the same round. */
  toSmallest?: number;
}

/** One row of a table. */
export interface Figure {
  scenario: string;
  /** The varied parameter, such as the size of the payload. */
  case: string;
  measure: string;
  by: Record<string, Value>;
}

/** Makes figures of measurements, which are given by measure, then by contender, then by round. */
export function figures(
  scenario: string,
  theCase: string,
  measured: Record<string, Record<string, number[]>>,
): Figure[] {
  return Object.entries(measured).map(([measure, rounds]) => {
    const by = Object.entries(rounds).map(([name, values]) => [name, summary(values, rounds)] as const);
    return { scenario, case: theCase, measure, by: Object.fromEntries(by) };
  });
}

/** Makes figures of a contender whose steps were measured in turn: by measure, then by step, the smallest first. */
export function growthFigures(
  scenario: string,
  contender: string,
  measured: Record<string, Record<string, number[]>>,
): Figure[] {
  return Object.entries(measured).flatMap(([measure, steps]) => {
    const [smallest = []] = Object.values(steps);
    return Object.entries(steps).map(([step, values]) => {
      const toSmallest = median(values.map((value, round) => value / (smallest[round] as number)));
      return { scenario, case: step, measure, by: { [contender]: { ...summary(values, {}), toSmallest } } };
    });
  });
}

/** Makes one figure of those that differ only in their contenders. */
export function merged(all: Figure[]): Figure[] {
  const found = new Map<string, Figure>();
  for (const figure of all) {
    const name = JSON.stringify([figure.scenario, figure.measure, figure.case]);
    const { by = {} } = found.get(name) ?? {};
    found.set(name, { ...figure, by: { ...by, ...figure.by } });
  }
  return [...found.values()];
}

function summary(
  values: number[],
  { [CLIENT]: client, [FLOOR]: floor, [LIMIT]: limit }: Record<string, number[]>,
): Value {
  const ratioTo = (others: number[]) => median(values.map((value, round) => value / (others[round] as number)));
  return {
    median: median(values),
    rounds: values.map((value) => Number(value.toPrecision(4))),
    ...(client && { toClient: ratioTo(client) }),
    ...(floor && { toFloor: ratioTo(floor) }),
    ...(limit && { toLimit: ratioTo(limit) }),
  };
}

export function median(values: Iterable<number>): number {
  return quantile(values, 0.5);
}

export function quantile(values: Iterable<number>, part: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.floor((sorted.length - 1) * part)] as number;
}
