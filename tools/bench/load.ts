// A process that sends messages and waits for what comes of them.
import { setTimeout as delay } from 'node:timers/promises';
import type { DialectName } from './dialects';
import { Line } from './line';
import { serve } from './processes';

/** What is sent, and what is waited for. */
export interface Load {
  dialect: DialectName;
  port: number;
  /** The subjects of the messages, in turn; all of one length. */
  subjects: string[];
  payloadLength: number;
  /** So many messages are meant by one that is sent. */
  sentUnit: number;
  answerSubject: string;
  answerLength: number;
  /** So many messages are meant by one that comes back. */
  answerUnit: number;
  /** How many messages; a multiple of both units. */
  count: number;
  /** So many are on their way at a time. */
  window: number;
}

/** How a load went. */
interface Run {
  seconds: number;
  /** With a window of one message: how long each took, in microseconds. */
  delays: Float64Array;
}

/** Text that is neither JSON nor a number. */
export function payloadOf(length: number): Buffer {
  return Buffer.alloc(length, 'The quick brown fox jumps over the lazy dog, again and again. ');
}

const PROBE = payloadOf(16);

/** More than that is not written at once. */
const LARGEST_WRITE = 256 * 1024;

async function run(load: Load): Promise<Run> {
  const { count, window, sentUnit, answerUnit } = load;
  const delays = new Float64Array(window === 1 ? count : 0);
  let sent = 0;
  let answered = 0;
  let sentAt = 0n;
  let resolve = () => {};
  const all = new Promise<void>((all) => {
    resolve = all;
  });
  const onFrames = (frames: number) => {
    if (window === 1) delays[answered] = Number(process.hrtime.bigint() - sentAt) / 1000;
    answered += frames * answerUnit;
    if (answered >= count) resolve();
    else send();
  };
  const answers = { subject: load.answerSubject, payloadLength: load.answerLength, onFrames };
  const line = await Line.open(load.dialect, load.port, answers);
  const payload = payloadOf(load.payloadLength);
  const [first] = load.subjects.map((subject) => line.dialect.frame(subject, payload));
  const frameLength = (first as Buffer).length;
  // All of them once, and at least as many as are written at once.
  const turns = Math.ceil(Math.max(1, Math.min(window, LARGEST_WRITE / frameLength)) / load.subjects.length);
  const inTurn = load.subjects.map((subject) => line.dialect.frame(subject, payload));
  const ring = Buffer.concat(Array.from({ length: turns }, () => inTurn).flat());
  const ringFrames = turns * load.subjects.length;
  let at = 0;
  const send = () => {
    let frames = Math.floor(Math.min(window - (sent - answered), count - sent) / sentUnit);
    sent += frames * sentUnit;
    if (window === 1) sentAt = process.hrtime.bigint();
    while (frames > 0) {
      const now = Math.min(frames, ringFrames - at);
      line.write(ring.subarray(at * frameLength, (at + now) * frameLength));
      at = (at + now) % ringFrames;
      frames -= now;
    }
  };
  const startedAt = performance.now();
  send();
  await all;
  const seconds = (performance.now() - startedAt) / 1000;
  await line.close();
  if (answered !== count) throw new Error(`${count} messages were sent, and ${answered} came`);
  return { seconds, delays };
}

/** Sends a message now and then until one comes back. */
async function probe(load: Pick<Load, 'dialect' | 'port' | 'answerSubject'> & { subject: string }): Promise<void> {
  let resolve = () => {};
  const answered = new Promise<void>((done) => {
    resolve = done;
  });
  const answers = { subject: load.answerSubject, payloadLength: PROBE.length, onFrames: () => resolve() };
  const line = await Line.open(load.dialect, load.port, answers);
  const timer = setInterval(() => line.write(line.dialect.frame(load.subject, PROBE)), 50);
  await answered;
  clearInterval(timer);
  // What is still on its way does not disturb the next.
  await delay(200);
  await line.close();
}

/** Messages that are sent at a steady rate for some time. */
interface Pace extends Omit<Load, 'count' | 'window'> {
  perSecond: number;
  seconds: number;
}

/** What became of them. */
interface Paced {
  sent: number;
  answered: number;
  /** How long some of them took, in microseconds. */
  delays: Float64Array;
}

const TICK_MS = 5;
/** What has not come by then is lost. */
const LONGEST_WAIT_MS = 5000;

async function pace(load: Pace): Promise<Paced> {
  const line = await Line.open(load.dialect, load.port, {
    subject: load.answerSubject,
    payloadLength: load.answerLength,
    onFrames: (frames) => {
      answered += frames;
      // Of each tick the first message counts: the others wait for it.
      for (let tick = ticks[looked]; tick && tick.first < answered; tick = ticks[looked]) {
        delays.push(1000 * (performance.now() - tick.at));
        looked++;
      }
    },
  });
  const ticks: { first: number; at: number }[] = [];
  const delays: number[] = [];
  let looked = 0;
  let sent = 0;
  let answered = 0;
  const frame = line.dialect.frame(load.subjects[0] as string, payloadOf(load.payloadLength));
  const startedAt = performance.now();
  for (let ms = 0; ms < 1000 * load.seconds; ms = performance.now() - startedAt) {
    const due = Math.floor((load.perSecond * ms) / 1000) - sent;
    if (due > 0) {
      ticks.push({ first: sent, at: performance.now() });
      line.write(Buffer.concat(Array<Buffer>(due).fill(frame)));
      sent += due;
    }
    await delay(TICK_MS);
  }
  const endedAt = performance.now();
  while (answered < sent && performance.now() - endedAt < LONGEST_WAIT_MS) await delay(TICK_MS);
  await line.close();
  return { sent, answered, delays: Float64Array.from(delays) };
}

const functions = { run, probe, pace };
export type LoadFunctions = typeof functions;

if (require.main === module) serve(functions);
