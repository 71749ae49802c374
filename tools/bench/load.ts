// A process that sends messages and waits for the answers.
import { setTimeout as delay } from 'node:timers/promises';
import type { DialectName } from './dialects';
import { Line } from './line';
import { serve } from './processes';
import { atSteadyRate, TICK_MS } from './steady-rate';

/** The messages to send, and the answers to wait for. */
export interface Load {
  dialect: DialectName;
  port: number;
  /** The subjects of the messages, used in turn; all of the same length. */
  subjects: string[];
  payloadLength: number;
  /** The number of messages that one sent message stands for. */
  sentUnit: number;
  answerSubject: string;
  answerLength: number;
  /** The number of messages that one answer stands for. */
  answerUnit: number;
  /** The number of messages; a multiple of both units. */
  count: number;
  /** The number of messages that may be unanswered at a time. */
  window: number;
}

/** The result of a load. */
interface Run {
  seconds: number;
  /** With a window of one message: the delay of each, in microseconds. */
  delays: Float64Array;
}

/** Text that is neither JSON nor a number. */
export function payloadOf(length: number): Buffer {
  return Buffer.alloc(length, 'The quick brown fox jumps over the lazy dog, again and again. ');
}

const PROBE = payloadOf(16);

/** The most bytes of one write. */
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
  // The ring has each subject once, or repeats them to fill the largest write.
  const repeats = Math.ceil(Math.max(1, Math.min(window, LARGEST_WRITE / frameLength)) / load.subjects.length);
  const frames = load.subjects.map((subject) => line.dialect.frame(subject, payload));
  const ring = Buffer.concat(Array.from({ length: repeats }, () => frames).flat());
  const ringFrames = repeats * load.subjects.length;
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
  if (answered !== count) throw new Error(`${count} messages were sent, and ${answered} were answered`);
  return { seconds, delays };
}

/** Sends a message at intervals until one is answered. */
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
  // The answers on their way must not disturb the next load.
  await delay(200);
  await line.close();
}

/** A load at a steady rate. */
interface Pace extends Omit<Load, 'count' | 'window'> {
  perSecond: number;
  seconds: number;
}

/** The result of a load at a steady rate. */
interface Paced {
  sent: number;
  answered: number;
  /** The delays of some messages, in microseconds. */
  delays: Float64Array;
}

/** A message without an answer after this time is lost. */
const LONGEST_WAIT_MS = 5000;

async function pace(load: Pace): Promise<Paced> {
  const line = await Line.open(load.dialect, load.port, {
    subject: load.answerSubject,
    payloadLength: load.answerLength,
    onFrames: (frames) => {
      answered += frames;
      // Only the first message of each tick counts, because the others wait for it.
      for (let tick = ticks[timed]; tick && tick.first < answered; tick = ticks[timed]) {
        delays.push(1000 * (performance.now() - tick.at));
        timed++;
      }
    },
  });
  const ticks: { first: number; at: number }[] = [];
  const delays: number[] = [];
  let timed = 0;
  let sent = 0;
  let answered = 0;
  const frame = line.dialect.frame(load.subjects[0] as string, payloadOf(load.payloadLength));
  await atSteadyRate(load.perSecond, load.seconds, (due) => {
    ticks.push({ first: sent, at: performance.now() });
    line.write(Buffer.concat(Array<Buffer>(due).fill(frame)));
    sent += due;
  });
  const endedAt = performance.now();
  while (answered < sent && performance.now() - endedAt < LONGEST_WAIT_MS) await delay(TICK_MS);
  await line.close();
  return { sent, answered, delays: Float64Array.from(delays) };
}

const functions = { run, probe, pace };
export type LoadFunctions = typeof functions;

if (require.main === module) serve(functions);
