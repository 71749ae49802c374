const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Short, for the segmenter keeps its whole input for each character that it finds. */
const CHUNK = 256;

/** What a reader sees as characters, in order: a letter with its marks is one, an emoji of several code points too. */
export function* graphemesOf(text: string): Generator<string> {
  let size = CHUNK;
  for (let at = 0; at < text.length; ) {
    const end = endOfChunk(text, at + size);
    const found = Array.from(segmenter.segment(text.slice(at, end)), ({ segment }) => segment);
    // What the chunk cuts off may belong to its last character.
    if (end < text.length) found.pop();
    size = found.length > 0 ? CHUNK : 2 * size;
    yield* found;
    at += found.reduce((sum, { length }) => sum + length, 0);
  }
}

/** An end that leaves no code point in halves. */
function endOfChunk(text: string, end: number): number {
  const isHalf = (text.codePointAt(end - 1) ?? 0) > 0xffff;
  return isHalf ? end + 1 : end;
}
