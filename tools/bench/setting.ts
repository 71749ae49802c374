import type { Arena, Contender } from './contenders';

/** How thorough a run is. */
export interface Thoroughness {
  /** Payload sizes in bytes. */
  sizes: number[];
  /** How often each contender is measured. */
  rounds: number;
  /** How long each contender is measured in a round. */
  seconds: number;
  /** The number of messages in a round of delays. */
  delayCount: number;
  /** How many processes share work; the first is 1. */
  members: number[];
  /** Whether objects are small, and growth has few steps. */
  isQuick: boolean;
}

/** The parameters and resources of a scenario. */
export interface Setting extends Thoroughness, Arena {
  /** The contenders that are started once for all scenarios. */
  contenders: Contender[];
}
