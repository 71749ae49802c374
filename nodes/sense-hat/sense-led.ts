import type { Node, NodeAPI, NodeDef } from 'node-red';
import type { DisplayProperties } from '../../lib/sense-hat/led/options';
import type { TileProperties } from '../../lib/sense-hat/led/tile';
import { SENSE_HAT_TEXTS } from '../shared/catalogue';
import { onInput } from '../shared/input';
import { serveFrames } from './broadcast';
import { servePainting } from './painting';
import { serveSimulator } from './simulating';

/** What a flow saves of a `sense-led`, `DisplayOptions` and `TileProperties` included. */
export interface SenseLedDef extends NodeDef, DisplayProperties, TileProperties {
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
   * Whether messages are understood as node-red-node-pi-sense-hat understands them.
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

export default function register(RED: NodeAPI) {
  function SenseLed(this: Node, def: SenseLedDef) {
    RED.nodes.createNode(this, def);
    onInput(RED, this, SENSE_HAT_TEXTS, () => {
      // With the first node, not at each start of Node-RED.
      const { showing } = require('./showing') as typeof import('./showing');
      return showing(RED, this, def);
    });
  }
  serveFrames(RED);
  servePainting(RED);
  serveSimulator(RED);
  RED.nodes.registerType('sense-led', SenseLed);
}
