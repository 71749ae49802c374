import type { Node, NodeAPI } from 'node-red';
import { startSensing } from '../../lib/sense-hat/sensors/sensing';
import { reportFailure, SENSE_HAT_TEXTS } from '../shared/catalogue';
import { checkVariables } from '../shared/variables';
import { type SenseSensorsDef, sensorSettings } from './sensor-settings';
import { sensorStatus } from './sensor-status';

/** Sends what the sensors of a `sense-sensors` measure until the node closes. */
export function measuring(RED: NodeAPI, node: Node, def: SenseSensorsDef): void {
  try {
    checkVariables(def);
    const close = startSensing({
      ...sensorSettings(def),
      onMessage: (message) => node.send({ ...message }),
      onState: sensorStatus(RED, node),
    });
    node.on('close', close);
  } catch (error) {
    reportFailure(RED, node, SENSE_HAT_TEXTS, error);
  }
}
