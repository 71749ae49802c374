import { CodedError } from '../../coded-error';
import { type ChosenSource, chooseSource } from './choose-source';
import { CPU_TEMPERATURE, CpuTemperature } from './cpu-temperature';
import { measureRegularly } from './measuring';
import { type MessageOptions, type SensorMessage, SensorMessages } from './messages';
import type { Kind, Reading } from './reading';

/** How long to wait before looking again for a HAT that was not there. */
const LOOK_AGAIN_MS = 30_000;

/** How sensing goes. */
export interface SensingState {
  origin: ChosenSource['origin'];
  /** Whether any of the wanted values was measured. */
  hasValues: boolean;
  /** Why something is not measured, if that is known. */
  troubles: readonly Error[];
}

/** What to measure, how, and the callbacks. */
export interface SensingOptions extends MessageOptions {
  device: string;
  kinds: readonly Kind[];
  intervalMs: number;
  onMessage(message: SensorMessage): void;
  /** Called when the state has changed. */
  onState(state: SensingState): void;
  open?: (device: string) => Promise<ChosenSource>;
  /** The file with the temperature of the processor. */
  cpuPath?: string;
}

/** A source, and the messages of its readings: none mixes those of two sources. */
interface UsedSource extends ChosenSource {
  messages: SensorMessages;
}

/** What became of the last measurement of a kind. */
interface Outcome {
  hasValues: boolean;
  troubles: readonly Error[];
}

/** Measures regularly until the returned function is called. Never throws. */
export function startSensing(options: SensingOptions): () => void {
  const sensing = new Sensing(options);
  const { kinds, intervalMs } = options;
  const stop = measureRegularly({ kinds, intervalMs, measure: (due) => sensing.measure(due) });
  return () => {
    stop();
    sensing.close();
  };
}

class Sensing {
  private readonly cpu: CpuTemperature;
  private readonly outcomes = new Map<Kind, Outcome>();
  private chosen: UsedSource | undefined;
  private lookedAt = 0;
  private shown = '';
  private isClosed = false;

  constructor(private readonly options: SensingOptions) {
    this.cpu = new CpuTemperature(options.cpuPath);
  }

  close(): void {
    this.isClosed = true;
    this.chosen?.source.close();
    this.chosen = undefined;
  }

  /** Resolves with the kinds that have values. */
  async measure(kinds: ReadonlySet<Kind>): Promise<ReadonlySet<Kind>> {
    const measured = new Set<Kind>();
    for (const kind of kinds) {
      let outcome: Outcome;
      try {
        outcome = await this.measureKind(kind);
      } catch (error) {
        outcome = { hasValues: false, troubles: [error as Error] };
      }
      if (this.isClosed) break;
      this.outcomes.set(kind, outcome);
      if (outcome.hasValues) measured.add(kind);
    }
    if (!this.isClosed) this.tell();
    return measured;
  }

  private async measureKind(kind: Kind): Promise<Outcome> {
    const { source, origin, messages } = await this.find();
    const kinds = new Set([kind]);
    // One kind at a time, to tell whose trouble it is.
    const reading = await source.read(kinds);
    const troubles: Error[] = [...source.troubles];
    let cpu: number | undefined;
    if (this.options.correction.kind === 'cpu' && origin === 'hat' && reading.temperature !== undefined) {
      cpu = await this.cpu.read();
      if (cpu === undefined) troubles.push(noCpuTemperature(this.options.cpuPath));
    }
    for (const message of messages.of(reading, kinds, cpu)) {
      if (!this.isClosed) this.options.onMessage(origin === 'hat' ? message : { ...message, simulated: true });
    }
    return { hasValues: hasValues(reading), troubles };
  }

  /** The source; a HAT that was not there is looked for again from time to time. */
  private async find(): Promise<UsedSource> {
    const now = performance.now();
    const before = this.chosen;
    if (before && (before.origin !== 'no hat' || now - this.lookedAt < LOOK_AGAIN_MS)) return before;
    this.lookedAt = now;
    const { open = chooseSource, device } = this.options;
    const { source, origin } = await open(device);
    before?.source.close();
    const messages = before?.origin === origin ? before.messages : this.messagesOf(origin);
    this.chosen = { source, origin, messages };
    if (this.isClosed) source.close();
    return this.chosen;
  }

  private messagesOf(origin: ChosenSource['origin']): SensorMessages {
    const { correction } = this.options;
    // A processor heats only a real HAT.
    const isCorrected = correction.kind !== 'cpu' || origin === 'hat';
    return new SensorMessages({ ...this.options, correction: isCorrected ? correction : { kind: 'none' } });
  }

  private tell(): void {
    const outcomes = [...this.outcomes.values()];
    const troubles = new Map(outcomes.flatMap(({ troubles }) => troubles.map((trouble) => [keyOf(trouble), trouble])));
    const state: SensingState = {
      origin: this.chosen?.origin ?? 'hat',
      hasValues: outcomes.some(({ hasValues }) => hasValues),
      troubles: [...troubles.values()],
    };
    const key = JSON.stringify([state.origin, state.hasValues, ...troubles.keys()]);
    if (key === this.shown) return;
    this.shown = key;
    this.options.onState(state);
  }
}

function hasValues(reading: Reading): boolean {
  return Object.keys(reading).length > 1;
}

/** The same for all errors with the same sentence. */
function keyOf(error: Error): string {
  return error instanceof CodedError ? `${error.text} ${error.message}` : String(error);
}

/** The error for a temperature of the processor that cannot be read. */
export function noCpuTemperature(path = CPU_TEMPERATURE): CodedError {
  return new CodedError('NO_CPU_TEMPERATURE', { path });
}
