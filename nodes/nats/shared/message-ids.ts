import type { NodeAPI } from 'node-red';

const PAIRS = Array.from({ length: 256 }, (_, n) => n.toString(16).padStart(2, '0'));

let start = '';
let count = 0;

/**
 * Makes a message id like Node-RED's, 16 hexadecimal digits. Node-RED draws each of them at random, which is one of the
 * largest costs of a message. Here the last four digits are a counter, and the others are drawn again when it
 * overflows.
 */
export function nextMessageId(RED: NodeAPI): string {
  if (count === 0) start = RED.util.generateId().slice(0, 12);
  const id = start + PAIRS[count >> 8] + PAIRS[count & 0xff];
  count = (count + 1) & 0xffff;
  return id;
}
