/** What an entry of an array takes, and what an object takes besides its entries. */
const REFERENCE = 8;
const HEADER = 32;

/** The depth of the deepest payload: a list of commands with lists of frames that are rows of colours. */
const DEEPEST = 5;

/**
 * How many bytes of memory a payload takes, roughly. Each command and each frame of a payload is looked at, but of a
 * frame only its first pixel, because the others are alike.
 */
export function payloadBytes(payload: unknown): number {
  return sizeOf(payload, 0);
}

function sizeOf(value: unknown, depth: number): number {
  if (typeof value === 'string') return HEADER + value.length;
  if (ArrayBuffer.isView(value)) return HEADER + value.byteLength;
  if (typeof value !== 'object' || value === null || depth > DEEPEST) return 0;
  if (Array.isArray(value)) {
    const isList = depth === 0 || ArrayBuffer.isView(value[0]);
    if (!isList) return HEADER + value.length * (REFERENCE + sizeOf(value[0], depth + 1));
    return value.reduce((sum: number, entry) => sum + REFERENCE + sizeOf(entry, depth + 1), HEADER);
  }
  const { pixels, text } = value as { pixels?: unknown; text?: unknown };
  return HEADER + sizeOf(pixels, depth + 1) + sizeOf(text, depth + 1);
}
