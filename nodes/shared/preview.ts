import type { NodeAPI } from 'node-red';
import type { Display, Viewer } from '../../lib/sense-hat/display';
import type { Frame } from '../../lib/sense-hat/frame';

/** What every open editor gets of a display; `resources/matrix-preview.js` draws it under the nodes. */
interface PreviewMessage {
  /** The nodes that show this display. */
  nodes: string[];
  /** The frame in RGB565, as Base64. */
  frame: string;
  /** When it was shown, in milliseconds; only differences mean something. */
  at: number;
}

interface Preview {
  nodes: Set<string>;
  viewer: Viewer;
}

const previews = new Map<Display, Preview>();

/** Shows a display under a node in the editor. A display with several nodes is sent once for all of them. */
export function startPreview(RED: NodeAPI, display: Display, topic: string, nodeId: string): void {
  const preview = previews.get(display) ?? openPreview(RED, display, topic);
  preview.nodes.add(nodeId);
  preview.viewer(display.frame);
}

/** Ends what `startPreview` began. */
export function stopPreview(RED: NodeAPI, display: Display, topic: string, nodeId: string): void {
  const preview = previews.get(display);
  if (!preview?.nodes.delete(nodeId) || preview.nodes.size > 0) return;
  previews.delete(display);
  display.unwatch(preview.viewer);
  RED.comms.publish(topic, { nodes: [] }, false);
}

function openPreview(RED: NodeAPI, display: Display, topic: string): Preview {
  const nodes = new Set<string>();
  const viewer = (frame: Frame) => {
    const message: PreviewMessage = { nodes: [...nodes], frame: frame.toString('base64'), at: performance.now() };
    RED.comms.publish(topic, message, true);
  };
  const preview = { nodes, viewer };
  previews.set(display, preview);
  display.watch(viewer);
  return preview;
}
