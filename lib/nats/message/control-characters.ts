const DEL = 0x7f;

/** By byte: 1 for a control character (below U+0020, or U+007F) other than tab, LF and CR, else 0. */
const CONTROL = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte === DEL || (byte < 0x20 && !'\t\n\r'.includes(String.fromCharCode(byte))) ? 1 : 0,
);

/** The same, but 1 also for a byte that is not ASCII. */
const CONTROL_OR_OTHER = CONTROL.map((isControl, byte) => (byte > DEL ? 1 : isControl));

/** The bytes that are looked at together, in words of 32 bits. */
const BLOCK = 16;

// Added to four bytes of ASCII at once, one sets the high bit of each that is at least a space, the other that of each DEL.
const FROM_SPACE = 0x60606060;
const FROM_DEL = 0x01010101;
const HIGH_BITS = 0x80808080 | 0;

/** A view of larger memory is not kept, because it would keep the memory. */
const LARGEST_KEPT_BYTES = 64 * 1024;

/** A view of the memory of the last bytes: most messages are in the same memory as those before. */
let lastView: DataView = new DataView(new ArrayBuffer(0));

/** Whether UTF-8 contains a control character other than tab, LF and CR. */
export function hasControlCharacter(bytes: Uint8Array): boolean {
  return isAnyIn(CONTROL, bytes, 0, bytes.length);
}

/**
 * Whether a part of the bytes is ASCII without control characters other than tab, LF and CR. It is looked at in blocks:
 * over 4 KiB that takes a quarter of the time of a regular expression, and that was most of the time of such a message.
 */
export function isPlainAscii(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  if (end - start >= BLOCK) {
    const { buffer, byteOffset } = bytes;
    const view = viewOf(buffer);
    for (const last = end - BLOCK; at <= last; at += BLOCK)
      if (!isPrintable(view, byteOffset + at) && isAnyIn(CONTROL_OR_OTHER, bytes, at, at + BLOCK)) return false;
  }
  return !isAnyIn(CONTROL_OR_OTHER, bytes, at, end);
}

function viewOf(memory: ArrayBufferLike): DataView {
  if (lastView.buffer === memory) return lastView;
  const view = new DataView(memory);
  if (memory.byteLength <= LARGEST_KEPT_BYTES) lastView = view;
  return view;
}

/** Whether a block has only characters from the space to the tilde. */
function isPrintable(view: DataView, at: number): boolean {
  const a = view.getInt32(at);
  const b = view.getInt32(at + 4);
  const c = view.getInt32(at + 8);
  const d = view.getInt32(at + 12);
  if (((a | b | c | d) & HIGH_BITS) !== 0) return false;
  const spaces = (a + FROM_SPACE) & (b + FROM_SPACE) & (c + FROM_SPACE) & (d + FROM_SPACE);
  const dels = (a + FROM_DEL) | (b + FROM_DEL) | (c + FROM_DEL) | (d + FROM_DEL);
  return (spaces & ~dels & HIGH_BITS) === HIGH_BITS;
}

/** Whether a table has 1 for any of these bytes. */
function isAnyIn(table: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  let found = 0;
  for (let at = start; at < end; at++) found |= table[bytes[at] as number] as number;
  return found !== 0;
}
