import { CodedError } from '../../coded-error';
import { channelsOf, lineBytes, type Pass, type PngHeader, passesOf } from './header';

/** A line of pixels of a pass. */
export interface Line {
  pass: Pass;
  /** The index of the line in the pass. */
  row: number;
  bytes: Uint8Array;
}

/** The bytes of all lines of a PNG, each with its filter. */
export function bytesOf(header: PngHeader): number {
  return passesOf(header).reduce((sum, { columns, rows }) => sum + rows * (1 + lineBytes(header, columns)), 0);
}

/**
 * The lines of a PNG, of which the filters are undone one by one: https://www.w3.org/TR/png-3/#9Filters.
 * `unpacked` is changed. Throws `BAD_PNG`.
 */
export function* linesOf(header: PngHeader, unpacked: Uint8Array): Iterable<Line> {
  const pixelBytes = Math.max(1, (channelsOf(header) * header.depth) >> 3);
  let at = 0;
  for (const pass of passesOf(header)) {
    const length = lineBytes(header, pass.columns);
    let above: Uint8Array = new Uint8Array(length);
    for (let row = 0; row < pass.rows; row++) {
      const filter = unpacked[at] as number;
      const bytes = unpacked.subarray(at + 1, at + 1 + length);
      unfilter(filter, bytes, above, pixelBytes);
      yield { pass, row, bytes };
      above = bytes;
      at += 1 + length;
    }
  }
}

/** Replaces the differences in a line by the values. Plain loops, because a picture has a million pixels. */
function unfilter(filter: number, line: Uint8Array, above: Uint8Array, pixelBytes: number): void {
  const { length } = line;
  const up = (at: number) => above[at] as number;
  const left = (at: number) => (at < pixelBytes ? 0 : (line[at - pixelBytes] as number));
  const upLeft = (at: number) => (at < pixelBytes ? 0 : (above[at - pixelBytes] as number));
  const add = (at: number, value: number) => {
    line[at] = (line[at] as number) + value;
  };
  switch (filter) {
    case 0:
      return;
    case 1:
      for (let at = pixelBytes; at < length; at++) add(at, left(at));
      return;
    case 2:
      for (let at = 0; at < length; at++) add(at, up(at));
      return;
    case 3:
      for (let at = 0; at < length; at++) add(at, (left(at) + up(at)) >> 1);
      return;
    case 4:
      for (let at = 0; at < length; at++) add(at, paeth(left(at), up(at), upLeft(at)));
      return;
    default:
      throw new CodedError('BAD_PNG-filter', { filter });
  }
}

/** The neighbour that is nearest to what the three of them predict. */
function paeth(left: number, up: number, upLeft: number): number {
  const toLeft = Math.abs(up - upLeft);
  const toUp = Math.abs(left - upLeft);
  const toUpLeft = Math.abs(left + up - 2 * upLeft);
  if (toLeft <= toUp && toLeft <= toUpLeft) return left;
  return toUp <= toUpLeft ? up : upLeft;
}
