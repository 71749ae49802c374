// Compares frames with those of python-sense-hat.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Display } from '../../../../lib/sense-hat/led/display';
import { DEFAULT_OPTIONS, type DisplayOptions, readOptions } from '../../../../lib/sense-hat/led/options';
import { Clock } from '../../../support/clock';
import { deviceFile } from '../../../support/device-file';
import { drawPayload } from '../../../support/drawing';

const ROOT = join(__dirname, '..', '..', '..', '..', '..');

/** A call of `SenseHat`, its arguments, and the frames after it in Base64. */
type Step = [call: keyof typeof PAYLOADS, ...args: unknown[], frames: string[]];

/**
 * The calls of a program, recorded with python-sense-hat 2.6.0 (https://github.com/astro-pi/python-sense-hat) on a file
 * instead of the framebuffer, and with the glyphs of this project instead of its font.
 */
const STEPS: Step[] = JSON.parse(readFileSync(join(ROOT, 'test/lib/sense-hat/led/python-sense-hat.json'), 'utf8'));

/** The payload for a call. */
const PAYLOADS = {
  pixels: (pixels: unknown) => pixels,
  pixel: (x: unknown, y: unknown, color: unknown) => ({ x, y, color }),
  clear: (fill: unknown) => ({ fill }),
  rotation: (rotation: unknown) => ({ rotation }),
  flip_h: () => ({ flip: 'horizontal' }),
  flip_v: () => ({ flip: 'vertical' }),
  letter: (text: unknown, color: unknown, background: unknown) => ({ text, color, background, secondsPerColumn: 0 }),
  message: (text: unknown, color: unknown, background: unknown) => ({ text, color, background }),
};

test('246 frames are those of python-sense-hat, byte for byte', (t) => {
  const clock = new Clock(t);
  const path = deviceFile(t);
  writeFileSync(path, Buffer.alloc(128));
  const display = new Display(path, () => undefined);
  t.after(() => display.close());
  let written: string[] = [];
  display.on('frame', (frame) => written.push(frame.toString('base64')));
  let options: DisplayOptions = DEFAULT_OPTIONS;
  let compared = 0;
  for (const step of STEPS) {
    const call = step[0];
    const args = step.slice(1, -1) as [unknown, unknown, unknown];
    const frames = step.at(-1) as string[];
    if (call === 'rotation') options = readOptions({ rotation: args[0] }, options);
    written = [];
    const sequence = drawPayload(PAYLOADS[call](...args), options);
    display.play({ sequence, busy: 'queue', whenMissing: 'fail', owner: {}, bytes: 0, outcome: assert.ifError });
    clock.run(100 * frames.length);
    assert.deepEqual(written, frames, `${call} ${JSON.stringify(args)}`);
    assert.equal(readFileSync(path).toString('base64'), frames.at(-1));
    compared += frames.length;
  }
  assert.equal(compared, 246);
});
