import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Animation, type Label, still } from '../../../../lib/sense-hat/led/animation';
import { BLACK } from '../../../../lib/sense-hat/led/colour';
import { Display } from '../../../../lib/sense-hat/led/display';
import { encodeFrame, type Frame, fill } from '../../../../lib/sense-hat/led/frame';
import { DEFAULT_OPTIONS } from '../../../../lib/sense-hat/led/options';
import type { Rotation } from '../../../../lib/sense-hat/rotation';
import type { Steps } from '../../../../lib/steps';
import { breakDevice, deviceFile, deviceFolder } from '../../../support/device-file';
import { reddening, redFrame, show, watchPlayback } from '../../../support/playback';

const OFF = Buffer.alloc(128);
const NO_HAT = () => undefined;

/** Opens a display until the test ends; an empty path stands for a missing HAT. */
function openDisplay(t: TestContext, path: string, find: () => string | undefined = NO_HAT): Display {
  const display = new Display(path, find);
  t.after(() => display.close());
  return display;
}

test('every listener receives every frame, once it is on the device', async (t) => {
  for (const bytes of [128, 160]) {
    const path = deviceFile(t, bytes);
    const display = openDisplay(t, path);
    const seen: Frame[][] = [[], []];
    for (const frames of seen) {
      display.on('frame', (frame) => {
        frames.push(frame);
        assert.deepEqual(readFileSync(path).subarray(0, 128), frame);
        assert.deepEqual(display.frame, frame);
      });
    }
    for (const red of [50, 100, 150]) assert.equal(await show(display, still(fill([red, 0, 0]))).ended, 'shown');
    assert.equal(await show(display, reddening(4)).ended, 'shown');
    assert.deepEqual(seen[0]?.slice(0, 3), [50, 100, 150].map(redFrame));
    assert.deepEqual(seen[0]?.at(-1), redFrame(32));
    assert.deepEqual(seen[1], seen[0]);
    assert.deepEqual(readFileSync(path).subarray(128), Buffer.alloc(bytes - 128, 0xaa), 'the gamma of the emulator');
  }
});

test('the frame of a display is that of its device, also if another program drew it', async (t) => {
  const path = deviceFile(t);
  const display = openDisplay(t, path);
  assert.deepEqual(display.frame, readFileSync(path));
  assert.deepEqual(openDisplay(t, '').frame, OFF);
  await show(display, still(fill([50, 0, 0]))).ended;
  assert.deepEqual(display.frame, redFrame(50));
  writeFileSync(path, redFrame(200));
  assert.deepEqual(display.frame, redFrame(200));
});

test('the shown frame can be read as a picture in any rotation', async (t) => {
  const picture = Uint8Array.from({ length: 192 }, (_, at) => (at % 3 === 0 ? 248 : 4 * (at % 63)) & 0xf8);
  const display = openDisplay(t, deviceFile(t));
  for (const rotation of [0, 90, 180, 270] as Rotation[]) {
    for (const flipH of [false, true]) {
      const projection = { ...DEFAULT_OPTIONS, rotation, flipH };
      const frame = encodeFrame(picture, projection);
      display.write(frame);
      assert.deepEqual(encodeFrame(display.readPicture(projection), projection), frame);
    }
  }
});

test('the activity of a display is the label of what is shown and the number of waiting sequences', async (t) => {
  const display = openDisplay(t, deviceFile(t));
  assert.deepEqual(display.activity, { queued: 0 }, 'the content of the device is no sequence');
  const play = (label: Label, animation: Animation) => {
    const watched = watchPlayback(animation);
    watched.playback.sequence.label = label;
    display.play(watched.playback);
    return watched.ended;
  };
  const picture: Label = { kind: 'picture' };
  const text: Label = { kind: 'text', text: 'Hi' };
  await play(picture, still(fill([50, 0, 0])));
  assert.deepEqual(display.activity, { showing: picture, queued: 0 });
  const ended = [
    play(text, still(fill(BLACK), 20)),
    play(picture, still(fill([50, 0, 0]), 1)),
    play(text, reddening(1)),
  ];
  assert.deepEqual(display.activity, { showing: text, queued: 2 });
  await Promise.all(ended);
  await play(text, still(fill(BLACK)));
  assert.deepEqual(display.activity, { queued: 0 }, 'its picture is dark');
});

test('a display emits an event when its activity may have changed', async (t) => {
  const display = openDisplay(t, '');
  const queued: number[] = [];
  display.on('activity', () => queued.push(display.activity.queued));
  const playbacks = [20, 1, 1].map((periodMs) => show(display, still(fill([50, 0, 0]), periodMs)).ended);
  assert.equal(queued.at(-1), 2);
  await Promise.all(playbacks);
  assert.equal(queued.at(-1), 0);
});

test('without a HAT only the listeners of a display get its frames', async (t) => {
  const display = openDisplay(t, '');
  const seen: Frame[] = [];
  display.on('frame', (frame) => seen.push(frame));
  assert.deepEqual(display.deviceState, { name: 'missing' });
  assert.equal(display.failure, undefined);
  assert.equal(await show(display, still(fill([50, 0, 0]))).ended, 'shown');
  assert.deepEqual(seen, [redFrame(50)]);
  assert.deepEqual(display.frame, redFrame(50));
});

test('a HAT that appears later gets the frame that is shown', async (t) => {
  const path = deviceFile(t);
  let found: string | undefined;
  const display = openDisplay(t, '', () => found);
  assert.equal(await show(display, still(fill([50, 0, 0]))).ended, 'shown');
  found = path;
  await once(display, 'device');
  assert.deepEqual(display.deviceState, { name: 'open', path });
  assert.deepEqual(readFileSync(path), redFrame(50));
});

test('a device that was away while nothing was shown gets its frame back, also one of another program', async (t) => {
  for (const drawnByOther of [false, true]) {
    for (const isNoticed of [false, true]) {
      t.mock.timers.enable({ apis: ['setTimeout'] });
      const path = deviceFile(t);
      const display = openDisplay(t, path);
      await show(display, still(fill([50, 0, 0]))).ended;
      if (drawnByOther) writeFileSync(path, redFrame(200), { flag: 'r+' });
      const { frame } = display;
      rmSync(path);
      if (isNoticed) t.mock.timers.tick(2000);
      assert.equal(display.deviceState.name, isNoticed ? 'failed' : 'open');
      writeFileSync(path, OFF);
      t.mock.timers.tick(2000);
      assert.equal(display.deviceState.name, 'open');
      assert.deepEqual(readFileSync(path), frame);
      assert.deepEqual(display.frame, frame);
      t.mock.timers.reset();
    }
  }
});

test('a picture that a device lost and got back is turned', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const path = deviceFile(t);
  const display = openDisplay(t, path);
  const top = Uint8Array.from({ length: 192 }, (_, at) => (at < 24 ? 255 : 0));
  await show(display, still(top)).ended;
  rmSync(path);
  t.mock.timers.tick(2000);
  writeFileSync(path, OFF);
  t.mock.timers.tick(2000);
  t.mock.timers.reset();
  const turned = once(display, 'frame');
  display.adjust({ rotation: 180 });
  await turned;
  assert.deepEqual(readFileSync(path), encodeFrame(top, { ...DEFAULT_OPTIONS, rotation: 180 }));
});

test('a listener or an outcome that throws is a warning, and the display goes on', async (t) => {
  const warned: string[] = [];
  const onWarning = ({ message }: Error) => warned.push(message);
  process.on('warning', onWarning);
  t.after(() => process.off('warning', onWarning));
  const path = deviceFile(t);
  const display = openDisplay(t, path);
  const seen: Frame[] = [];
  for (const name of ['frame', 'activity', 'device'] as const) {
    display.on(name, () => {
      throw new Error(name);
    });
  }
  display.on('frame', (frame) => seen.push(frame));
  const thrower = show(display, reddening(2), {
    onEnd: () => {
      throw new Error('outcome');
    },
  });
  const second = show(display, reddening(3));
  display.take({
    owner: {},
    run: () => {
      throw new Error('run');
    },
    end: () => {
      throw new Error('end');
    },
  });
  assert.equal(await thrower.ended, 'shown');
  assert.equal(await second.ended, 'shown');
  assert.deepEqual(readFileSync(path), redFrame(24));
  assert.deepEqual(seen.at(-1), redFrame(24));
  let isRun = false;
  display.take({
    owner: {},
    run: () => {
      isRun = true;
    },
    end: () => {},
  });
  assert(isRun);
  for (const name of ['frame', 'activity', 'end']) assert(warned.includes(name), name);
});

test('a device that appears before the first frame keeps its content', async (t) => {
  const path = join(deviceFolder(t), 'fb1');
  const display = openDisplay(t, path);
  assert.equal(display.deviceState.name, 'failed');
  writeFileSync(path, redFrame(77));
  await once(display, 'device');
  assert.deepEqual(readFileSync(path), redFrame(77));
});

test('a frame that the device refuses ends its sequence with DEVICE and reaches no listener', async (t) => {
  const display = openDisplay(t, deviceFile(t));
  breakDevice(t, 'writeSync', 'EIO');
  const seen: Frame[] = [];
  display.on('frame', (frame) => seen.push(frame));
  assert.equal(await show(display, reddening(3)).ended, 'DEVICE');
  assert.equal(await show(display, still(fill([50, 0, 0]))).ended, 'DEVICE');
  assert.deepEqual(seen, []);
  assert.throws(() => display.readPicture(DEFAULT_OPTIONS), { code: 'DEVICE' });
});

test('sequences that wait for a device are shown when it appears', async (t) => {
  const path = join(deviceFolder(t), 'fb1');
  const display = openDisplay(t, path);
  const failing = show(display, reddening(2));
  const waiting = show(display, reddening(2), { whenMissing: 'wait' });
  assert.equal(await failing.ended, 'DEVICE');
  assert.deepEqual(waiting.outcomes, []);
  writeFileSync(path, OFF);
  assert.equal(await waiting.ended, 'shown');
  assert.deepEqual(readFileSync(path), redFrame(16));
});

test('stopped and withdrawn sequences end, and the last frame stays', async (t) => {
  const path = deviceFile(t);
  const display = openDisplay(t, path);
  const owner = {};
  const withdrawn = [show(display, reddening(30_000), { owner }), show(display, reddening(2), { owner })];
  display.withdraw(owner);
  for (const { ended } of withdrawn) assert.equal(await ended, 'CLOSED');
  const stopped = show(display, reddening(30_000));
  display.stop();
  assert.equal(await stopped.ended, 'STOPPED');
  assert.deepEqual(readFileSync(path), redFrame(8));
});

test('withdraw ends the waiting jobs of an owner with CLOSED, close those of all owners', async () => {
  const display = new Display('', NO_HAT);
  const [mine, other] = [{}, {}];
  const done: string[] = [];
  const job = (name: string, owner: object, run = () => {}) => ({
    owner,
    run: () => {
      done.push(name);
      run();
    },
    end: (error: unknown) => done.push(`${name} ${(error as { code: string }).code}`),
  });
  const fillSlice = () => {
    const startedAt = performance.now();
    while (performance.now() - startedAt < 20);
  };
  display.take(job('long', mine, fillSlice));
  display.take(job('mine', mine));
  display.take(job('other', other));
  display.withdraw(mine);
  assert.deepEqual(done, ['long', 'mine CLOSED']);
  await nextTurn();
  assert.deepEqual(done.slice(2), ['other']);
  display.take(job('long', other, fillSlice));
  display.take(job('last', other));
  display.close();
  assert.deepEqual(done.slice(3), ['long', 'last CLOSED']);
});

/** A display that waits for a job, and a function that adds jobs behind it, whose ends are in `ended`. */
function makeHeldDisplay(t: TestContext) {
  const display = openDisplay(t, '');
  const ended: string[] = [];
  const end = (name: string) => (error: unknown) => ended.push(`${name} ${(error as { code: string }).code}`);
  let release = () => {};
  const promise = new Promise<void>((resolve) => {
    release = resolve;
  });
  const run = function* (): Steps<void> {
    yield promise;
    ended.push('held done');
  };
  display.take({ owner: {}, bytes: 0, run, end: end('held') });
  const add = (name: string, bytes?: number) =>
    display.take({
      owner: {},
      ...(bytes !== undefined && { bytes }),
      run: () => {
        ended.push(`${name} done`);
      },
      end: end(name),
    });
  return { display, ended, release, add };
}

test('behind a job that waits a thousand others may wait, of 32 MiB together', async (t) => {
  const many = makeHeldDisplay(t);
  for (let count = 0; count < 1000; count++) many.add('job', 0);
  assert.deepEqual(many.ended, []);
  many.add('last', 0);
  assert.deepEqual(many.ended, ['last QUEUE_FULL']);
  const large = makeHeldDisplay(t);
  for (let count = 0; count < 3; count++) large.add(`large ${count}`, 16 * 2 ** 20);
  assert.deepEqual(large.ended, ['large 2 QUEUE_FULL']);
  large.add('small', 0);
  large.release();
  await nextTurn();
  assert.deepEqual(large.ended.slice(1), ['held done', 'large 0 done', 'large 1 done', 'small done']);
});

test('stop ends a job that waits and those behind it that show something, in order', async (t) => {
  const { display, ended, release, add } = makeHeldDisplay(t);
  add('a', 0);
  add('get');
  add('b', 0);
  display.stop();
  assert.deepEqual(ended, ['held STOPPED', 'a STOPPED', 'b STOPPED']);
  await nextTurn();
  release();
  await nextTurn();
  assert.deepEqual(ended.slice(3), ['get done']);
});

test('a closed display ends all sequences with CLOSED, draws no more, and is cleared only on request', async (t) => {
  for (const clear of [false, true]) {
    const path = deviceFile(t);
    const display = new Display(path);
    const watched = [show(display, reddening(3)), show(display, reddening(2))];
    display.close(clear);
    for (const { ended } of watched) assert.equal(await ended, 'CLOSED');
    await show(openDisplay(t, ''), reddening(4)).ended;
    assert.deepEqual(readFileSync(path), clear ? OFF : redFrame(8));
  }
});

test('closing and clearing a display whose device fails is no error', (t) => {
  const display = openDisplay(t, join(deviceFolder(t), 'fb1'));
  display.close(true);
});
