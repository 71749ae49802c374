import type { Registers } from './i2c';
import type { Kind, Reading } from './reading';

/** What a chip measures. */
export type Measured = Omit<Reading, 'time'>;

/** A chip that is set up. */
export interface OpenChip {
  /** What it measured last; nothing before its first data is valid. Rejects if it cannot be read, or was reset. */
  measure(): Promise<Measured>;
  close(): void;
}

/** A kind of chip, or the variants of one that fit the same place. */
export interface ChipModel {
  /** As its data sheet names it. */
  name: string;
  kind: Kind;
  /** Some HATs are made without it. */
  isOptional?: boolean;
  /** Its I2C addresses; it answers at one of them. */
  addresses: readonly number[];
  /** The register that says what it is, and what it may say. */
  identityRegister: number;
  identities: readonly number[];
  /** Sets it up, and returns how to measure. */
  start(registers: Registers, identity: number): Promise<() => Promise<Measured>>;
}
