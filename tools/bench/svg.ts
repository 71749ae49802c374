/** The top of a scale, a round number not below the value, and the number of its steps. */
export function scaleFor(value: number): { top: number; steps: number } {
  const unit = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 2, 4, 5, 8, 10].find((factor) => factor * unit >= value) ?? 10;
  return { top: factor * unit, steps: factor === 5 || factor === 10 ? 5 : 4 };
}

/** A number as plots show it: whole from 1,000, else three digits. */
export function rounded(value: number): number {
  return value >= 1000 ? Math.round(value) : Number(value.toPrecision(3));
}

export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
