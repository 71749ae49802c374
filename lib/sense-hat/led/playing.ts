import type { Scene } from './animation';
import type { Playback } from './playback';
import { roundAt } from './schedule';

/** A sequence that plays, and how far it has got. */
export interface Playing {
  playback: Playback;
  /** The index of the scene that is on. */
  scene: number;
  /** When that scene began; `undefined` if it has not. */
  startedAt: number | undefined;
  /** The index of its last drawn picture; -1: none. */
  drawn: number;
  /** How often the whole sequence has been shown. */
  rounds: number;
  /** How many rounds were over before this display could show them. */
  missed: number;
}

/** Starts a sequence, perhaps after some of its rounds have been shown. */
export function start(playback: Playback, rounds = 0): Playing {
  return { playback, scene: 0, startedAt: undefined, drawn: -1, rounds, missed: 0 };
}

/** When the next round begins: now, or when the playback's start time says. Rounds that are over are skipped. */
export function beginRound(playing: Playing, now: number): number {
  const { startsAt, sequence } = playing.playback;
  if (startsAt === undefined) return now;
  const { index, beganAt } = roundAt(sequence, startsAt, now, playing.missed + playing.rounds);
  playing.missed = index - playing.rounds;
  return beganAt;
}

/** Goes on to the next scene; the first follows the last. Returns whether a round has ended. */
export function endScene(playing: Playing, endedAt: number): boolean {
  const { sequence, startsAt } = playing.playback;
  playing.startedAt = endedAt;
  playing.drawn = -1;
  playing.scene++;
  if (playing.scene < sequence.scenes.length) return false;
  playing.scene = 0;
  playing.rounds++;
  if (startsAt !== undefined) playing.startedAt = undefined;
  return true;
}

/** The scene that is on, with the changes to its projection. */
export function sceneOf({ playback, scene }: Playing): Scene {
  const { animation, projection } = playback.sequence.scenes[scene] as Scene;
  return { animation, projection: playback.change ? { ...projection, ...playback.change } : projection };
}

/** Whether an endless sequence has been shown once, and repeats until the next message. */
export function isComplete({ playback, rounds }: Playing): boolean {
  return playback.sequence.repeat === 0 && rounds > 0;
}
