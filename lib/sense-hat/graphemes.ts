const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Long enough for any character; the segmenter keeps its whole input for each character that it finds. */
const CHUNK = 256;

/** What a reader sees as characters, in order: a letter with its marks is one, an emoji of several code points too. */
export function* graphemesOf(text: string): Generator<string> {
  for (let at = 0; at < text.length; ) {
    const found = Array.from(segmenter.segment(text.slice(at, at + CHUNK)), ({ segment }) => segment);
    // What the chunk cuts off may belong to its last character.
    if (at + CHUNK < text.length && found.length > 1) found.pop();
    yield* found;
    at += found.reduce((sum, { length }) => sum + length, 0);
  }
}
