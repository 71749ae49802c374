import { CodedError, shown } from '../../coded-error';
import type { Steps } from '../../steps';
import { crc32 } from './crc32';
import { INDEXED, type PngHeader, readHeader } from './header';

/** What the chunks of a PNG have, the pixels still packed: https://www.w3.org/TR/png-3/#5DataRep */
export interface PngFile {
  header: PngHeader;
  /** Red, green and blue of each colour that a pixel may name. */
  palette: Uint8Array;
  /** The opacity of the first colours of the palette, or the colour that is transparent, in two bytes a channel. */
  transparency: Uint8Array | undefined;
  /** The pixels, compressed. */
  packed: Uint8Array[];
}

/** https://www.w3.org/TR/png-3/#5PNG-file-signature */
const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');

/** The most bytes of a file. The pixels of the largest one take 8 MiB if they are not compressed. */
export const MAX_BYTES = 10 * 1024 * 1024;

/** How many bytes are checked in a step. */
const BLOCK = 32 * 1024;

export function isPng(bytes: Uint8Array): boolean {
  return SIGNATURE.equals(bytes.subarray(0, SIGNATURE.length));
}

/**
 * Reads and checks the chunks that are needed to draw a PNG. Others, and what follows the last one, are left out.
 * Throws `BAD_PNG`.
 */
export function* readPngFile(bytes: Uint8Array): Steps<PngFile> {
  if (bytes.length > MAX_BYTES) throw new CodedError('BAD_PNG-bytes', { bytes: bytes.length, limit: MAX_BYTES });
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let header: PngHeader | undefined;
  let palette: Uint8Array = new Uint8Array();
  let transparency: Uint8Array | undefined;
  const packed: Uint8Array[] = [];
  for (const { type, data, body, checksum } of chunksOf(file)) {
    // Also keeps a second header from being trusted.
    if ((type === 'IHDR') !== (header === undefined)) throw new CodedError('BAD_PNG-order', { chunk: shown(type) });
    if (isNeeded(type)) {
      let crc = 0;
      for (let at = 0; at < body.length; at += BLOCK) {
        crc = crc32(body.subarray(at, at + BLOCK), crc);
        yield;
      }
      if (crc !== checksum) throw new CodedError('BAD_PNG-checksum', { chunk: shown(type) });
    }
    if (type === 'IHDR') header = readHeader(data);
    else if (type === 'PLTE') palette = data;
    else if (type === 'tRNS') transparency = data;
    else if (type === 'IDAT') packed.push(data);
    else if (type === 'IEND') break;
    else if (isNeeded(type)) throw new CodedError('BAD_PNG-chunk', { chunk: shown(type) });
    yield;
  }
  if (header?.colourType === INDEXED && palette.length < 3) throw new CodedError('BAD_PNG-palette');
  return { header: header as PngHeader, palette, transparency, packed };
}

/** A chunk: https://www.w3.org/TR/png-3/#5Chunk-layout */
interface Chunk {
  type: string;
  data: Buffer;
  /** What the checksum covers: the type and the data. */
  body: Buffer;
  checksum: number;
}

/** The chunks of a file. Throws `BAD_PNG` if one is cut off, or when there are no more. */
function* chunksOf(file: Buffer): Iterable<Chunk> {
  for (let at = SIGNATURE.length; ; ) {
    const end = at + 8 <= file.length ? at + 8 + file.readUInt32BE(at) : file.length;
    if (end + 4 > file.length) throw new CodedError('BAD_PNG-end', { bytes: file.length });
    const body = file.subarray(at + 4, end);
    yield { type: body.toString('latin1', 0, 4), data: body.subarray(4), body, checksum: file.readUInt32BE(end) };
    at = end + 4;
  }
}

/** Whether a picture cannot be drawn without a chunk: one with a capital letter, or the one with the opacity. */
function isNeeded(type: string): boolean {
  return /^[A-Z]/.test(type) || type === 'tRNS';
}
