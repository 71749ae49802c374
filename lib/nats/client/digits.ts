const ZERO = 0x30;
const NINE = 0x39;

/** Where the digits end that begin at `at`. */
export function endOfDigits(bytes: Uint8Array, at: number): number {
  let end = at;
  while ((bytes[end] as number) >= ZERO && (bytes[end] as number) <= NINE) end++;
  return end;
}

/** The number whose digits these bytes are. */
export function numberIn(bytes: Uint8Array, start: number, end: number): number {
  let number = 0;
  for (let at = start; at < end; at++) number = 10 * number + (bytes[at] as number) - ZERO;
  return number;
}
