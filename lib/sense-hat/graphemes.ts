const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Long enough for nearly any character; the segmenter keeps its whole input for each character that it finds. */
const CHUNK = 256;

/** What a reader sees as characters, in order: a letter with its marks is one, an emoji of several code points too. */
export function* graphemesOf(text: string): Generator<string> {
  let length = CHUNK;
  for (let at = 0; at < text.length; ) {
    // Half of a code point would hide that the whole belongs to the character before it.
    const end = at + length + ((text.codePointAt(at + length - 1) ?? 0) > 0xffff ? 1 : 0);
    const found = Array.from(segmenter.segment(text.slice(at, end)), ({ segment }) => segment);
    // What the chunk cuts off may belong to its last character.
    if (end < text.length) found.pop();
    yield* found;
    at += found.reduce((sum, { length }) => sum + length, 0);
    length = found.length > 0 ? CHUNK : 2 * length;
  }
}
