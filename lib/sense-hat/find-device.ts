import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What Linux tells of devices of one kind. */
interface DeviceKind {
  /** Its folder below `/sys/class`, with a folder for each device. */
  sys: string;
  /** What the folders of these devices are called. */
  entry: RegExp;
  /** Below a device's folder, the file with the name that its driver gave it. */
  nameFile: string;
  name: string;
  /** Where the device files of these names are. */
  dev: string;
}

/** The path of the first device that has a name, whatever its number; `undefined` where there is none. */
export function findDevice({ sys, entry, nameFile, name, dev }: DeviceKind): string | undefined {
  const hasName = (candidate: string) => {
    try {
      return readFileSync(join(sys, candidate, nameFile), 'utf8').trim() === name;
    } catch {
      return false;
    }
  };
  try {
    const found = readdirSync(sys)
      .filter((candidate) => entry.test(candidate))
      .find(hasName);
    return found && join(dev, found);
  } catch {
    return undefined; // No Linux, or no devices of this kind at all.
  }
}
