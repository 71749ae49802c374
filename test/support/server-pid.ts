import { readdirSync, readFileSync } from 'node:fs';

/** The process of a server that was started with a configuration file; `undefined` if none runs. On Linux. */
export function serverPid(configFile: string): number | undefined {
  const found = readdirSync('/proc').find((entry) => {
    if (!/^\d+$/.test(entry)) return false;
    try {
      const [program = '', ...args] = readFileSync(`/proc/${entry}/cmdline`, 'utf8').split('\0');
      return /nats-server$/.test(program) && args.includes(configFile);
    } catch {
      return false; // It has exited already.
    }
  });
  return found === undefined ? undefined : Number(found);
}
