import { aptGet, runs, Unavailable } from '../../scripts/apt';

/** Installs QEMU from its Debian package if it is missing. Throws `Unavailable`. */
export function requireQemu(program: string, name: string): void {
  if (runs([program, '--version'])) return;
  const apt = aptGet();
  if (apt) {
    console.log(`Installing ${name} ...`);
    runs([...apt, 'update']);
    runs([...apt, 'install', '--no-install-recommends', name]);
  }
  if (!runs([program, '--version'])) {
    throw new Unavailable(`there is no ${program}: sudo apt-get install --no-install-recommends ${name}`);
  }
}
