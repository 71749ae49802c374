import { CLIENT, FLOOR, PACK } from './contenders';
import { HOP } from './limit';
import type { Bars } from './plot';
import { escaped, rounded, scaleFor } from './svg';

/** The scenarios that are plotted here begin with it. */
export const GROWTH = 'growth, ';

const COLOURS: Record<string, string> = {
  [CLIENT]: '#8c96a3',
  [FLOOR]: '#c9b458',
  [PACK]: '#1f77b4',
  [HOP]: '#d1603d',
};

const WIDTH = 840;
const TOP = 56;
const PANEL = { width: 206, height: 150, left: 34, right: 10, top: 38, bottom: 22 };
const ROW_HEIGHT = PANEL.height + 22;

/** An SVG plot of what grows: a row for each cause, and in it a panel with a curve a contender for each measure; `undefined` without such figures. */
export function plotGrowth({ figures = [], machine }: { figures?: Bars[]; machine: string }): string | undefined {
  const grown = figures.filter(({ scenario }) => scenario.startsWith(GROWTH));
  if (grown.length === 0) return undefined;
  const scenarios = [...new Set(grown.map(({ scenario }) => scenario))];
  const names = Object.keys(COLOURS).filter((name) => grown.some(({ by }) => by[name]));
  const height = TOP + scenarios.length * ROW_HEIGHT + 24;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">`,
    '<title>Cost and memory as something grows</title>',
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    '<text x="16" y="22" font-size="14" font-weight="bold">Cost and memory as something grows</text>',
    ...names.map((name, index) => {
      const x = 16 + index * 140;
      const line = `<rect x="${x}" y="38" width="11" height="3" fill="${COLOURS[name]}"/>`;
      return `${line}<text x="${x + 16}" y="44">${escaped(name)}</text>`;
    }),
    ...scenarios.map((scenario, row) => {
      const own = grown.filter((figure) => figure.scenario === scenario);
      return drawRow(scenario.slice(GROWTH.length), own, names, TOP + row * ROW_HEIGHT);
    }),
    `<text x="16" y="${height - 10}" fill="#666" font-size="11">${escaped(machine)}</text>`,
    '</svg>',
    '',
  ].join('\n');
}

function drawRow(title: string, figures: Bars[], names: string[], top: number): string {
  const measures = [...new Set(figures.map(({ measure }) => measure))];
  return [
    `<text x="16" y="${top + 14}" font-weight="bold">${escaped(title)}</text>`,
    ...measures.map((measure, column) => {
      const own = figures.filter((figure) => figure.measure === measure);
      return drawPanel(measure, own, names, { x: 10 + column * PANEL.width, y: top + 12 });
    }),
  ].join('\n');
}

function drawPanel(measure: string, figures: Bars[], names: string[], at: { x: number; y: number }): string {
  const counts = figures.map((figure) => Number(figure.case.replaceAll(',', '')));
  const decades = Math.max(1, Math.log10(Math.max(...counts)));
  const { top } = scaleFor(Math.max(...figures.flatMap(({ by }) => Object.values(by).map(({ median }) => median))));
  const left = at.x + PANEL.left;
  const right = at.x + PANEL.width - PANEL.right;
  const bottom = at.y + PANEL.height - PANEL.bottom;
  const xOf = (count: number) => left + ((right - left) * Math.log10(count)) / decades;
  const yOf = (value: number) => bottom - ((bottom - at.y - PANEL.top) * value) / top;
  const lines = [0, top / 2, top].map((value) => {
    const y = yOf(value).toFixed(1);
    const line = `<line x1="${left}" x2="${right}" y1="${y}" y2="${y}" stroke="#ddd"/>`;
    const label = value.toLocaleString('en', { maximumSignificantDigits: 3 });
    return `${line}<text x="${left - 4}" y="${Number(y) + 3}" text-anchor="end" font-size="9">${label}</text>`;
  });
  const steps = counts.map((count) => {
    return `<text x="${xOf(count).toFixed(1)}" y="${bottom + 13}" text-anchor="middle" font-size="9">${short(count)}</text>`;
  });
  const curves = names.map((name) => {
    const points = figures.flatMap((figure, index) => {
      const { median } = figure.by[name] ?? {};
      if (median === undefined) return [];
      const count = counts[index] as number;
      return {
        x: xOf(count).toFixed(1),
        y: yOf(median).toFixed(1),
        title: `${figure.case}, ${name}: ${rounded(median)}`,
      };
    });
    const line = points.map(({ x, y }) => `${x},${y}`).join(' ');
    const colour = COLOURS[name];
    const dots = points.map(({ x, y, title }) => {
      return `<circle cx="${x}" cy="${y}" r="2.5" fill="${colour}"><title>${escaped(title)}</title></circle>`;
    });
    return `<polyline points="${line}" fill="none" stroke="${colour}" stroke-width="1.5"/>${dots.join('')}`;
  });
  const title = `<text x="${left}" y="${at.y + 24}" font-size="10" fill="#444">${escaped(measure)}</text>`;
  return [title, ...lines, ...steps, ...curves].join('\n');
}

/** A step such as 1, 10k or 1M. */
function short(count: number): string {
  if (count >= 1_000_000) return `${count / 1_000_000}M`;
  return count >= 1000 ? `${count / 1000}k` : String(count);
}
