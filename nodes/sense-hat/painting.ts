import type { NodeAPI } from 'node-red';
import { CodedError, shown } from '../../lib/coded-error';
import { still } from '../../lib/sense-hat/led/animation';
import { findDisplay } from '../../lib/sense-hat/led/display-registry';
import { DEFAULT_OPTIONS } from '../../lib/sense-hat/led/options';
import { parsePicture } from '../../lib/sense-hat/led/pixels';
import { SENSE_HAT_TEXTS } from '../shared/catalogue';
import { serveRoute } from '../shared/route';

/** The request of the painter in the sidebar. */
interface Painting {
  /** The path of the display's device; empty: the HAT. */
  path: unknown;
  /** A picture in a form that a payload may have. */
  pixels: unknown;
}

/** The owner of paintings, which belong to no node. */
const PAINTER = {};

/**
 * Serves POST /sense-led/show, which queues a picture on a display that a flow uses, without passing through the flow.
 * The response follows when the picture has been shown, or has the reason why it was not. This requires the permission
 * to deploy, with which a user can show anything anyway.
 */
export function servePainting(RED: NodeAPI): void {
  serveRoute(RED, '/sense-led/show', {
    permissions: ['sense-led.write', 'flows.write'],
    maxBytes: 16 * 1024,
    catalogue: SENSE_HAT_TEXTS,
    answer: async (body) => {
      await show(body as Painting);
      return {};
    },
  });
}

async function show({ path, pixels }: Painting): Promise<void> {
  const display = typeof path === 'string' ? findDisplay(path) : undefined;
  if (!display) throw new CodedError('NO_DISPLAY', { path: shown(path) });
  if (!Array.isArray(pixels)) throw new CodedError('BAD_PAYLOAD', { value: shown(pixels) });
  const animation = still(parsePicture(pixels, DEFAULT_OPTIONS.background));
  const scenes = [{ animation, projection: DEFAULT_OPTIONS }];
  await new Promise<void>((resolve, reject) => {
    display.play({
      sequence: { label: { kind: 'picture' }, scenes, repeat: 1 },
      busy: 'queue',
      whenMissing: 'fail',
      owner: PAINTER,
      outcome: (error) => (error === undefined ? resolve() : reject(error)),
    });
  });
}
