import { CodedError, shown } from '../../lib/coded-error';
import { type Picture, WHOLE, withTile } from '../../lib/sense-hat/led/canvas';
import { findDisplay } from '../../lib/sense-hat/led/display-registry';
import { DEFAULT_OPTIONS } from '../../lib/sense-hat/led/options';
import { parsePicture } from '../../lib/sense-hat/led/pixels';
import { atOnce } from '../../lib/steps';

/** The request of the painter in the sidebar. */
export interface Painting {
  /** The path of the display's device; empty: the HAT. */
  path: unknown;
  /** A picture in a form that a payload may have. */
  pixels: unknown;
}

/** The owner of paintings, which belong to no node. */
const PAINTER = {};

/** Shows a painting on its display. Resolves when it has been shown; rejects with the reason if it is not. */
export async function paint({ path, pixels }: Painting): Promise<void> {
  const display = typeof path === 'string' ? findDisplay(path) : undefined;
  if (!display) throw new CodedError('NO_DISPLAY', { path: shown(path) });
  if (!Array.isArray(pixels)) throw new CodedError('BAD_PAYLOAD', { value: shown(pixels) });
  const { tile } = display;
  const painting = atOnce(parsePicture(pixels, DEFAULT_OPTIONS.background));
  // Of a wall, the other tiles stay as they are for the commands to come.
  const pictureAt = (_: number, shown: Picture) => withTile(shown, tile, painting, WHOLE);
  const scenes = [{ animation: { length: 1, pictureAt, periodMs: 0 }, projection: { ...DEFAULT_OPTIONS, tile } }];
  await new Promise<void>((resolve, reject) => {
    display.play({
      sequence: { label: { kind: 'picture' }, scenes, repeat: 1 },
      busy: 'queue',
      whenMissing: 'fail',
      owner: PAINTER,
      bytes: 0,
      outcome: (error) => (error === undefined ? resolve() : reject(error)),
    });
  });
}
