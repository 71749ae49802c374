import type { Node, NodeAPI, NodeDef } from 'node-red';
import { SENSE_HAT_TEXTS } from '../shared/catalogue';
import { startNode } from '../shared/starting';

/** What a flow saves of a `sense-joystick`. */
export interface SenseJoystickDef extends NodeDef {
  /**
   * The path of an input device, of a pipe or of the emulator's socket; `simulator`: the keys in the sidebar; empty: the
   * HAT's joystick, found by its name, or the simulator while there is none.
   * @default ''
   */
  device?: unknown;
  /**
   * How the picture on the HAT is turned, in degrees clockwise: 0, 90, 180 or 270. UP is where its top is.
   * @default 0
   */
  rotation?: number | string;
  /**
   * Whether the joystick of a HAT is kept from the console, where its keys would type, and from other programs.
   * @default false
   */
  keepFromConsole?: boolean;
}

export default function register(RED: NodeAPI) {
  function SenseJoystick(this: Node, def: SenseJoystickDef) {
    RED.nodes.createNode(this, def);
    startNode(RED, this, SENSE_HAT_TEXTS, () => {
      // With the first node, not at each start of Node-RED.
      const { keySending } = require('./key-sending') as typeof import('./key-sending');
      keySending(RED, this, def);
    });
  }
  RED.nodes.registerType('sense-joystick', SenseJoystick);
}
