import { once } from 'node:events';
import { SIDE } from '../lib/sense-hat/led/canvas';
import { FRAME_BYTES } from '../lib/sense-hat/led/frame';
import type { CommsEvent, RunningNodeRed } from './node-red';

const WORDS = 'hello world';
const TIMEOUT_MS = 60_000;
/** Every fourth of the last frames is printed: enough to read the last word. */
const LAST_FRAMES = 32;
const FRAME_STEP = 4;

/**
 * Clicks the button of "hello world" in the demo flow and prints what an editor receives: the answers for the debug
 * sidebar and `frames`, which gathers those of the preview. Resolves with 0 if each word was answered, else 1.
 */
export async function checkDemo({ url, app }: RunningNodeRed, frames: Buffer[]): Promise<number> {
  const wanted = WORDS.split(' ').length;
  const answers: string[] = [];
  const finished = new AbortController();
  const timeout = setTimeout(() => finished.abort(), TIMEOUT_MS);
  const onComms = ({ topic, data }: CommsEvent) => {
    if (topic === 'debug' && data?.name === 'answers') answers.push(String(data.msg));
    if (answers.length === wanted) finished.abort();
  };
  app.events.on('comms', onComms);
  await clickInject(url, WORDS);
  if (!finished.signal.aborted) await once(finished.signal, 'abort');
  clearTimeout(timeout);
  app.events.off('comms', onComms);

  console.log(answers.join('\n'));
  const lit = frames.filter((frame) => frame.some((byte) => byte !== 0));
  const shown = lit.slice(-LAST_FRAMES).filter((_, index) => index % FRAME_STEP === 0);
  console.log(`\n${drawSideBySide(shown)}`);
  if (answers.length < wanted || lit.length === 0) {
    console.error(`Expected ${wanted} answers and some light, got ${answers.length} and ${lit.length} lit frames.`);
    return 1;
  }
  return 0;
}

/** Sends the request of the editor for a click on the button of an Inject node. */
async function clickInject(url: string, payload: string): Promise<void> {
  const flows = (await (await fetch(`${url}flows`)).json()) as { id: string; type: string; payload?: string }[];
  const inject = flows.find((node) => node.type === 'inject' && node.payload === payload);
  if (!inject) throw new Error(`The flow has no Inject node with the payload ${payload}.`);
  const response = await fetch(`${url}inject/${inject.id}`, { method: 'POST' });
  if (!response.ok) throw new Error(`The Inject node answered ${response.status}.`);
}

function drawSideBySide(frames: Buffer[]): string {
  const rows = Array.from({ length: SIDE }, (_, row) => frames.map((frame) => drawRow(frame, row)).join('   '));
  return rows.join('\n');
}

function drawRow(frame: Buffer, row: number): string {
  const rowBytes = FRAME_BYTES / SIDE;
  const isLit = (column: number) => frame.readUInt16LE(row * rowBytes + 2 * column) !== 0;
  return Array.from({ length: SIDE }, (_, column) => (isLit(column) ? '#' : '.')).join('');
}
