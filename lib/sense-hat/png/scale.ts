/** In pixels. */
export interface Size {
  width: number;
  height: number;
}

/** What the pixels of a side cover of the result: for each, the pixels from one start to the next. */
interface Shares {
  starts: number[];
  targets: number[];
  /** How much of each is covered, in parts of a length that divides both sides. */
  parts: number[];
}

/**
 * Scales a picture that arrives line by line, in any order: each pixel of the result is the mean of those it covers,
 * by the area covered and by opacity. All sums are whole numbers below 2^53, so nothing is lost to rounding.
 */
export class Scaler {
  /** For each pixel of the result: red, green and blue times opacity, and opacity. */
  private readonly sums: Float64Array;
  /** The sums of a row of the picture. */
  private readonly line: Float64Array;
  private readonly columns: Shares;
  private readonly rows: Shares;

  constructor(
    private readonly from: Size,
    to: Size,
  ) {
    this.sums = new Float64Array(4 * to.width * to.height);
    this.line = new Float64Array(4 * to.width);
    this.columns = sharesOf(from.width, to.width);
    this.rows = sharesOf(from.height, to.height);
  }

  /** Adds pixels of one row, four bytes each (RGBA); `columnOf` is the column of each. */
  add(row: number, pixels: Uint8Array, columnOf: (index: number) => number): void {
    const { starts, targets, parts } = this.columns;
    const line = this.line.fill(0);
    for (let index = 0; 4 * index < pixels.length; index++) {
      const at = 4 * index;
      const alpha = pixels[at + 3] as number;
      const column = columnOf(index);
      const end = starts[column + 1] as number;
      for (let share = starts[column] as number; share < end; share++) {
        const sum = 4 * (targets[share] as number);
        const weight = alpha * (parts[share] as number);
        line[sum] = (line[sum] as number) + weight * (pixels[at] as number);
        line[sum + 1] = (line[sum + 1] as number) + weight * (pixels[at + 1] as number);
        line[sum + 2] = (line[sum + 2] as number) + weight * (pixels[at + 2] as number);
        line[sum + 3] = (line[sum + 3] as number) + weight;
      }
    }
    this.addLine(row, line);
  }

  /** A pixel of the result: red, green and blue, 0 to 255, and opacity, 0 to 1. */
  pixelAt(index: number): [red: number, green: number, blue: number, alpha: number] {
    const [red = 0, green = 0, blue = 0, opacity = 0] = this.sums.subarray(4 * index, 4 * index + 4);
    const mean = (sum: number) => (opacity > 0 ? sum / opacity : 0);
    return [mean(red), mean(green), mean(blue), opacity / (255 * this.from.width * this.from.height)];
  }

  private addLine(row: number, line: Float64Array): void {
    const { starts, targets, parts } = this.rows;
    for (let share = starts[row] as number; share < (starts[row + 1] as number); share++) {
      const start = line.length * (targets[share] as number);
      const part = parts[share] as number;
      for (let at = 0; at < line.length; at++) {
        this.sums[start + at] = (this.sums[start + at] as number) + part * (line[at] as number);
      }
    }
  }
}

function sharesOf(from: number, to: number): Shares {
  const shares: Shares = { starts: [0], targets: [], parts: [] };
  for (let at = 0; at < from; at++) {
    for (let target = Math.floor((at * to) / from); target * from < (at + 1) * to; target++) {
      shares.targets.push(target);
      shares.parts.push(Math.min((at + 1) * to, (target + 1) * from) - Math.max(at * to, target * from));
    }
    shares.starts.push(shares.targets.length);
  }
  return shares;
}
