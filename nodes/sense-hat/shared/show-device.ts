import type { Node, NodeAPI, NodeStatus } from 'node-red';
import type { JoystickState } from '../../../lib/sense-hat/joystick/joystick-reader';
import type { DeviceState } from '../../../lib/sense-hat/led/device';
import { reportFailure, SENSE_HAT_TEXTS, warnOfFailure } from '../../shared/catalogue';
import { statusOf } from '../../shared/status';

/** Shows the state of a node's device as its status; `missing` is what the node shows where there is none. */
export function showDevice(RED: NodeAPI, node: Node, state: DeviceState | JoystickState, missing: NodeStatus): void {
  const status = statusOf(node);
  switch (state.name) {
    case 'failed':
      reportFailure(RED, node, SENSE_HAT_TEXTS, state.error);
      break;
    case 'missing':
      status.set('missing', missing);
      status.clear('failed');
      break;
    case 'open':
      if ('shared' in state && state.shared) {
        warnOfFailure(RED, node, SENSE_HAT_TEXTS, state.shared);
      } else status.set('state', { fill: 'green', shape: 'dot', text: state.path });
      status.clear('failed', 'missing');
      break;
  }
}
