import type { Node, NodeAPI } from 'node-red';
import { startSensing } from '../../lib/sense-hat/sensors/sensing';
import { checkVariables } from '../shared/variables';
import { type SenseSensorsDef, sensorSettings } from './sensor-settings';
import { sensorStatus } from './sensor-status';

/** Sends what the sensors of a `sense-sensors` measure until the node closes. */
export function measuring(RED: NodeAPI, node: Node, def: SenseSensorsDef): void {
  checkVariables(def);
  const close = startSensing({
    ...sensorSettings(def),
    onMessage: (message) => node.send({ ...message }),
    onState: sensorStatus(RED, node),
  });
  node.on('close', close);
}
