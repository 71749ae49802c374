import type { Node, NodeAPI, NodeDef, NodeMessage, NodeStatus } from 'node-red';
import { CodedError, shown } from '../../lib/coded-error';
import { drawPayload } from '../../lib/sense-hat/led/command';
import type { Display } from '../../lib/sense-hat/led/display';
import { acquireDisplay, releaseDisplay } from '../../lib/sense-hat/led/display-registry';
import { DEFAULT_OPTIONS, type DisplayProperties, readOptions } from '../../lib/sense-hat/led/options';
import { readPiSenseHat } from '../../lib/sense-hat/led/pi-sense-hat';
import { listColours } from '../../lib/sense-hat/led/pixels';
import { BUSY, WHEN_MISSING } from '../../lib/sense-hat/led/player';
import { choiceSetting, switchSetting } from '../../lib/setting';
import { SENSE_HAT_TEXTS } from '../shared/catalogue';
import { type Finish, onInput } from '../shared/input';
import { checkVariables } from '../shared/variables';
import { joinBroadcast, leaveBroadcast } from './broadcast';
import { servePainting } from './painting';
import { showDevice } from './shared/show-device';

/** What a flow saves of a `sense-led`, `DisplayOptions` included. */
export interface SenseLedDef extends NodeDef, DisplayProperties {
  /**
   * The path of a framebuffer, or of a file of 128 or 160 bytes; empty: the HAT, found by its name.
   * @default ''
   */
  device?: string;
  /**
   * What becomes of a message while another shows: it waits (`queue`), takes its place (`replace`), or fails (`drop`).
   * @default 'queue'
   */
  busy?: unknown;
  /**
   * Whether messages are understood as node-red-node-pi-sense-hat does.
   * @default false
   */
  commands?: boolean;
  /**
   * What becomes of messages while the device is missing or fails: they fail too (`fail`), or wait (`wait`).
   * @default 'fail'
   */
  whenMissing?: unknown;
  /**
   * Whether all LEDs are turned off when the flow stops.
   * @default false
   */
  clearOnClose?: boolean;
  /**
   * Whether the editor draws under the node what the display shows; only the editor reads it.
   * @default true
   */
  preview?: boolean;
}

/** The properties that a message may have besides its payload. */
interface SenseLedMessage extends NodeMessage, DisplayProperties {
  action?: unknown;
  busy?: unknown;
}

export default function register(RED: NodeAPI) {
  function SenseLed(this: Node, def: SenseLedDef) {
    RED.nodes.createNode(this, def);
    onInput(RED, this, SENSE_HAT_TEXTS, () => {
      checkVariables(def);
      const ownOptions = readOptions(def, DEFAULT_OPTIONS);
      const ownBusy = choiceSetting('busy', def.busy, BUSY, 'queue');
      const whenMissing = choiceSetting('whenMissing', def.whenMissing, WHEN_MISSING, 'fail');
      const isCompatible = switchSetting('commands', def.commands, false);
      const display = useDisplay(RED, this, def);

      const handle = (msg: SenseLedMessage, finish: Finish) => {
        switch (msg.action) {
          case undefined: {
            const busy = choiceSetting('busy', msg.busy, BUSY, ownBusy);
            const content = isCompatible ? readPiSenseHat(msg, display) : msg;
            if (!content) return finish(undefined, msg);
            const sequence = drawPayload(content.payload, readOptions(content, ownOptions));
            const outcome = (error: unknown) => finish(error, msg);
            return display.play({ sequence, busy, whenMissing, owner: this, outcome });
          }
          case 'stop':
            display.stop();
            return finish(undefined, msg);
          case 'get':
            msg.payload = listColours(display.readPicture(readOptions(msg, ownOptions)));
            return finish(undefined, msg);
          default:
            throw new CodedError('BAD_ACTION', { action: shown(msg.action) });
        }
      };
      return (msg, finish) => display.take({ owner: this, run: () => handle(msg, finish), end: finish });
    });
  }
  servePainting(RED);
  RED.nodes.registerType('sense-led', SenseLed);
}

/** Connects a node with its display, its status and its preview in the editor, until it closes. */
function useDisplay(RED: NodeAPI, node: Node, def: SenseLedDef): Display {
  const clear = switchSetting('clearOnClose', def.clearOnClose, false);
  const display = acquireDisplay(def.device ?? '');
  const onDevice = () => showDevice(RED, node, display.deviceState, PREVIEW_ONLY);
  onDevice();
  display.on('device', onDevice);
  joinBroadcast(RED, display, node);
  node.on('close', () => {
    display.off('device', onDevice);
    display.withdraw(node);
    leaveBroadcast(RED, display, node);
    releaseDisplay(display, clear);
  });
  return display;
}

const PREVIEW_ONLY: NodeStatus = { fill: 'yellow', shape: 'dot', text: 'status.preview' };
