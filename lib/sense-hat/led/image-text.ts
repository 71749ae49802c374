import { CodedError, shown } from '../../coded-error';
import type { Steps } from '../../steps';
import { MAX_BYTES } from '../png/file';
import { imageFormatOf } from './image-format';

/** A data URL: https://www.rfc-editor.org/rfc/rfc2397 */
const DATA_URL = /^\s{0,9}data:image\/[^,]{0,100}/i;

/** What the base64 of every PNG begins with. */
const BASE64_PNG = /^\s{0,9}iVBORw0KGgo/;

/** What is left of the first bytes of a PNG, a JPEG and a GIF once they have been read as UTF-8, or as Latin-1. */
const READ_AS_TEXT: [name: string, start: RegExp][] = [
  ['PNG', /^[\ufffd\x89]PNG\r?\n/],
  ['JPEG', /^(?:\ufffd{3}|\xff\xd8\xff)[\s\S]{0,6}(?:\0|Exif)/],
  ['GIF', /^GIF8[79]a[\s\S]{0,6}[\0\ufffd]/],
];

/** The most characters that the base64 of a PNG may have, its type included. */
const LONGEST = Math.ceil(MAX_BYTES / 3) * 4 + 200;

/** How many characters are decoded in a step. */
const BLOCK = 64 * 1024;

/**
 * Whether a text is really a picture: a data URL, the base64 of a PNG, or a picture file that was read as text. Nobody
 * wants to see it scroll.
 */
export function isImageText(value: unknown): value is string {
  return typeof value === 'string' && (DATA_URL.test(value) || BASE64_PNG.test(value) || fileOf(value) !== undefined);
}

/** The bytes of a picture that is a text. Throws `BAD_PIXELS` or `BAD_PNG` if there are none, or too many. */
export function* imageBytes(text: string): Steps<Buffer> {
  const format = fileOf(text);
  if (format) throw new CodedError('BAD_PIXELS-text', { format });
  if (text.length > LONGEST) {
    throw new CodedError('BAD_PNG-bytes', { bytes: Math.floor((text.length * 3) / 4), limit: MAX_BYTES });
  }
  const [type = ''] = DATA_URL.exec(text) ?? [];
  if (type !== '' && !/;\s*base64\s*$/i.test(type)) throw new CodedError('BAD_PIXELS-data', { value: shown(text) });
  const bytes = yield* decodeBase64(text.slice(type === '' ? 0 : type.length + 1));
  if (imageFormatOf(bytes) === undefined) throw new CodedError('BAD_PIXELS-data', { value: shown(text) });
  return bytes;
}

/** Decodes base64, which may have line ends. */
function* decodeBase64(text: string): Steps<Buffer> {
  const decoded: Buffer[] = [];
  let rest = '';
  for (let at = 0; at < text.length; at += BLOCK) {
    const digits = rest + text.slice(at, at + BLOCK).replace(/\s+/g, '');
    // Four characters are three bytes.
    const whole = digits.length - (digits.length % 4);
    decoded.push(Buffer.from(digits.slice(0, whole), 'base64'));
    rest = digits.slice(whole);
    yield;
  }
  decoded.push(Buffer.from(rest, 'base64'));
  return Buffer.concat(decoded);
}

function fileOf(text: string): string | undefined {
  return READ_AS_TEXT.find(([, start]) => start.test(text))?.[0];
}
