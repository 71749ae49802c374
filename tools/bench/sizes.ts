/** Payload sizes in bytes. */
export const SIZES = [16, 128, 4096, 256 * 1024];

/** The most bytes that may be unanswered at a time. */
export const MAX_IN_FLIGHT = 8 * 1024 * 1024;

export function sizeName(bytes: number): string {
  return bytes < 1024 ? `${bytes} B` : `${bytes / 1024} KiB`;
}
