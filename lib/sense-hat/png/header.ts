import { CodedError } from '../../coded-error';

/** The header of a PNG: https://www.w3.org/TR/png-3/#11IHDR */
export interface PngHeader {
  /** In pixels, 1 to 1,024 each. */
  width: number;
  height: number;
  /** Bits of a channel: 1, 2, 4, 8 or 16. */
  depth: number;
  /** The number in the file that stands for the kind of colour: a key of `CHANNELS`. */
  colourType: number;
  isInterlaced: boolean;
}

/** A picture that has some of the pixels, at regular distances. */
export interface Pass {
  columns: number;
  rows: number;
  columnOf(index: number): number;
  rowOf(index: number): number;
}

/** The longest side of a PNG, in pixels. */
export const MAX_SIDE = 1024;

/** The colour type of a PNG whose pixels are indexes of a palette. */
export const INDEXED = 3;

/** The number of channels by colour type, and the depths that it may have: https://www.w3.org/TR/png-3/#6Colour-values */
const CHANNELS: Record<number, { channels: number; depths: number[] }> = {
  0: { channels: 1, depths: [1, 2, 4, 8, 16] },
  2: { channels: 3, depths: [8, 16] },
  [INDEXED]: { channels: 1, depths: [1, 2, 4, 8] },
  4: { channels: 2, depths: [8, 16] },
  6: { channels: 4, depths: [8, 16] },
};

type PassSteps = [x: number, y: number, everyX: number, everyY: number];

/** The first pixel of each pass and the distances to the next ones: https://www.w3.org/TR/png-3/#8InterlaceMethods */
const ADAM7: PassSteps[] = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
];
const ALL_AT_ONCE: PassSteps[] = [[0, 0, 1, 1]];

/** Reads the data of an IHDR chunk. Throws `BAD_PNG` for a picture that is too large, or of an unknown kind. */
export function readHeader(data: Buffer): PngHeader {
  if (data.length !== 13) throw invalid(data);
  const width = data.readUInt32BE(0);
  const height = data.readUInt32BE(4);
  const [depth = 0, colourType = 0, compression, filter, interlace = 0] = data.subarray(8);
  const isKnown = CHANNELS[colourType]?.depths.includes(depth) && compression === 0 && filter === 0 && interlace < 2;
  if (!isKnown || width === 0 || height === 0) throw invalid(data);
  if (width > MAX_SIDE || height > MAX_SIDE) throw new CodedError('BAD_PNG-size', { width, height, limit: MAX_SIDE });
  return { width, height, depth, colourType, isInterlaced: interlace === 1 };
}

function invalid(data: Buffer): CodedError {
  return new CodedError('BAD_PNG-header', { header: data.subarray(0, 13).toString('hex') });
}

export function channelsOf({ colourType }: PngHeader): number {
  return CHANNELS[colourType]?.channels ?? 0;
}

/** The passes in which a PNG stores its pixels: one, or up to seven if it is interlaced. */
export function passesOf({ width, height, isInterlaced }: PngHeader): Pass[] {
  const passes = Array.from(isInterlaced ? ADAM7 : ALL_AT_ONCE, ([x, y, everyX, everyY]) => ({
    columns: Math.ceil((width - x) / everyX),
    rows: Math.ceil((height - y) / everyY),
    columnOf: (index: number) => x + index * everyX,
    rowOf: (index: number) => y + index * everyY,
  }));
  return passes.filter(({ columns, rows }) => columns > 0 && rows > 0);
}

/** The bytes of a line of pixels, without the one before it that names its filter. */
export function lineBytes(header: PngHeader, columns: number): number {
  return Math.ceil((columns * channelsOf(header) * header.depth) / 8);
}
