import type { NodeAPI } from 'node-red';
import { CodedError, shown } from '../../lib/coded-error';
import { still } from '../../lib/sense-hat/led/animation';
import { findDisplay } from '../../lib/sense-hat/led/display';
import { DEFAULT_LOOK } from '../../lib/sense-hat/led/look';
import { parsePicture } from '../../lib/sense-hat/led/pixels';
import { SENSE_HAT_TEXTS } from '../shared/catalogue';
import { serveRoute } from '../shared/route';

/** What the painter in the sidebar sends. */
interface Painting {
  /** The display, by the path of its device; empty: the HAT. */
  path: unknown;
  /** A picture, as the payload of a message has it. */
  pixels: unknown;
}

/** Whose the paintings are: nobody's in the flow. */
const PAINTER = {};

/**
 * Answers POST /sense-led/show: shows a picture on a display that a flow uses, in its turn, past the flow's nodes; when
 * it has been shown, or why it cannot be. Only for those who may deploy, for they can show anything anyway.
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
  const animation = still(parsePicture(pixels, DEFAULT_LOOK.background));
  const scenes = [{ animation, projection: DEFAULT_LOOK }];
  await new Promise<void>((resolve, reject) => {
    display.play({
      show: { title: { kind: 'picture' }, scenes, repeat: 1 },
      busy: 'queue',
      whenMissing: 'fail',
      owner: PAINTER,
      outcome: (error) => (error === undefined ? resolve() : reject(error)),
    });
  });
}
