/** Calls code of others, such as a listener. What it throws becomes a process warning and never reaches the caller. */
export function guarded(call: () => void): void {
  try {
    call();
  } catch (error) {
    process.emitWarning(error instanceof Error ? error : String(error));
  }
}
