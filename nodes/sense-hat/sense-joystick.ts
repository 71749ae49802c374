import type { Node, NodeAPI, NodeDef, NodeStatus } from 'node-red';
import { type JoystickState, readJoystick } from '../../lib/sense-hat/joystick/joystick-reader';
import { DEFAULT_LOOK, readLook } from '../../lib/sense-hat/led/look';
import { nodeError, reportFailure, SENSE_HAT_TEXTS } from '../shared/catalogue';
import { checkVariables } from '../shared/variables';

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
    let shown: string | undefined;
    try {
      checkVariables(def);
      const { rotation } = readLook({ rotation: def.rotation }, DEFAULT_LOOK);
      const close = readJoystick({
        device: def.device ?? '',
        rotation,
        onKey: (event) => this.send({ topic: 'joystick', payload: event }),
        onState: (state) => {
          const status = statusOf(RED, state);
          if (status.text === shown) return;
          shown = status.text;
          this.status(status);
          if (state.name === 'failed') this.error(nodeError(RED, SENSE_HAT_TEXTS, state.error));
        },
      });
      this.on('close', close);
    } catch (error) {
      reportFailure(RED, this, SENSE_HAT_TEXTS, error);
    }
  }
  RED.nodes.registerType('sense-joystick', SenseJoystick);
}

function statusOf(RED: NodeAPI, state: JoystickState): NodeStatus & { text: string } {
  switch (state.name) {
    case 'open':
      return { fill: 'green', shape: 'dot', text: state.path };
    case 'missing':
      return { fill: 'yellow', shape: 'ring', text: 'status.missing' };
    case 'failed':
      return { fill: 'red', shape: 'ring', text: nodeError(RED, SENSE_HAT_TEXTS, state.error).message };
  }
}
