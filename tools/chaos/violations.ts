import { type Ledger, TARGET, UNCERTAIN } from './ledger';
import { moreThan, type Snapshot } from './snapshot';

/**
 * The broken promises to the messages of a stream, a line each. If `serversLive`, no message may be missing that a
 * server has confirmed.
 */
export function* brokenPromises(name: string, ledger: Ledger, serversLive: boolean): Generator<string> {
  const { sent, promised, told, lost, endedAgain, receivedTwice, mixedUp } = ledger;
  const open = ledger.count((outcome) => outcome === 'open');
  const completed = ledger.count((outcome) => outcome === 'completed');
  const failedReceived = ledger.count(
    (outcome, isReceived) => !['open', 'completed', ...UNCERTAIN].includes(outcome) && isReceived,
  );
  if (sent === 0 || completed === 0) yield `${name}: nothing was sent, or nothing completed`;
  if (open > 0) yield `${name}: ${open} messages never ended`;
  if (endedAgain > 0) yield `${name}: ${endedAgain} messages ended more than once`;
  if (receivedTwice > 0) yield `${name}: ${receivedTwice} messages were received twice`;
  if (failedReceived > 0) yield `${name}: ${failedReceived} messages failed for certain, and were received`;
  if (mixedUp > 0) yield `${name}: ${mixedUp} replies were not the answer`;
  if (!serversLive) return;
  if (promised === 'relayed') {
    if (ledger.missing > 0) yield `${name}: ${ledger.missing} messages are missing`;
    if (ledger.receivedBy(TARGET) === 0) yield `${name}: nothing was relayed`;
  }
  if (['confirmed', 'relayed'].includes(promised) && lost > 0) yield `${name}: ${lost} messages were lost in silence`;
  if (promised === 'counted' && lost !== told) yield `${name}: ${lost} are missing, ${told} are told as lost`;
}

/** What was left behind between two snapshots, a line each. */
export function* leaks(before: Snapshot, after: Snapshot, mayGrowMiB = 10): Generator<string> {
  for (const [when, { isConnected }] of Object.entries({ before, after })) {
    if (!isConnected) yield `the connections are not what the flow needs ${when} the faults`;
  }
  if (JSON.stringify(before.connections) !== JSON.stringify(after.connections))
    yield 'the connections are not as before';
  for (const kind of moreThan(before.handles, after.handles)) {
    yield `there are more handles of the kind ${kind}: ${before.handles[kind] ?? 0} before, ${after.handles[kind]} after`;
  }
  if (after.memoryMiB - before.memoryMiB > mayGrowMiB) yield 'the memory has grown';
}
