import { guarded } from './guarded';

let due: (() => void)[] = [];
let isRunning = false;
let turn = 0;

/** The number of the turn of the event loop; it grows before the functions of `inNextTurn` are called. */
export function currentTurn(): number {
  return turn;
}

/**
 * Calls a function in the next turn of the event loop, after others that were asked for before. All share an immediate:
 * where each of a thousand nodes has a message in a turn, an immediate of each would cost more than the message. What a
 * function throws is a warning of the process.
 */
export function inNextTurn(callback: () => void): void {
  if (due.push(callback) === 1 && !isRunning) setImmediate(runAll);
}

function runAll(): void {
  const all = due;
  due = [];
  turn++;
  isRunning = true;
  for (const callback of all) guarded(callback);
  isRunning = false;
  // Only now, so that the next turn of these functions follows what they have put into it.
  if (due.length > 0) setImmediate(runAll);
}
