import type { NodeAPI } from 'node-red';
import { CodedError, shown } from '../../lib/coded-error';
import { type RoomReport, reportRoom } from '../../lib/sense-hat/sensors/room';
import { numberSetting } from '../../lib/setting';
import { withVariables } from '../shared/variables';
import { deviceSetting } from './sensor-settings';

/** The question of the dialog: how large is the factor if the room has this temperature? */
export interface RoomQuestion {
  /** The id of the node, which may not be deployed yet. */
  id?: unknown;
  /** In °C. */
  room?: unknown;
  /** The device in the dialog. */
  device?: unknown;
}

/** Measures now, and reports the factor of the correction by the processor. */
export async function reportFactor(RED: NodeAPI, { id, room, device }: RoomQuestion): Promise<RoomReport> {
  const deployed = typeof id === 'string' ? RED.nodes.getNode(id) : null;
  // Only as a running node would: Node-RED hides some variables from flows.
  const env = (name: string) => deployed && RED.util.getSetting(deployed, name);
  const celsius = numberSetting('room', room, Number.NaN, { min: -40, max: 85 });
  if (Number.isNaN(celsius))
    throw new CodedError('BAD_NUMBER', { field: 'room', value: shown(room), min: -40, max: 85 });
  return reportRoom({ room: celsius, device: deviceSetting(withVariables({ device }, env).device) });
}
