import { hasChanged, type Thresholds } from './changes';
import { type EnvironmentOptions, environmentOf } from './environment';
import { createFusion } from './fusion';
import { motionOf } from './motion';
import { KINDS, type Kind, type Reading } from './reading';
import { gather } from './samples';

/** What becomes a message. */
export interface MessageOptions extends EnvironmentOptions {
  /** Send only what has changed by at least this much; missing: everything. */
  changes?: Thresholds | undefined;
  /** How many measurements of motion become one message. */
  samples: number;
}

/** A message about one kind of quantities. */
export interface SensorMessage {
  topic: Kind;
  payload: object;
  /** When it was measured, in milliseconds since 1970; of several samples, the last one. */
  time: number;
  /** When each of several samples was measured. */
  times?: number[];
  /** Whether the values are those of the simulator or of the emulator. */
  simulated?: true;
}

/** A payload and when it was measured. */
interface Sample {
  payload: object;
  time: number;
  /** Whether it differs enough from what was last sent. */
  hasChanged: boolean;
}

/** Makes the messages of successive readings. */
export class SensorMessages {
  private readonly fuse = createFusion();
  private readonly sent = new Map<Kind, object>();
  private samples: Sample[] = [];

  constructor(private readonly options: MessageOptions) {}

  /**
   * The messages of a reading of these kinds; none for what is not known. `cpu` is the temperature of the processor in
   * °C, where it is known.
   */
  of(reading: Reading, kinds: ReadonlySet<Kind>, cpu?: number): SensorMessage[] {
    return KINDS.filter((kind) => kinds.has(kind)).flatMap((kind) => {
      const payload = this.payloadOf(kind, reading, cpu);
      if (Object.keys(payload).length === 0) return [];
      const sample: Sample = { payload, time: reading.time, hasChanged: this.hasChanged(kind, payload) };
      if (kind === 'motion' && this.options.samples > 1) return this.gathered(sample);
      if (!sample.hasChanged) return [];
      this.sent.set(kind, payload);
      return [{ topic: kind, payload, time: reading.time }];
    });
  }

  private payloadOf(kind: Kind, reading: Reading, cpu: number | undefined): object {
    switch (kind) {
      case 'environment':
        return environmentOf(reading, this.options, cpu);
      case 'motion':
        return motionOf(reading, this.fuse(reading));
      case 'colour':
        return reading.colour ? coloursOf(reading.colour) : {};
    }
  }

  private gathered(sample: Sample): SensorMessage[] {
    this.samples.push(sample);
    if (this.samples.length < this.options.samples) return [];
    const { samples } = this;
    this.samples = [];
    if (!samples.some(({ hasChanged }) => hasChanged)) return [];
    this.sent.set('motion', sample.payload);
    const payload = gather(samples.map(({ payload }) => payload));
    return [{ topic: 'motion', payload, time: sample.time, times: samples.map(({ time }) => time) }];
  }

  private hasChanged(kind: Kind, payload: object): boolean {
    const { changes } = this.options;
    return !changes || hasChanged(this.sent.get(kind), payload, changes);
  }
}

function coloursOf({ red, green, blue, clear }: NonNullable<Reading['colour']>): object {
  return { red: Math.round(red), green: Math.round(green), blue: Math.round(blue), clear: Math.round(clear) };
}
