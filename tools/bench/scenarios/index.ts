import type { Figure } from '../figures';
import type { Setting } from '../setting';
import { delay } from './delay';
import { growth } from './growth';
import { light } from './light';
import { queue } from './queue';
import { request } from './request';
import { start } from './start';
import { stream } from './stream';
import { throughput } from './throughput';
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
  stream: { about: 'messages a second into a stream and out of it', isShared: false, run: stream },
  growth: { about: 'messages a second with more subscriptions and more nodes', isShared: false, run: growth },
  light: { about: 'frames a second', isShared: false, run: light },
  word: { about: 'time from a published word to its first frame', isShared: false, run: word },
  start: {
    about: 'start time of Node-RED with the pack; time until 1,000 subscriptions are ready',
    isShared: false,
    run: start,
  },
};
