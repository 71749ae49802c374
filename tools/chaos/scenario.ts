import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../../scripts/random';
import type { Exercise } from './flows/exercise';
import type { NodeRedUnderTest } from './node-red/under-test';
import type { Measured, Promises, Report } from './report';
import type { Hear, Site } from './sites/site';
import { runTrial } from './trial';

/** Everything that a fault can act on. */
export interface Stage<S extends Site, E extends Exercise> {
  site: S;
  exercise: E;
  nodeRed: NodeRedUnderTest;
  /** All that run the flow; the first one is `nodeRed`, which gets the messages for the flow's inputs. */
  members: NodeRedUnderTest[];
  random: Random;
  /** Notes a time in milliseconds, or another number; the median and the largest of each name are printed. */
  note(name: string, value: number, unit?: string): void;
  /** What has been noted, by name. */
  measured: Record<string, Measured>;
}

/** A temporary fault. Resolves when it is over. */
export type Fault<S extends Site, E extends Exercise> = (stage: Stage<S, E>) => Promise<unknown>;

/** The faults of a scenario, and what they happen to. */
export interface Plan<S extends Site, E extends Exercise> extends Promises {
  title: string;
  startSite(hear: Hear): Promise<S>;
  startExercise(): E;
  /** How many Node-REDs run the flow; 1 by default. */
  members?: number;
  /** What happens before the first snapshot, instead of a few seconds of work, so that memory and handles are those of a warm process. */
  warmUp?: Fault<S, E>;
  /** By name, in plain words; they occur one after the other, in random order. */
  faults: Record<string, Fault<S, E>>;
  /** Promises that only this scenario checks, in the end: one line for each that is broken. */
  check?(stage: Stage<S, E>, times: Record<string, number>): string[];
}

/** A scenario: a file in the folder `scenarios` exports one by default. */
export interface Scenario {
  title: string;
  /** Injects faults for some seconds, and reports what became of the messages. */
  run(seconds: number, random: Random): Promise<Report>;
}

export function scenario<S extends Site, E extends Exercise>(plan: Plan<S, E>): Scenario {
  return { title: plan.title, run: (seconds, random) => runTrial(plan, seconds, random) };
}

const FOLDER = join(__dirname, 'scenarios');

/** The scenarios by the names of their files, in alphabetical order; only those whose name contains a part, if given. */
export function findScenarios(parts: string[] = []): [string, Scenario][] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.js'))
    .map((file) => file.replace(/\.js$/, ''))
    .filter((name) => parts.length === 0 || parts.some((part) => name.includes(part)))
    .sort()
    .map((name) => [name, require(join(FOLDER, name)).default]);
}
