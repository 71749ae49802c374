import { choiceSetting } from '../../setting';

/** The forms in which a payload is shown to people. */
export const FORMS = ['text', 'json', 'hex'] as const;
export type Form = (typeof FORMS)[number];

/** A payload as people see it. */
export interface ShownPayload {
  text: string;
  /** Of the payload, in bytes. */
  size: number;
  /** Whether the text is only the beginning of it. */
  isCut: boolean;
}

const LONGEST_TEXT = 2048;
const MOST_HEX_BYTES = 512;
const HEX_IN_LINE = 16;

/** What is larger or deeper is shown as text: laying it out would take too long. */
const LARGEST_JSON = 16 * 1024;
const DEEPEST_JSON = 32;

/** Returns a form, by default text. Throws `BAD_CHOICE`. */
export function checkForm(value: unknown): Form {
  return choiceSetting('form', value, FORMS, 'text');
}

/** The beginning of a payload, at most about 2,000 characters. JSON is laid out in lines; what is no JSON is text. */
export function showPayload(bytes: Uint8Array, form: Form): ShownPayload {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (form === 'hex') return showHex(buffer);
  const json = form === 'json' && buffer.length <= LARGEST_JSON ? laidOut(buffer.toString()) : undefined;
  // One character has up to four bytes.
  const text = json ?? buffer.toString('utf8', 0, 4 * LONGEST_TEXT);
  return { ...cut(text), size: buffer.length };
}

/** The beginning of a text. */
export function cut(text: string): { text: string; isCut: boolean } {
  return { text: text.slice(0, LONGEST_TEXT), isCut: text.length > LONGEST_TEXT };
}

function showHex(buffer: Buffer): ShownPayload {
  const lines: string[] = [];
  const shown = buffer.subarray(0, MOST_HEX_BYTES);
  for (let at = 0; at < shown.length; at += HEX_IN_LINE) {
    lines.push(shown.toString('hex', at, at + HEX_IN_LINE).replace(/..(?=.)/g, '$& '));
  }
  return { text: lines.join('\n'), size: buffer.length, isCut: buffer.length > MOST_HEX_BYTES };
}

function laidOut(text: string): string | undefined {
  if (depthOf(text) > DEEPEST_JSON) return undefined;
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return undefined;
  }
}

/** How deep arrays and objects are in one another, counting brackets in strings as well. */
function depthOf(json: string): number {
  let depth = 0;
  let deepest = 0;
  for (const character of json) {
    if (character === '[' || character === '{') deepest = Math.max(deepest, ++depth);
    else if (character === ']' || character === '}') depth--;
  }
  return deepest;
}
