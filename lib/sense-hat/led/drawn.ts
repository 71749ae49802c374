import { isSameCanvas, type Picture, tilesOf, withTile } from './canvas';
import { decodeFrame, decodeTile, encodeFrame, type Frame, type Projection } from './frame';

/** A frame and how it was made. */
export interface Drawn {
  frame: Frame;
  picture: Picture;
  projection: Projection;
}

/**
 * The picture behind a frame that a device shows, and its projection. If the frame was `drawn` last, that is the
 * picture that it was made from. A frame of another program does not say how it was projected: it is assumed to have
 * this `look`, but full brightness if it is brighter than the look allows. It is one tile of a wall; the others are as
 * they were drawn last.
 */
export function groundOf(frame: Frame, drawn: Drawn | undefined, look: Projection): Omit<Drawn, 'frame'> {
  if (drawn?.frame.equals(frame)) return drawn;
  const isExact = encodeFrame(decodeFrame(frame, look), look).equals(frame);
  const projection = isExact ? look : { ...look, brightness: 100, lowLight: false };
  const picture = decodeFrame(frame, projection);
  const { tile } = projection;
  if (!drawn || !isSameCanvas(drawn.projection.tile.canvas, tile.canvas)) return { picture, projection };
  return { picture: withTile(drawn.picture, tile, picture, tile), projection };
}

/**
 * The picture behind a frame that a device shows, decoded with a projection. The other tiles of a wall are assumed to
 * show what was drawn last.
 */
export function readWall(frame: Frame, drawn: Drawn | undefined, projection: Projection): Picture {
  const picture = decodeFrame(frame, projection);
  const { tile } = projection;
  if (!drawn || !isSameCanvas(drawn.projection.tile.canvas, tile.canvas)) return picture;
  const isForeign = !drawn.frame.equals(frame);
  for (const each of tilesOf(tile.canvas)) {
    if (isForeign && each.left === tile.left && each.top === tile.top) continue;
    decodeTile(encodeFrame(drawn.picture, { ...drawn.projection, tile: each }), { ...projection, tile: each }, picture);
  }
  return picture;
}
