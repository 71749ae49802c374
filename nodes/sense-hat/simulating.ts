import type { NodeAPI } from 'node-red';
import { DEFAULT_VALUES } from '../../lib/sense-hat/simulator/values';
import { SENSE_HAT_TEXTS } from '../shared/catalogue';
import { serveRoute } from '../shared/route';

/** The topic of the values, sent to every open editor; `resources/simulator.js` receives them. */
export const TOPIC = 'sense-hat/simulator';

/** Loaded when the simulated HAT first moves; until then it has its default values. */
let simulation: typeof import('./simulation') | undefined;

/**
 * Serves POST /sense-led/simulate, which moves the simulated HAT, and sends its values to the editors. It changes what
 * nodes send, so it requires the permission to deploy.
 */
export function serveSimulator(RED: NodeAPI): void {
  RED.comms.publish(TOPIC, simulation?.simulatedValues() ?? DEFAULT_VALUES, true);
  simulation?.sendChanges(RED);
  serveRoute(RED, '/sense-led/simulate', {
    permissions: ['sense-led.write', 'flows.write'],
    maxBytes: 1024,
    catalogue: SENSE_HAT_TEXTS,
    answer: async (body) => {
      load(RED).simulate(body);
      return {};
    },
  });
}

function load(RED: NodeAPI): typeof import('./simulation') {
  if (!simulation) {
    simulation = require('./simulation') as typeof import('./simulation');
    simulation.sendChanges(RED);
  }
  return simulation;
}
