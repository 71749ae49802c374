// Runs the tests of tools/i2c/tests in a virtual machine with an I2C bus: npm run test:i2c
import { join } from 'node:path';
import { runTests } from '../kernel/machine';
import { QEMU, requireRoot } from './debian';
import { kernelIn, writeInitramfs } from './initramfs';

const CACHE = join(__dirname, '..', '..', '..', 'node_modules', '.cache', 'natshat', 'i2c');

void runTests(() => {
  const root = requireRoot(CACHE);
  const { kernel, tree } = kernelIn(root);
  return {
    qemu: QEMU,
    args: [
      ...['-M', 'vexpress-a15', '-m', '1G', '-audiodev', 'none,id=n', '-nic', 'none', '-kernel', kernel, '-dtb', tree],
      // QEMU's own chips; none of the HAT's is among them.
      ...['-device', 'lsm303dlhc_mag,bus=i2c,address=0x1e'],
      ...['-device', 'ds1338,bus=i2c,address=0x68'],
      ...['-device', 'dps310,bus=i2c,address=0x77'],
      ...['-append', 'console=ttyAMA0 quiet loglevel=0 panic=-1'],
    ],
    writeInitramfs: (file) => writeInitramfs(file, root),
  };
});
