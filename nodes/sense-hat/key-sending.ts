import type { Node, NodeAPI, NodeStatus } from 'node-red';
import { joinJoystick } from '../../lib/sense-hat/joystick/shared-joystick';
import { rotationSetting } from '../../lib/sense-hat/rotation';
import { switchSetting, textSetting } from '../../lib/setting';
import { checkVariables } from '../shared/variables';
import type { SenseJoystickDef } from './sense-joystick';
import { showDevice } from './shared/show-device';

/** Sends the keys of a `sense-joystick` until the node closes. */
export function keySending(RED: NodeAPI, node: Node, def: SenseJoystickDef): void {
  checkVariables(def);
  const device = textSetting(def.device).trim();
  const close = joinJoystick({
    device,
    rotation: rotationSetting(def.rotation, 0),
    exclusive: switchSetting('keepFromConsole', def.keepFromConsole, false),
    onKey: (event, isSimulated) =>
      node.send({ topic: 'joystick', payload: event, ...(isSimulated && { simulated: true }) }),
    onState: (state) => showDevice(RED, node, state, device === '' ? SIMULATED : MISSING),
  });
  node.on('close', close);
}

const MISSING: NodeStatus = { fill: 'yellow', shape: 'ring', text: 'status.missing' };
const SIMULATED: NodeStatus = { fill: 'grey', shape: 'dot', text: 'status.simulator' };
