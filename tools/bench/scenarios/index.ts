import type { Figure } from '../figures';
import type { Setting } from '../setting';
import { context } from './context';
import { delay } from './delay';
import { growth } from './growth';
import { kv } from './kv';
import { light } from './light';
import { object } from './object';
import { queue } from './queue';
import { request } from './request';
import { scaling } from './scaling';
import { sensors } from './sensors';
import { start } from './start';
import { stream } from './stream';
import { throughput } from './throughput';
import { wall } from './wall';
import { word } from './word';

/** A scenario to measure. */
export interface Scenario {
  about: string;
  /** Whether it uses the contenders that are started once for all scenarios. */
  isShared: boolean;
  run(setting: Setting): Promise<Figure[]>;
}

/** All scenarios by name, in the order in which they run. */
export const SCENARIOS: Record<string, Scenario> = {
  bridge: {
    about: 'messages a second from a subscribing to a publishing node',
    isShared: true,
    run: (setting) => throughput('bridge', setting),
  },
  publish: {
    about: 'messages a second out of a flow',
    isShared: true,
    run: (setting) => throughput('publish', setting),
  },
  subscribe: {
    about: 'messages a second into a flow',
    isShared: true,
    run: (setting) => throughput('subscribe', setting),
  },
  request: { about: 'replies a second, 1, 64 and 1,000 requests at a time', isShared: true, run: request },
  delay: { about: 'time of a single message through a bridge', isShared: true, run: delay },
  queue: { about: 'messages a second through a queue group of 1, 2 and 4 processes', isShared: false, run: queue },
  scaling: {
    about: 'messages a second that 1, 2, 4 and 8 processes do together, on one server and on a cluster',
    isShared: false,
    run: scaling,
  },
  stream: { about: 'messages a second into a stream and out of it', isShared: false, run: stream },
  kv: { about: 'values a second that are got from a bucket and put into it', isShared: false, run: kv },
  object: { about: 'MiB a second into a bucket of objects and out of it, and memory', isShared: false, run: object },
  context: {
    about: 'reads, changes and delay of a context that Node-REDs share',
    isShared: false,
    run: context,
  },
  growth: {
    about: 'cost and memory with more subscriptions, nodes, waiting messages and keys',
    isShared: false,
    run: growth,
  },
  light: { about: 'frames a second', isShared: false, run: light },
  wall: {
    about: 'frames a second, the longest turn and processor time of a wall of 12 tiles',
    isShared: false,
    run: wall,
  },
  sensors: {
    about: 'load of 50 readings a second of the sensors, and the longest turn',
    isShared: false,
    run: sensors,
  },
  word: { about: 'time from a published word to its first frame', isShared: false, run: word },
  start: {
    about: 'start time of Node-RED with the pack; time until 1,000 subscriptions are ready',
    isShared: false,
    run: start,
  },
};
