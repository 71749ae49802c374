import type { Figure, Value } from './figures';
import type { Soak } from './soak';

/** The JSON that a run of the benchmarks writes. */
export interface Report {
  machine: string;
  versions: Record<string, string>;
  command: string;
  at: string;
  /** The load average of a minute, before and after. */
  load: [before: number, after: number];
  figures?: Figure[];
  soak?: Soak;
}

/** Tables of figures in Markdown, with a row for each case and a column for each contender. */
export function tables(figures: Figure[]): string {
  const titleOf = ({ scenario, measure }: Figure) => `${scenario}: ${measure}`;
  const titles = [...new Set(figures.map(titleOf))];
  const rowsOf = (title: string) => figures.filter((figure) => titleOf(figure) === title);
  return titles.map((title) => `### ${title}\n\n${table(rowsOf(title))}\n`).join('\n');
}

function table(figures: Figure[]): string {
  const names = [...new Set(figures.flatMap(({ by }) => Object.keys(by)))];
  const row = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return [
    row(['', ...names]),
    row(['---', ...names.map(() => '---:')]),
    ...figures.map((figure) => row([figure.case, ...names.map((name) => cell(figure.by[name]))])),
  ].join('\n');
}

/**
 * The median, and in brackets its ratio to the floor, or to the client alone where there is no floor; behind it the
 * ratio to the limit, where there is one. Where something grows, the ratio is that to its smallest step.
 */
function cell(value: Value | undefined): string {
  if (!value) return '';
  const { median, toClient, toFloor = toClient, toLimit, toSmallest } = value;
  const ratios = [toSmallest ?? toFloor, toLimit].flatMap((ratio) => ratio?.toFixed(2) ?? []);
  return ratios.length === 0 ? shown(median) : `${shown(median)} (${ratios.join('; ')})`;
}

function shown(value: number): string {
  return value.toLocaleString('en', {
    maximumSignificantDigits: Math.max(3, Math.ceil(Math.log10(Math.abs(value) + 1))),
  });
}
