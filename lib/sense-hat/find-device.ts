import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where Linux lists the devices of one kind. */
interface DeviceKind {
  /** Its folder below `/sys/class`, with a folder for each device. */
  sys: string;
  /** Matches the names of these folders. */
  entry: RegExp;
  /** The file in a device's folder that holds the name given by the driver. */
  nameFile: string;
  /** The name of the wanted device. */
  name: string;
  /** The folder of the device files, which have the same names as the folders. */
  dev: string;
}

/** The path of the first device with the wanted name; `undefined` if there is none. */
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
    return undefined; // Not Linux, or no device of this kind.
  }
}
