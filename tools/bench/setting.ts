import type { Arena, Contender } from './contenders';

/** How thorough a run is. */
export interface Thoroughness {
  /** The payloads, in bytes. */
  sizes: number[];
  /** How often each contender is measured. */
  rounds: number;
  /** How long each contender is measured in a round. */
  seconds: number;
  /** How many messages a round of delays takes. */
  delayCount: number;
}

/** What a scenario has to work with. */
export interface Setting extends Thoroughness, Arena {
  /** Started once for all scenarios that need no others. */
  contenders: Contender[];
}
