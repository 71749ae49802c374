import { setTimeout as delay } from 'node:timers/promises';
import { CLIENT, FLOOR, PACK, startContender, stopContenders } from '../contenders';
import { type DeviceFile, makeDevice } from '../device';
import { type Figure, figures, quantile } from '../figures';
import { subjectsOf } from '../host-options';
import { Line } from '../line';
import { interleave } from '../rounds';
import type { Setting } from '../setting';

/** Long enough to show the last word: a display shows a frame every 10 ms. */
const PAUSE_MS = 25;

/** Words in a round. */
const WORDS = 40;

/** The time from a published word, here of one letter, to its first frame. */
export async function word(setting: Setting): Promise<Figure[]> {
  const { port } = setting.brokers.nats;
  const line = await Line.open('nats', port);
  const contenders = [];
  for (const [index, name] of ([CLIENT, FLOOR, PACK] as const).entries()) {
    const device = makeDevice();
    const contender = await startContender(setting, name, { id: `w${index}`, device: device.path });
    contenders.push({ ...contender, device });
  }
  const delays = await interleave(contenders, setting.rounds, async ({ options, device }) => {
    const { light } = subjectsOf(options);
    const frames = ['A', 'B'].map((letter) => line.dialect.frame(light, Buffer.from(letter)));
    const us: number[] = [];
    while (us.length < WORDS) {
      await delay(PAUSE_MS);
      us.push(untilChanged(device, () => line.write(frames[us.length % 2] as Buffer)));
    }
    return { 'µs, median': quantile(us, 0.5), 'µs, 99th percentile': quantile(us, 0.99) };
  });
  await stopContenders(contenders);
  for (const { device } of contenders) device.remove();
  await line.close();
  return figures('word', 'one letter', delays);
}

const SLEEP = new Int32Array(new SharedArrayBuffer(4));
const POLL_MS = 0.02;
const TIMEOUT_MS = 1000;

/** Microseconds from an action until the display shows another frame. */
function untilChanged(device: DeviceFile, act: () => void): number {
  const before = device.read();
  const startedAt = performance.now();
  act();
  while (device.read().equals(before)) {
    Atomics.wait(SLEEP, 0, 0, POLL_MS);
    if (performance.now() - startedAt > TIMEOUT_MS) throw new Error(`No frame was shown within ${TIMEOUT_MS} ms`);
  }
  return 1000 * (performance.now() - startedAt);
}
