import assert from 'node:assert/strict';
import type { Registers } from '../../lib/sense-hat/sensors/i2c';

/** A chip in memory, which answers as its data sheet says. */
export interface FakeChip {
  address: number;
  registers: Uint8Array;
  /** Whether it completes measurements, which it does at once while it is powered. */
  measures: boolean;
  /** As after a loss of power. */
  reset(): void;
  read(command: number, count: number): Buffer;
  write(command: number, value: number): void;
}

/** Errors with the errno that the driver of a real bus gives. */
export function errno(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** A bus with these chips. `fail` makes each call reject, or wait for what it returns. */
export class FakeBus {
  fail: (() => Promise<void> | void) | undefined;
  /** The addresses that a kernel driver has. */
  readonly busy = new Set<number>();
  readonly opened: number[] = [];
  open = 0;
  calls = 0;
  private running = 0;
  mostAtOnce = 0;

  constructor(readonly chips: FakeChip[]) {}

  readonly openI2c = async (_path: string, address: number): Promise<Registers> => {
    await this.call();
    if (this.busy.has(address)) throw errno('EBUSY');
    this.opened.push(address);
    this.open++;
    const chip = () => {
      const found = this.chips.find((chip) => chip.address === address);
      if (!found) throw errno('EREMOTEIO');
      return found;
    };
    return {
      read: async (register, count) => {
        await this.call();
        return chip().read(register, count);
      },
      write: async (register, value) => {
        await this.call();
        chip().write(register, value);
      },
      close: () => {
        this.open--;
      },
    };
  };

  private async call(): Promise<void> {
    this.calls++;
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.running);
    try {
      await Promise.resolve();
      await this.fail?.();
    } finally {
      this.running--;
    }
  }
}

/** What distinguishes a chip of ST. */
interface StChip {
  address: number;
  identity: number;
  /** The contents of its registers after power-on, by address. */
  contents: Record<number, number[]>;
  isPowered(registers: Uint8Array): boolean;
  /** The bits of the status for new data, each cleared by reading the last byte of the data. */
  data: { bit: number; status: number; last: number }[];
  /** Whether a read with this command returns successive registers; otherwise it returns the same again. */
  increments?(command: number, registers: Uint8Array): boolean;
  /** The register after another. */
  next?(register: number): number;
  onWrite?(register: number, registers: Uint8Array): void;
}

function stChip(kind: StChip): FakeChip {
  const { increments = (command: number) => command >= 0x80, next = (register: number) => register + 1 } = kind;
  const registers = new Uint8Array(128);
  const update = () => {
    if (!chip.measures || !kind.isPowered(registers)) return;
    for (const { bit, status } of kind.data) registers[status] = (registers[status] as number) | bit;
  };
  const chip: FakeChip = {
    address: kind.address,
    registers,
    measures: true,
    reset: () => {
      registers.fill(0);
      registers[0x0f] = kind.identity;
      for (const [register, bytes] of Object.entries(kind.contents)) registers.set(bytes, Number(register));
    },
    read: (command, count) => {
      update();
      const bytes = Buffer.alloc(count);
      for (let n = 0, register = command & 0x7f; n < count; n++) {
        bytes[n] = registers[register] as number;
        for (const { bit, status, last } of kind.data) {
          if (register === last) registers[status] = (registers[status] as number) & ~bit;
        }
        if (increments(command, registers)) register = next(register);
      }
      return bytes;
    },
    write: (command, value) => {
      registers[command & 0x7f] = value;
      kind.onWrite?.(command & 0x7f, registers);
    },
  };
  chip.reset();
  return chip;
}

/** Two bytes each, little-endian. */
export function i16(...values: number[]): number[] {
  return values.flatMap((value) => [value & 0xff, (value >> 8) & 0xff]);
}

/** Calibrated with 20 to 80 % and 10 to 40 °C; measures 50 % and 25 °C. */
export function fakeHts221(): FakeChip {
  return stChip({
    address: 0x5f,
    identity: 0xbc,
    contents: {
      48: [2 * 20, 2 * 80, 8 * 10, (8 * 40) & 0xff],
      53: [0x04],
      54: i16(-1000),
      58: i16(9000),
      60: i16(-300, 700),
      40: i16(4000, 200),
    },
    isPowered: (registers) => (registers[0x20] as number) >= 0x80,
    data: [
      { bit: 1, status: 0x27, last: 0x2b },
      { bit: 2, status: 0x27, last: 0x29 },
    ],
  });
}

/** Measures 1013.25 hPa. */
export function fakeLps25h(): FakeChip {
  return stChip({
    address: 0x5c,
    identity: 0xbd,
    contents: { 40: [0x00, 0x54, 0x3f] },
    isPowered: (registers) => (registers[0x20] as number) >= 0x80,
    data: [
      { bit: 1, status: 0x27, last: 0x2c },
      { bit: 2, status: 0x27, last: 0x2a },
    ],
  });
}

/** Measures turns of 100, -200 and 300 digits, and accelerations of 1000, -2000 and 4000. */
export function fakeLsm9ds1(): FakeChip {
  return stChip({
    address: 0x6a,
    identity: 0x68,
    contents: { 24: i16(100, -200, 300), 34: [0x04], 40: i16(1000, -2000, 4000) },
    isPowered: (registers) => (registers[0x20] as number) >= 0x20,
    data: [
      { bit: 1, status: 0x17, last: 0x2d },
      { bit: 2, status: 0x17, last: 0x1d },
    ],
    increments: (_command, registers) => ((registers[0x22] as number) & 0x04) !== 0,
    // From the gyroscope to the acceleration, and there around: data sheet, "Multiple reads (burst)".
    next: (register) => (register === 0x1d || register === 0x2d ? 0x28 : register + 1),
    // A boot ends by itself.
    onWrite: (register, registers) => {
      if (register === 0x22) registers[0x22] = (registers[0x22] as number) & 0x7f;
    },
  });
}

/** Measures a field of 1500, -700 and 3000 digits. */
export function fakeMagnetometer(): FakeChip {
  return stChip({
    address: 0x1c,
    identity: 0x3d,
    contents: { 32: [0x10], 34: [0x03], 40: i16(1500, -700, 3000) },
    isPowered: (registers) => ((registers[0x22] as number) & 0x03) === 0,
    data: [{ bit: 8, status: 0x27, last: 0x2d }],
  });
}

/** A TCS34725 (0x44 at 0x29) or TCS3400 (0x90 at 0x39), which counts 6400, 3200, 1600 and 800: clear, red, green, blue. */
export function fakeTcs(address = 0x29, identity = 0x44): FakeChip {
  const registers = new Uint8Array(32);
  const isTcs3400 = identity >= 0x90;
  const chip: FakeChip = {
    address,
    registers,
    measures: true,
    reset: () => {
      registers.fill(0);
      registers[0x01] = 0xff;
      registers[0x12] = identity;
      registers.set(i16(6400, 3200, 1600, 800), 0x14);
    },
    read: (command, count) => {
      const increments = isTcs3400 || (command & 0x20) !== 0;
      return Buffer.from(
        Array.from({ length: count }, (_, n) => registers[(command & 0x1f) + (increments ? n : 0)] as number),
      );
    },
    write: (command, value) => {
      assert(command & 0x80, 'the command bit');
      registers[command & 0x1f] = value;
      // Valid after an integration.
      if ((command & 0x1f) === 0) registers[0x13] = value === 0x03 && chip.measures ? 0x01 : 0;
    },
  };
  chip.reset();
  return chip;
}

/** All chips of a HAT of the second generation. */
export function fakeHat(): FakeChip[] {
  return [fakeHts221(), fakeLps25h(), fakeLsm9ds1(), fakeMagnetometer(), fakeTcs(0x39, 0x90)];
}
