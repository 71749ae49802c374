import type { Node, NodeAPI, NodeDef, NodeStatus } from 'node-red';
import { readJoystick } from '../../lib/sense-hat/joystick/joystick-reader';
import { rotationSetting } from '../../lib/sense-hat/rotation';
import { reportFailure, SENSE_HAT_TEXTS } from '../shared/catalogue';
import { checkVariables } from '../shared/variables';
import { showDevice } from './shared/show-device';

/** What a flow saves of a `sense-joystick`. */
export interface SenseJoystickDef extends NodeDef {
  /**
   * The path of an input device, of a pipe or of the emulator's socket; empty: the HAT's joystick, found by its name.
   * @default ''
   */
  device?: string;
  /**
   * How the picture on the HAT is turned, in degrees clockwise: 0, 90, 180 or 270. UP is where its top is.
   * @default 0
   */
  rotation?: number | string;
}

export default function register(RED: NodeAPI) {
  function SenseJoystick(this: Node, def: SenseJoystickDef) {
    RED.nodes.createNode(this, def);
    try {
      checkVariables(def);
      const close = readJoystick({
        device: def.device ?? '',
        rotation: rotationSetting(def.rotation, 0),
        onKey: (event) => this.send({ topic: 'joystick', payload: event }),
        onState: (state) => showDevice(RED, this, state, MISSING),
      });
      this.on('close', close);
    } catch (error) {
      reportFailure(RED, this, SENSE_HAT_TEXTS, error);
    }
  }
  RED.nodes.registerType('sense-joystick', SenseJoystick);
}

const MISSING: NodeStatus = { fill: 'yellow', shape: 'ring', text: 'status.missing' };
