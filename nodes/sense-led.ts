import type { Node, NodeAPI, NodeDef, NodeStatus } from 'node-red';
import { drawPayload } from '../lib/sense-hat/content';
import { acquireDisplay, type Display, releaseDisplay } from '../lib/sense-hat/display';
import { encodeFrame } from '../lib/sense-hat/frame';
import { DEFAULT_LOOK, type LookProperties, readLook } from '../lib/sense-hat/look';
import type { Busy, Playback } from '../lib/sense-hat/player';
import { SENSE_HAT } from './shared/catalogue';
import { onInput } from './shared/input';
import { startPreview, stopPreview } from './shared/preview';

export interface SenseLedDef extends NodeDef, LookProperties {
  /** The path of a framebuffer; empty: the HAT, wherever it is. */
  device?: string;
  busy?: Busy;
  preview?: boolean;
}

export default function register(RED: NodeAPI) {
  function SenseLed(this: Node, def: SenseLedDef) {
    RED.nodes.createNode(this, def);
    onInput(RED, this, SENSE_HAT, () => {
      const ownLook = readLook(def, DEFAULT_LOOK);
      const { display, release } = useDisplay(RED, this, def);
      const playbacks = new Set<Playback>();
      this.on('close', () => {
        display.withdraw(playbacks);
        release();
      });

      return (msg, finish) => {
        const look = readLook(msg as LookProperties, ownLook);
        const playback: Playback = {
          animation: drawPayload(msg.payload, look),
          busy: def.busy || 'queue',
          encode: (picture) => encodeFrame(picture, look),
          outcome: (error) => {
            playbacks.delete(playback);
            finish(error, msg);
          },
        };
        playbacks.add(playback);
        display.play(playback);
      };
    });
  }
  RED.nodes.registerType('sense-led', SenseLed);
}

/** The display of a node and its preview in the editor, until they are released. Throws `DEVICE`. */
function useDisplay(RED: NodeAPI, node: Node, def: SenseLedDef): { display: Display; release(): void } {
  const name = def.device ?? '';
  const display = acquireDisplay(name);
  node.status(status(display));
  const topic = `sense-led/${name ? encodeURIComponent(name) : 'hat'}`;
  // In a subflow the editor knows the node of the template.
  const nodeId = node._alias ?? node.id;
  if (def.preview ?? true) startPreview(RED, display, topic, nodeId);
  return {
    display,
    release: () => {
      stopPreview(RED, display, topic, nodeId);
      releaseDisplay(name);
    },
  };
}

function status(display: Display): NodeStatus {
  if (display.path === undefined) return { fill: 'yellow', shape: 'dot', text: 'status.preview' };
  return { fill: 'green', shape: 'dot', text: display.path };
}
