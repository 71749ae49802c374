import type { NodeAPI } from 'node-red';
import type { Frame } from '../../lib/sense-hat/led/frame';

/** A frame for an open editor. */
interface FrameMessage {
  /** The key of the display. */
  key: string;
  /** RGB565 in Base64. */
  frame: string;
  /** When it was shown, in milliseconds on a monotonic clock; missing if it was there before the editor looked. */
  at?: number;
}

/** What an open editor sends: the keys of the displays that it shows, instead of those before. */
interface WatchMessage {
  session: string;
  data?: unknown;
}

const WATCH = 'comms:message:sense-led/watch';
const CLOSED = 'comms:connection-removed';
const FRAMES = 'sense-led/frames';

/**
 * How long frames are gathered into one message. Node-RED hands an editor 50 messages each 50 ms, and keeps in memory
 * whatever is more.
 */
const GATHER_MS = 20;
/** A wall has at most 64 displays, and a window has room for a few hundred. */
const MOST_WATCHED = 1000;
/** A path has at most 4096 bytes, each of which takes up to three characters. */
const LONGEST_KEY = 3 * 4096;

/** An open editor. */
interface Viewer {
  /** The keys of the displays that it shows. */
  watched: Set<string>;
  frames: FrameMessage[];
  timer?: NodeJS.Timeout | undefined;
}

/** The open editors. Each gets the frames of the displays that it shows, and of no others. */
export class Viewers {
  private readonly bySession = new Map<string, Viewer>();

  /** `frameOf` has the present frame of a display by its key, if it is in use. */
  constructor(
    private readonly RED: NodeAPI,
    private readonly frameOf: (key: string) => Frame | undefined,
  ) {
    RED.events.on(WATCH, this.onWatch);
    RED.events.on(CLOSED, this.onClosed);
  }

  close(): void {
    this.RED.events.off(WATCH, this.onWatch);
    this.RED.events.off(CLOSED, this.onClosed);
    for (const session of [...this.bySession.keys()]) this.onClosed({ session });
  }

  /** Sends a frame that a display shows from now on. */
  send(key: string, frame: Frame): void {
    let message: FrameMessage | undefined;
    for (const [session, viewer] of this.bySession) {
      if (!viewer.watched.has(key)) continue;
      message ??= { key, frame: frame.toString('base64'), at: performance.now() };
      this.put(session, viewer, message);
    }
  }

  private readonly onWatch = ({ session, data }: WatchMessage) => {
    const keys = Array.isArray(data) ? data.slice(0, MOST_WATCHED).filter(isKey) : [];
    const viewer: Viewer = this.bySession.get(session) ?? { watched: new Set(), frames: [] };
    this.bySession.set(session, viewer);
    const before = viewer.watched;
    viewer.watched = new Set(keys);
    for (const key of viewer.watched) {
      const frame = before.has(key) ? undefined : this.frameOf(key);
      if (frame) this.put(session, viewer, { key, frame: frame.toString('base64') });
    }
  };

  private readonly onClosed = ({ session }: { session: string }) => {
    clearTimeout(this.bySession.get(session)?.timer);
    this.bySession.delete(session);
  };

  private put(session: string, viewer: Viewer, message: FrameMessage): void {
    viewer.frames.push(message);
    viewer.timer ??= setTimeout(() => {
      viewer.timer = undefined;
      // `RED.comms.publish` reaches all editors, `session` only one.
      this.RED.events.emit('comms', { topic: FRAMES, data: viewer.frames, retain: false, session });
      viewer.frames = [];
    }, GATHER_MS);
  }
}

function isKey(value: unknown): value is string {
  return typeof value === 'string' && value.length <= LONGEST_KEY;
}
