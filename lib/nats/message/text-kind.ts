import { isUtf8 } from 'node:buffer';

/**
 * What kind of text bytes are: UTF-8 without control characters other than tab, LF and CR (a black picture is valid
 * UTF-8, but no text), and whether all of it is ASCII, which is faster to decode.
 */
export function textKind(bytes: Uint8Array): 'ascii' | 'utf8' | 'none' {
  const { byteOffset, length } = bytes;
  const words = wordsOf(bytes.buffer);
  // Whole words of the memory, and the bytes before and behind them.
  const firstWord = (byteOffset + 3) >> 2;
  const endWord = Math.max(firstWord, (byteOffset + length) >> 2);
  const head = Math.min(4 * firstWord - byteOffset, length);
  const tail = Math.min(4 * endWord - byteOffset, length);
  let high = 0;
  for (let at = 0; at < head; at++) {
    const byte = bytes[at] as number;
    if (isControl(byte)) return 'none';
    high |= byte;
  }
  for (let at = firstWord; at < endWord; at++) {
    const word = words[at] as number;
    if (mayHoldControl(word) && holdsControl(word)) return 'none';
    high |= word;
  }
  for (let at = tail; at < length; at++) {
    const byte = bytes[at] as number;
    if (isControl(byte)) return 'none';
    high |= byte;
  }
  if ((high & 0x80808080) === 0) return 'ascii';
  return isUtf8(bytes) ? 'utf8' : 'none';
}

/** Larger memory is not kept. */
const MOST_KEPT = 1024 * 1024;
let lastWords = new Int32Array(0);

/** Memory by words of four bytes; the messages that a socket has read at once are in one. */
function wordsOf(memory: ArrayBufferLike): Int32Array {
  if (lastWords.buffer === memory) return lastWords;
  const words = new Int32Array(memory as ArrayBuffer, 0, memory.byteLength >> 2);
  if (memory.byteLength <= MOST_KEPT) lastWords = words;
  return words;
}

/** Whether one of four bytes is below 0x20, or 0x7f: https://graphics.stanford.edu/~seander/bithacks.html#HasLessInWord */
function mayHoldControl(word: number): boolean {
  const deletes = word ^ 0x7f7f7f7f;
  return ((((word - 0x20202020) & ~word) | ((deletes - 0x01010101) & ~deletes)) & 0x80808080) !== 0;
}

function holdsControl(word: number): boolean {
  return (
    isControl(word & 0xff) || isControl((word >> 8) & 0xff) || isControl((word >> 16) & 0xff) || isControl(word >>> 24)
  );
}

function isControl(byte: number): boolean {
  return byte < 0x20 ? byte !== 0x09 && byte !== 0x0a && byte !== 0x0d : byte === 0x7f;
}
