import type { Figure, Value } from './figures';
import { GROWTH } from './plot-growth';
import type { Report } from './report';
import { escaped, rounded, scaleFor } from './svg';

// Draws a panel for each direction, with a group of bars for each size and a bar for each contender.
const DIRECTIONS = ['bridge', 'publish', 'subscribe'];
const MEASURE = 'messages/s';
const COLOURS = ['#8c96a3', '#c9b458', '#1f77b4', '#56a5dd', '#0b3c66', '#d1603d'];

const PANEL = { width: 840, height: 190, left: 70, top: 56, gap: 26 };
const BAR = { width: 24, gap: 4 };

/** A figure, as far as it is plotted. */
export interface Bars extends Omit<Figure, 'by'> {
  by: Record<string, Pick<Value, 'median'>>;
}

/** The part of a report that `plot` needs, as JSON: a line a figure. */
export function mediansJson({ figures = [], ...run }: Report): string {
  const lines = figures
    .filter((figure) => isBar(figure) || figure.scenario.startsWith(GROWTH))
    .map(({ by, ...figure }) => {
      const medians = Object.entries(by).map(([name, { median }]) => [name, { median: rounded(median) }]);
      return JSON.stringify({ ...figure, by: Object.fromEntries(medians) });
    });
  return `${JSON.stringify(run).slice(0, -1)},"figures":[\n${lines.join(',\n')}\n]}\n`;
}

/** An SVG plot of the messages a second of each contender, by size of the payload; `undefined` without such figures. */
export function plot({ figures = [], machine }: { figures?: Bars[]; machine: string }): string | undefined {
  const rows = figures.filter(isBar);
  if (rows.length === 0) return undefined;
  const names = [...new Set(rows.flatMap(({ by }) => Object.keys(by)))];
  const panels = DIRECTIONS.map((direction) => rows.filter(({ scenario }) => scenario === direction));
  const height = PANEL.top + panels.length * (PANEL.height + PANEL.gap) + 24;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${PANEL.width} ${height}" font-family="sans-serif" font-size="12">`,
    `<title>Messages a second of each contender</title>`,
    `<rect width="${PANEL.width}" height="${height}" fill="#fff"/>`,
    `<text x="16" y="22" font-size="14" font-weight="bold">Messages a second, by size of the payload</text>`,
    ...names.map(legend),
    ...panels.map((panel, index) => drawPanel(panel, names, PANEL.top + index * (PANEL.height + PANEL.gap))),
    `<text x="16" y="${height - 10}" fill="#666" font-size="11">${escaped(machine)}</text>`,
    '</svg>',
    '',
  ].join('\n');
}

function isBar({ scenario, measure }: Pick<Figure, 'scenario' | 'measure'>): boolean {
  return DIRECTIONS.includes(scenario) && measure === MEASURE;
}

function legend(name: string, index: number): string {
  const x = 16 + index * 140;
  const box = `<rect x="${x}" y="34" width="11" height="11" fill="${COLOURS[index]}"/>`;
  return `${box}<text x="${x + 16}" y="44">${escaped(name)}</text>`;
}

function drawPanel(figures: Bars[], names: string[], top: number): string {
  const [first] = figures;
  if (!first) return '';
  const values = figures.flatMap(({ by }) => Object.values(by).map(({ median }) => median));
  const scale = scaleFor(Math.max(...values));
  const bottom = top + PANEL.height - 22;
  const yOf = (value: number) => bottom - ((PANEL.height - 44) * value) / scale.top;
  const right = PANEL.width - 16;
  const lines = Array.from({ length: scale.steps + 1 }, (_, step) => {
    const value = (scale.top * step) / scale.steps;
    const y = yOf(value).toFixed(1);
    const line = `<line x1="${PANEL.left}" x2="${right}" y1="${y}" y2="${y}" stroke="#ddd"/>`;
    return `${line}<text x="${PANEL.left - 6}" y="${Number(y) + 4}" text-anchor="end">${value.toLocaleString('en')}</text>`;
  });
  const groupWidth = (right - PANEL.left) / figures.length;
  const groups = figures.map((figure, group) => {
    const left = PANEL.left + group * groupWidth + (groupWidth - names.length * (BAR.width + BAR.gap)) / 2;
    const bars = names.map((name, index) => {
      const { median = 0 } = figure.by[name] ?? {};
      const y = yOf(median);
      const x = left + index * (BAR.width + BAR.gap);
      const title = `${figure.case}, ${name}: ${Math.round(median).toLocaleString('en')}`;
      const size = `x="${x.toFixed(1)}" y="${y.toFixed(1)}" width="${BAR.width}" height="${(bottom - y).toFixed(1)}"`;
      return `<rect ${size} fill="${COLOURS[index]}"><title>${escaped(title)}</title></rect>`;
    });
    const middle = (PANEL.left + (group + 0.5) * groupWidth).toFixed(1);
    return `${bars.join('')}<text x="${middle}" y="${bottom + 16}" text-anchor="middle">${escaped(figure.case)}</text>`;
  });
  const title = `<text x="16" y="${top + 12}" font-weight="bold">${escaped(first.scenario)}</text>`;
  return [title, ...lines, ...groups].join('\n');
}
