import type { NodeAPI } from 'node-red';

const PAIRS = Array.from({ length: 256 }, (_, n) => n.toString(16).padStart(2, '0'));

/**
 * Makes ids for messages as Node-RED does, 16 hexadecimal digits. Node-RED draws each at random, which is among the most
 * that a message costs it; here the last four count, and the others are drawn again when those are through.
 */
export function messageIds(RED: NodeAPI): () => string {
  let start = '';
  let count = 0;
  return () => {
    if (count === 0) start = RED.util.generateId().slice(0, 12);
    const id = start + PAIRS[count >> 8] + PAIRS[count & 0xff];
    count = (count + 1) & 0xffff;
    return id;
  };
}
