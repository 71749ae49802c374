import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Drawn } from '../../../../lib/sense-hat/led/drawn';
import { type Frame, fill } from '../../../../lib/sense-hat/led/frame';
import { FrameWriter } from '../../../../lib/sense-hat/led/frame-writer';
import { DEFAULT_OPTIONS } from '../../../../lib/sense-hat/led/options';
import { Clock } from '../../../support/clock';
import { redFrame } from '../../../support/playback';

const RED = fill([240, 0, 0]);
const NEVER = Number.POSITIVE_INFINITY;

function makeWriter(t: TestContext) {
  const clock = new Clock(t);
  const screen = {
    frame: Buffer.alloc(128) as Frame,
    drawn: undefined as Drawn | undefined,
    failure: undefined,
    write(frame: Frame) {
      this.frame = frame;
    },
  };
  return { clock, screen, writer: new FrameWriter(screen) };
}

test('a picture is written once, and the next one 10 ms later, or up to 2 ms sooner', (t) => {
  const { clock, screen, writer } = makeWriter(t);
  assert.equal(writer.write(0), NEVER);
  writer.draw(RED, DEFAULT_OPTIONS);
  assert.equal(writer.write(0), NEVER);
  assert.deepEqual(screen.frame, redFrame(240));
  assert.equal(screen.drawn?.picture, RED);
  assert.equal(writer.isDirty, false);
  writer.draw(fill([8, 0, 0]), DEFAULT_OPTIONS);
  assert.equal(writer.write(4), 8);
  assert.equal(writer.isDirty, true);
  clock.nowMs = 8;
  assert.equal(writer.write(8), NEVER);
  assert.deepEqual(screen.frame, redFrame(8));
});

test('the ground is what stands on the screen, or what was assumed while nobody has drawn since', (t) => {
  const { screen, writer } = makeWriter(t);
  writer.draw(RED, DEFAULT_OPTIONS);
  assert.equal(writer.ground(DEFAULT_OPTIONS).picture, RED, 'not written yet');
  writer.write(0);
  const assumed = fill([0, 0, 8]);
  writer.assume(assumed, DEFAULT_OPTIONS);
  assert.equal(writer.write(100), NEVER);
  assert.equal(writer.ground(DEFAULT_OPTIONS).picture, assumed);
  screen.frame = Buffer.alloc(128, 0xff);
  assert.deepEqual(writer.ground(DEFAULT_OPTIONS).picture, fill([255, 255, 255]));
});

test('a picture that is forgotten is not written', (t) => {
  const { screen, writer } = makeWriter(t);
  writer.draw(RED, DEFAULT_OPTIONS);
  writer.forget();
  assert.equal(writer.write(0), NEVER);
  assert.equal(writer.last, undefined);
  assert.deepEqual(screen.frame, Buffer.alloc(128));
});
