import type { Animation, Sequence } from '../../lib/sense-hat/led/animation';
import type { Canvas, Picture } from '../../lib/sense-hat/led/canvas';
import type { Rgb } from '../../lib/sense-hat/led/colour';
import * as command from '../../lib/sense-hat/led/command';
import * as content from '../../lib/sense-hat/led/content';
import type { DisplayOptions } from '../../lib/sense-hat/led/options';
import * as pixels from '../../lib/sense-hat/led/pixels';
import { atOnce } from '../../lib/steps';

/** The functions of these names, all of their steps at once. */
export function drawPayload(payload: unknown, options: DisplayOptions): Sequence {
  return atOnce(command.drawPayload(payload, options));
}

export function drawContent(payload: unknown, options: DisplayOptions): Animation {
  return atOnce(content.drawContent(payload, options));
}

export function parsePicture(value: Uint8Array | string | unknown[], background: Rgb, canvas?: Canvas): Picture {
  return atOnce(pixels.parsePicture(value, background, canvas));
}
