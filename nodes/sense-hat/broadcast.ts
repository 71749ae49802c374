import type { Node, NodeAPI } from 'node-red';
import type { Activity, Display } from '../../lib/sense-hat/led/display';
import type { Frame } from '../../lib/sense-hat/led/frame';
import { Viewers } from './viewers';

/** The state of a display, sent to every open editor; `resources/displays.js` receives it. */
interface StateMessage extends Activity {
  /** The path of the device; empty: the HAT. */
  path: string;
  /** The ids of the nodes that use the display. */
  nodes: string[];
}

/** The shortest time between two states; also how long a deploy may take to use a display again. */
const PERIOD_MS = 100;
const LONGEST_TEXT = 80;

let viewers: Viewers | undefined;

/** Sends each open editor the frames of the displays that it shows. */
export function serveFrames(RED: NodeAPI): void {
  // The node type is registered again when it is enabled.
  viewers?.close();
  viewers = new Viewers(RED, (key) => broadcasts.get(key)?.display.frame);
}

/** Sends one display to the editors. */
class Broadcast {
  /** The nodes that use the display, with their ids in the editor. */
  readonly nodes = new Map<Node, string>();
  private timer: NodeJS.Timeout | undefined;
  private lastState = '';

  constructor(
    private readonly RED: NodeAPI,
    private readonly key: string,
    readonly display: Display,
  ) {
    display.on('frame', this.sendFrame);
    this.sendFrame(display.frame);
  }

  /** Sends the state soon, if it has changed. */
  readonly touch = () => {
    this.timer ??= setTimeout(() => this.sendState(), PERIOD_MS);
  };

  close(): void {
    clearTimeout(this.timer);
    this.display.off('frame', this.sendFrame);
    this.display.off('activity', this.touch);
  }

  private readonly sendFrame = (frame: Frame) => {
    viewers?.send(this.key, frame);
  };

  private sendState(): void {
    this.timer = undefined;
    const { path, activity } = this.display;
    const message: StateMessage = { path, nodes: [...new Set(this.nodes.values())], ...shortened(activity) };
    const state = JSON.stringify(message);
    if (state !== this.lastState) this.RED.comms.publish(stateTopic(this.key), message, true);
    this.lastState = state;
    this.display.off('activity', this.touch).once('activity', this.touch);
  }
}

/** By the keys of their displays. */
const broadcasts = new Map<string, Broadcast>();
/** The timers that make the editors forget a display, by its path. */
const removals = new Map<string, NodeJS.Timeout>();

/** Sends a display to every open editor on behalf of a node. A display with several nodes is sent once for all. */
export function joinBroadcast(RED: NodeAPI, display: Display, node: Node): void {
  clearTimeout(removals.get(display.path));
  const key = keyOf(display);
  const broadcast = broadcasts.get(key) ?? new Broadcast(RED, key, display);
  broadcasts.set(key, broadcast);
  // The editor draws a node of a subflow in its template, which has another id.
  broadcast.nodes.set(node, node._alias ?? node.id);
  broadcast.touch();
}

/** Undoes `joinBroadcast`. After the last node the editors forget the display, unless a deploy uses it again. */
export function leaveBroadcast(RED: NodeAPI, display: Display, node: Node): void {
  const key = keyOf(display);
  const broadcast = broadcasts.get(key);
  if (!broadcast?.nodes.delete(node)) return;
  if (broadcast.nodes.size > 0) {
    broadcast.touch();
    return;
  }
  broadcasts.delete(key);
  broadcast.close();
  const forget = () => {
    removals.delete(display.path);
    RED.comms.publish(stateTopic(key), { path: display.path, nodes: [] }, false);
  };
  removals.set(display.path, setTimeout(forget, PERIOD_MS).unref());
}

function shortened({ showing, queued }: Activity): Activity {
  if (showing?.kind !== 'text' || showing.text.length <= LONGEST_TEXT) return { ...(showing && { showing }), queued };
  return { showing: { kind: 'text', text: `${showing.text.slice(0, LONGEST_TEXT)}…` }, queued };
}

/** What a display is called in topics. */
function keyOf({ path }: Display): string {
  // Half a surrogate pair, which has no UTF-8 bytes of its own, becomes U+FFFD, as in a path.
  return path === '' ? 'hat' : encodeURIComponent(Buffer.from(String(path)).toString());
}

const stateTopic = (key: string) => `sense-led/state/${key}`;
