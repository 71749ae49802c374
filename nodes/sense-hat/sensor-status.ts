import type { Node, NodeAPI, NodeStatus } from 'node-red';
import type { SensingState } from '../../lib/sense-hat/sensors/sensing';
import { nodeError, SENSE_HAT_TEXTS, sentenceOf, statusTextOf } from '../shared/catalogue';
import { statusOf } from '../shared/status';

const WAITING: NodeStatus = { fill: 'grey', shape: 'ring', text: 'status.waiting' };
const MEASURING: Record<SensingState['origin'], NodeStatus> = {
  hat: { fill: 'green', shape: 'dot', text: 'status.measuring' },
  emulator: { fill: 'grey', shape: 'dot', text: 'status.emulator' },
  simulator: { fill: 'grey', shape: 'dot', text: 'status.simulator' },
  'no hat': { fill: 'grey', shape: 'dot', text: 'status.missing' },
};

/** A chip that comes and goes is logged no more often than this. */
const LOG_AGAIN_MS = 60_000;

/** Shows how sensing goes: yellow if something is missing, red if everything is. Troubles are logged as well. */
export function sensorStatus(RED: NodeAPI, node: Node): (state: SensingState) => void {
  const status = statusOf(node);
  const loggedAt = new Map<string, number>();
  const log = (error: Error) => {
    const now = performance.now();
    const last = loggedAt.get(error.message);
    if (last !== undefined && now - last < LOG_AGAIN_MS) return;
    loggedAt.set(error.message, now);
    node.error(sentenceOf(error));
  };
  return ({ origin, hasValues, troubles }) => {
    const errors = troubles.map((trouble) => nodeError(RED, SENSE_HAT_TEXTS, trouble));
    // All chips of a bus that is missing have the same text.
    const texts = new Map(errors.map((error) => [error.message, error]));
    for (const error of texts.values()) log(error);
    status.set('state', hasValues ? MEASURING[origin] : WAITING);
    if (texts.size === 0) return status.clear('failed');
    const [first] = texts.values();
    const text = first && texts.size === 1 ? statusTextOf(first) : [...texts.keys()].join('; ');
    status.set('failed', { fill: hasValues ? 'yellow' : 'red', shape: 'ring', text });
  };
}
