/** The payloads, in bytes. */
export const SIZES = [16, 128, 4096, 256 * 1024];

/** No more bytes are on their way at a time. */
export const MOST_ON_THE_WAY = 8 * 1024 * 1024;

export function sizeName(bytes: number): string {
  return bytes < 1024 ? `${bytes} B` : `${bytes / 1024} KiB`;
}
