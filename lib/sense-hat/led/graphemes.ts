const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** UTF-16 units per chunk. It is short because each segment that the segmenter returns keeps its whole input alive. */
const CHUNK = 256;

/** The user-perceived characters of a text: a letter with its marks is one, as is an emoji of several code points. */
export function* graphemesOf(text: string): Generator<string> {
  let size = CHUNK;
  for (let at = 0; at < text.length; ) {
    const end = endOfChunk(text, at + size);
    const found = Array.from(segmenter.segment(text.slice(at, end)), ({ segment }) => segment);
    // The last character may continue in the next chunk.
    if (end < text.length) found.pop();
    size = found.length > 0 ? CHUNK : 2 * size;
    yield* found;
    at += found.reduce((sum, { length }) => sum + length, 0);
  }
}

/** Moves the end of a chunk if it would split a surrogate pair. */
function endOfChunk(text: string, end: number): number {
  const isHalf = (text.codePointAt(end - 1) ?? 0) > 0xffff;
  return isHalf ? end + 1 : end;
}
