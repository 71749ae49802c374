import type { NodeAPI } from 'node-red';
import { CodedError, shown } from '../../lib/coded-error';
import { isKey, simulator } from '../../lib/sense-hat/simulator/simulator';
import { readValues, type SimulatedValues } from '../../lib/sense-hat/simulator/values';
import { TOPIC } from './simulating';

/** The shortest time between two messages to the editors. */
const PERIOD_MS = 50;

/** The request of the simulator in the sidebar: new values, or a key that is pressed or released. */
interface Simulation {
  values?: unknown;
  press?: unknown;
  release?: unknown;
}

/** Moves the simulated HAT. Throws `BAD_SIMULATION`. */
export function simulate(body: unknown): void {
  const { values, press, release } = (body ?? {}) as Simulation;
  if (press !== undefined || release !== undefined) {
    const key = press ?? release;
    if (!isKey(key)) throw new CodedError('BAD_SIMULATION-key', { value: shown(key) });
    if (press !== undefined) simulator.press(key);
    else simulator.release(key);
  } else simulator.set(readValues(values));
}

/** What the simulated HAT measures now, and how it is held. */
export function simulatedValues(): SimulatedValues {
  return simulator.values;
}

/** Stops the messages of an earlier registration: a node type is registered again when it is enabled. */
let stopSending = () => {};

/** Sends the values of the simulated HAT to the editors whenever they change. */
export function sendChanges(RED: NodeAPI): void {
  stopSending();
  let timer: NodeJS.Timeout | undefined;
  const send = () => {
    timer = undefined;
    RED.comms.publish(TOPIC, simulator.values, true);
  };
  const sendSoon = () => {
    timer ??= setTimeout(send, PERIOD_MS).unref();
  };
  simulator.on('values', sendSoon);
  stopSending = () => {
    clearTimeout(timer);
    simulator.off('values', sendSoon);
  };
}
