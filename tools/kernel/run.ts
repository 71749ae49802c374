// Runs the tests of tools/kernel/tests in a virtual machine with a framebuffer: npm run test:kernel
import { join } from 'node:path';
import { requireParts } from './debian';
import { writeInitramfs } from './initramfs';
import { runTests } from './machine';

const CACHE = join(__dirname, '..', '..', '..', 'node_modules', '.cache', 'natshat', 'kernel');

void runTests(() => {
  const parts = requireParts(CACHE);
  return {
    qemu: parts.qemu,
    args: [
      ...['-cpu', 'max', '-smp', '2', '-m', '1G', '-nodefaults', '-kernel', parts.kernel],
      // As on a Pi, the text console does not use the framebuffer.
      ...['-append', 'console=ttyS0 quiet loglevel=0 panic=-1 fbcon=map:9'],
    ],
    writeInitramfs: (file) => writeInitramfs(file, parts),
  };
});
