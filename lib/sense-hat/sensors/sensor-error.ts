import { CodedError } from '../../coded-error';

/** What an errno says about a chip on an I2C bus, as the key of its text. */
const TEXTS: Record<string, string> = {
  ENOENT: 'SENSOR-bus-missing',
  EACCES: 'SENSOR-permission',
  EPERM: 'SENSOR-permission',
  EBUSY: 'SENSOR-busy',
  // A chip that does not acknowledge its address; which of them depends on the driver of the bus.
  ENXIO: 'SENSOR-silent',
  EREMOTEIO: 'SENSOR-silent',
  EIO: 'SENSOR-silent',
  ETIMEDOUT: 'SENSOR-stuck',
  ERESET: 'SENSOR-reset',
  NO_HELPER: 'SENSOR-helper',
  ELOOP: 'SENSOR-bus-kind',
  ENOTTY: 'SENSOR-bus-kind',
};

/** The `SENSOR` error for a failed call; `sensor` is the name of the chip, `path` its bus. */
export function sensorError(sensor: string, path: string, cause: unknown): CodedError {
  if (cause instanceof CodedError) return cause;
  const reason = String((cause as NodeJS.ErrnoException).code ?? (cause as Error).message);
  return new CodedError(TEXTS[reason] ?? 'SENSOR', { sensor, path, reason }, { cause });
}

/** Whether a chip is not where it was looked for: nothing is, or another chip. */
export function isElsewhere({ text }: CodedError): boolean {
  return text === 'SENSOR-silent' || text === 'SENSOR-unknown';
}

/** Whether it may mean that there is no HAT: no bus, or none of its chips on it. */
export function isAbsence(error: CodedError): boolean {
  return isElsewhere(error) || error.text === 'SENSOR-bus-missing';
}
