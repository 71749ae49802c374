import type { Node, NodeAPI } from 'node-red';
import type { Activity, Display } from '../../lib/sense-hat/led/display';
import type { Frame } from '../../lib/sense-hat/led/frame';

/** What every open editor gets of a display's state; `resources/displays.js` takes it. */
interface StateMessage extends Activity {
  /** The path of the device; empty: the HAT. */
  path: string;
  /** The nodes that show on it. */
  nodes: string[];
}

/** What every open editor gets of each frame. */
interface FrameMessage {
  /** In RGB565, as Base64. */
  frame: string;
  /** When it was shown, in milliseconds; only differences mean something. */
  at: number;
}

/** A state is sent at most so often; a deploy gives a display back no longer than that. */
const PERIOD_MS = 100;
const LONGEST_TEXT = 80;

/** What is sent to the editors of one display. */
class Broadcast {
  /** The nodes that show on it, and how the editor knows them. */
  readonly nodes = new Map<Node, string>();
  private readonly topics: Topics;
  private timer: NodeJS.Timeout | undefined;
  private told = '';

  constructor(
    private readonly RED: NodeAPI,
    private readonly display: Display,
  ) {
    this.topics = topicsOf(display);
    display.on('frame', this.sendFrame);
    this.sendFrame(display.frame);
  }

  /** The state is sent soon, if it is another one. */
  readonly touch = () => {
    this.timer ??= setTimeout(() => this.sendState(), PERIOD_MS);
  };

  close(): void {
    clearTimeout(this.timer);
    this.display.off('frame', this.sendFrame);
    this.display.off('activity', this.touch);
  }

  private readonly sendFrame = (frame: Frame) => {
    const message: FrameMessage = { frame: frame.toString('base64'), at: performance.now() };
    this.RED.comms.publish(this.topics.frame, message, true);
  };

  private sendState(): void {
    this.timer = undefined;
    const { path, activity } = this.display;
    const message: StateMessage = { path, nodes: [...new Set(this.nodes.values())], ...shortened(activity) };
    const text = JSON.stringify(message);
    if (text !== this.told) this.RED.comms.publish(this.topics.state, message, true);
    this.told = text;
    this.display.off('activity', this.touch).once('activity', this.touch);
  }
}

const broadcasts = new Map<Display, Broadcast>();
const farewells = new Map<string, NodeJS.Timeout>();

/** Shows a display in every open editor, for one of its nodes. A display with several nodes is sent once for all. */
export function joinBroadcast(RED: NodeAPI, display: Display, node: Node): void {
  clearTimeout(farewells.get(display.path));
  const broadcast = broadcasts.get(display) ?? new Broadcast(RED, display);
  broadcasts.set(display, broadcast);
  // In a subflow the editor knows the node of the template.
  broadcast.nodes.set(node, node._alias ?? node.id);
  broadcast.touch();
}

/** Ends what `joinBroadcast` began. After the last node the editors forget the display, unless a deploy brings it back. */
export function leaveBroadcast(RED: NodeAPI, display: Display, node: Node): void {
  const broadcast = broadcasts.get(display);
  if (!broadcast?.nodes.delete(node)) return;
  if (broadcast.nodes.size > 0) {
    broadcast.touch();
    return;
  }
  broadcasts.delete(display);
  broadcast.close();
  const forget = () => {
    farewells.delete(display.path);
    const topics = topicsOf(display);
    RED.comms.publish(topics.state, { path: display.path, nodes: [] }, false);
    // Nothing is passed on, and nothing is kept for later editors.
    RED.comms.publish(topics.frame, undefined, false);
  };
  farewells.set(display.path, setTimeout(forget, PERIOD_MS).unref());
}

function shortened({ showing, queued }: Activity): Activity {
  if (showing?.kind !== 'text' || showing.text.length <= LONGEST_TEXT) return { ...(showing && { showing }), queued };
  return { showing: { kind: 'text', text: `${showing.text.slice(0, LONGEST_TEXT)}…` }, queued };
}

interface Topics {
  state: string;
  frame: string;
}

function topicsOf({ path }: Display): Topics {
  const key = path === '' ? 'hat' : encodeURIComponent(path);
  return { state: `sense-led/state/${key}`, frame: `sense-led/frame/${key}` };
}
