import type { CodedError } from '../../coded-error';
import { readCalibration } from './calibration';
import type { ChipModel } from './chip';
import { HTS221 } from './chips/hts221';
import { LPS25H } from './chips/lps25h';
import { LSM9DS1, lsm9ds1Magnetometer } from './chips/lsm9ds1';
import { TCS34725 } from './chips/tcs34725';
import type { openI2c } from './i2c';
import { openKernelChip } from './kernel-chip';
import { openRawChip } from './raw-chip';
import { KINDS, type Kind, type Reading, type SensorSource } from './reading';
import { isAbsence } from './sensor-error';
import { turnsOf } from './turns';
import { WatchedChip } from './watched-chip';

/** Where a HAT is. */
export interface HatPlace {
  /** The path of its I2C bus. */
  bus: string;
  /** Where the kernel shows its drivers: `/sys`. */
  sys: string;
  openI2c: typeof openI2c;
  /** Where to look for the calibration of the magnetometer; where python-sense-hat does, by default. */
  calibrationFiles?: string[] | undefined;
  /** A monotonic clock in milliseconds. */
  now(): number;
}

/** The chips of a HAT, each by its kernel driver or else on the bus. Its sources share them. */
export class Hat {
  private readonly chips: WatchedChip[];
  private sources = 0;

  constructor(readonly place: HatPlace) {
    const turns = turnsOf(place.bus);
    const calibration = () => readCalibration(place.calibrationFiles);
    const models = [HTS221, LPS25H, LSM9DS1, lsm9ds1Magnetometer(calibration), TCS34725];
    const open = async (model: ChipModel) =>
      (await openKernelChip(model.name, place, calibration)) ?? (await openRawChip(model, place));
    this.chips = models.map(
      (model) => new WatchedChip(model, { open: () => open(model), path: place.bus, turns, now: place.now }),
    );
  }

  /** Whether any chip responds, or something else than its absence keeps it from being read. */
  async isThere(): Promise<boolean> {
    await this.read(new Set(KINDS));
    return this.chips.some(({ model, trouble }) => !model.isOptional && !(trouble && isAbsence(trouble)));
  }

  /** `onClose` is called when the last source has been closed. */
  source(onClose: () => void): SensorSource {
    let kinds: ReadonlySet<Kind> = new Set();
    let isOpen = true;
    const chips = () => this.chips.filter(({ model }) => kinds.has(model.kind));
    this.sources++;
    return {
      get troubles() {
        return chips().flatMap(({ trouble }): CodedError[] => (trouble ? [trouble] : []));
      },
      read: async (wanted) => {
        kinds = wanted;
        return isOpen ? this.read(wanted) : { time: Date.now() };
      },
      close: () => {
        if (!isOpen) return;
        isOpen = false;
        if (--this.sources > 0) return;
        this.close();
        onClose();
      },
    };
  }

  close(): void {
    for (const chip of this.chips) chip.close();
  }

  private async read(kinds: ReadonlySet<Kind>): Promise<Reading> {
    const reading: Reading = { time: Date.now() };
    for (const chip of this.chips) {
      if (kinds.has(chip.model.kind)) Object.assign(reading, await chip.measure());
    }
    return reading;
  }
}
