import type { Node, NodeAPI, NodeDef, NodeStatus } from 'node-red';
import { type JoystickState, readJoystick } from '../../lib/sense-hat/joystick/joystick-reader';
import { rotationSetting } from '../../lib/sense-hat/rotation';
import { nodeError, reportFailure, SENSE_HAT_TEXTS } from '../shared/catalogue';
import { checkVariables } from '../shared/variables';

export interface SenseJoystickDef extends NodeDef {
  /** The path of an input device, a pipe or the emulator's socket; empty: the HAT's joystick. */
  device?: string;
  rotation?: number | string;
}

export default function register(RED: NodeAPI) {
  function SenseJoystick(this: Node, def: SenseJoystickDef) {
    RED.nodes.createNode(this, def);
    let shown: string | undefined;
    try {
      checkVariables(def);
      const close = readJoystick({
        device: def.device ?? '',
        rotation: rotationSetting(def.rotation, 0),
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
