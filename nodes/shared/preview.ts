import type { NodeAPI } from 'node-red';
import type { Display } from '../../lib/sense-hat/display';
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
  show(frame: Frame): void;
}

const previews = new Map<Display, Preview>();

/** Shows a display under a node in the editor. A display with several nodes is sent once for all of them. */
export function startPreview(RED: NodeAPI, display: Display, nodeId: string): void {
  const preview = previews.get(display) ?? openPreview(RED, display);
  preview.nodes.add(nodeId);
  preview.show(display.frame);
}

/** Ends what `startPreview` began. */
export function stopPreview(RED: NodeAPI, display: Display, nodeId: string): void {
  const preview = previews.get(display);
  if (!preview?.nodes.delete(nodeId) || preview.nodes.size > 0) return;
  previews.delete(display);
  display.off('frame', preview.show);
  RED.comms.publish(topicOf(display), { nodes: [] }, false);
}

function openPreview(RED: NodeAPI, display: Display): Preview {
  const nodes = new Set<string>();
  const topic = topicOf(display);
  const show = (frame: Frame) => {
    const message: PreviewMessage = { nodes: [...nodes], frame: frame.toString('base64'), at: performance.now() };
    RED.comms.publish(topic, message, true);
  };
  const preview = { nodes, show };
  previews.set(display, preview);
  display.on('frame', show);
  return preview;
}

function topicOf(display: Display): string {
  return `sense-led/${display.path === '' ? 'hat' : encodeURIComponent(display.path)}`;
}
