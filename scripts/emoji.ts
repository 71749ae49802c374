// Emoji for the font of the matrix: symbols that Galmuri lacks, drawn for this project.
import type { Font, Glyph } from '../lib/sense-hat/led/font';

/** Rows of symbols, and below each row their drawings, side by side from the top row of the matrix down. */
const DRAWINGS: [symbols: string, drawings: string][] = [
  [
    '✓✗❄⚡👍👎🔥',
    `
.......  #.....#  ...#...  ...##  ....#..  #.####.  ...#...
......#  ##...##  .#.#.#.  ..##.  ...##..  #.#####  ...##..
.....##  .##.##.  ..###..  .##..  ..##...  #.#####  .#.###.
#...##.  ..###..  #######  #####  #.#####  #.#####  .#####.
##.##..  .##.##.  ..###..  ..##.  #.#####  ..##...  ###.###
.###...  ##...##  .#.#.#.  .##..  #.#####  ...##..  ##...##
..#....  #.....#  ...#...  ##...  #.####.  ....#..  .##.##.`,
  ],
  [
    '🎉💔🌙🏠💧☕🔔',
    `
..#.#.#  .##..#.  ..##...  ...#...  ..#..  .#..#..  ...#...
....#..  ###.###  .##....  ..###..  ..#..  ..#..#.  ..###..
.##..##  ##.####  ##.....  .#####.  .###.  .......  .#####.
.###...  ###.###  ##.....  #######  #####  ######.  .#####.
#.###.#  .##.##.  ##....#  .##.##.  #####  #####.#  .#####.
##.##..  ..#.#..  .##..##  .##.##.  #####  #####.#  #######
###....  ...#...  ..####.  .##.##.  .###.  ######.  ...#...`,
  ],
  [
    '⏰⌛🔒☠🚀🎂✈',
    `
..###..  #######  ..###..  .#####.  ...#...  ..#.#..  ...#...
.#.#.#.  .#####.  .#...#.  #######  ..###..  ..#.#..  ...#...
#..#..#  ..###..  .#...#.  #..#..#  ..#.#..  .......  ..###..
#..##.#  ...#...  #######  #######  ..###..  .#####.  #######
#.....#  ..#.#..  ###.###  .##.##.  .#####.  #######  #..#..#
.#...#.  .#.#.#.  ###.###  .#####.  #.###.#  #.#.#.#  ...#...
..###..  #######  #######  .#.#.#.  ...#...  #######  ..###..`,
  ],
  [
    '⚙💡🔋🌡😂☹😐😉😮',
    `
.#.#.#.  .###.  .###.  ..#..  .....  .....  .....  .....  ...
.#####.  #...#  #####  .#.#.  .#.#.  .#.#.  .#.#.  ...#.  #.#
##...##  #...#  #...#  .#.#.  .#.#.  .#.#.  .#.#.  ##.#.  #.#
.#...#.  .#.#.  #####  .###.  .....  .....  .....  .....  ...
##...##  .###.  #####  .###.  #####  .###.  .....  #...#  ###
.#####.  .###.  #####  #####  #...#  #...#  #####  .###.  #.#
.#.#.#.  ..#..  #####  .###.  .###.  .....  .....  .....  ###`,
  ],
];

/** Emoji that are drawn like another symbol, by that symbol. */
const ALIKE: Record<string, string> = {
  '♥': '❤❣🧡💛💚💙💜🖤🤍🤎🩷🩵🩶💓💕💖💗💘💝💞💟',
  '☺': '😀😃😄😊🙂😍🥰😘😇😎🤗🥳🤩😋😌',
  '😂': '😁😆😅🤣😹',
  '☹': '🙁😢😭😞😔😟😥😿😠😡',
  '😐': '😑🙄😶🤔😒',
  '😉': '😜😏',
  '😮': '😯😲😱😳😨',
  '★': '⭐🌟✨💫',
  '✓': '✔✅☑',
  '✗': '✘✕✖❌❎',
  '☀': '🌞🌝',
  '☁': '⛅🌤🌥',
  '☂': '☔🌂🌧',
  '☠': '💀',
  '🌙': '☽☾🌛🌜',
  '♪': '🎵',
  '♫': '🎶',
  '⏰': '⌚🕐🕒🕕🕘⏱',
  '⌛': '⏳',
  '🔒': '🔐',
  '✉': '📧📨📩💌',
  '☎': '📞',
  '●': '🔴🟠🟡🟢🔵🟣⚫⚪',
  '■': '🟥🟧🟨🟩🟦🟪⬛⬜',
  '→': '➡👉',
  '←': '⬅👈',
  '↑': '⬆👆☝',
  '↓': '⬇👇',
  '+': '➕',
  '-': '➖',
};

/** A font with the emoji that it lacks, as far as there are drawings or symbols for them. */
export function withEmoji(font: Font): Font {
  const glyphs = new Map(font);
  const add = (symbol: string, glyph: Glyph | undefined) => {
    const codePoint = symbol.codePointAt(0) as number;
    if (!glyph) throw new Error(`There is no glyph for ${symbol}`);
    if (!glyphs.has(codePoint)) glyphs.set(codePoint, glyph);
  };
  for (const [symbols, drawings] of DRAWINGS) {
    const rows = drawings.trim().split('\n');
    [...symbols].forEach((symbol, index) => {
      add(symbol, columnsOf(rows.map((row) => row.split('  ')[index] as string)));
    });
  }
  for (const [symbol, others] of Object.entries(ALIKE)) {
    for (const other of others) add(other, glyphs.get(symbol.codePointAt(0) as number));
  }
  return glyphs;
}

function columnsOf(rows: string[]): Glyph {
  return Uint8Array.from({ length: rows[0]?.length ?? 0 }, (_, column) =>
    rows.reduce((bits, row, index) => bits | (Number(row[column] === '#') << index), 0),
  );
}
