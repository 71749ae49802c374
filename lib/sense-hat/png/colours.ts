import type { PngFile } from './file';
import { channelsOf, INDEXED } from './header';

/** Turns the bytes of a line into four bytes a pixel: red, green, blue and opacity. */
export type ReadColours = (line: Uint8Array, columns: number) => Uint8Array;

/** How the colours of a PNG are read: https://www.w3.org/TR/png-3/#6Colour-values */
export function readColoursOf({ header, palette, transparency }: PngFile): ReadColours {
  const { depth, colourType } = header;
  const channels = channelsOf(header);
  const most = 2 ** depth - 1;
  const toByte = depth === 8 ? (sample: number) => sample : (sample: number) => Math.round((sample * 255) / most);
  // Greyscale has one channel for all of them, and a second one is its opacity.
  const [green, blue, alpha] = channels < 3 ? [0, 0, 1] : [1, 2, 3];
  const hasAlpha = colourType === 4 || colourType === 6;
  const transparent = transparency && samplesOf(Buffer.from(transparency), 16, channels);

  // The most common kind already has this form.
  if (colourType === 6 && depth === 8) return (line) => line;
  return (line, columns) => {
    const samples = samplesOf(line, depth, columns * channels);
    const colours = new Uint8Array(4 * columns);
    for (let at = 0; at < columns; at++) {
      const from = at * channels;
      const first = samples[from] as number;
      if (colourType === INDEXED) {
        colours.set(palette.subarray(3 * first, 3 * first + 3), 4 * at);
        colours[4 * at + 3] = transparency?.[first] ?? 255;
        continue;
      }
      const second = samples[from + green] as number;
      const third = samples[from + blue] as number;
      colours[4 * at] = toByte(first);
      colours[4 * at + 1] = toByte(second);
      colours[4 * at + 2] = toByte(third);
      const isTransparent =
        transparent && first === transparent[0] && second === transparent[green] && third === transparent[blue];
      colours[4 * at + 3] = hasAlpha ? toByte(samples[from + alpha] as number) : isTransparent ? 0 : 255;
    }
    return colours;
  };
}

/** The values of `count` channels, of 1 to 16 bits each; those beyond the end are 0. */
function samplesOf(bytes: Uint8Array, depth: number, count: number): Uint8Array | Uint16Array {
  if (depth === 8) return bytes;
  if (depth === 16)
    return Uint16Array.from({ length: count }, (_, at) => ((bytes[2 * at] ?? 0) << 8) | (bytes[2 * at + 1] ?? 0));
  const perByte = 8 / depth;
  const most = 2 ** depth - 1;
  return Uint8Array.from({ length: count }, (_, at) => {
    const shift = 8 - depth * (1 + (at % perByte));
    return ((bytes[Math.floor(at / perByte)] as number) >> shift) & most;
  });
}
