import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Parts } from './debian';

/** Boots a machine and passes on the lines of its console; resolves when it is off, or is killed at the limit. */
export async function runMachine(
  { qemu, kernel }: Parts,
  initramfs: string,
  { limitMs, onLine }: { limitMs: number; onLine(line: string): void },
): Promise<void> {
  const machine = spawn(
    qemu,
    [
      // Emulated, because a host that is a virtual machine itself may offer KVM that does not work.
      ...['-accel', 'tcg', '-cpu', 'max', '-smp', '2', '-m', '1G'],
      ...['-nodefaults', '-no-reboot', '-display', 'none', '-serial', 'stdio'],
      ...['-kernel', kernel, '-initrd', initramfs],
      // As on a Pi, the text console does not use the framebuffer.
      ...['-append', 'console=ttyS0 quiet loglevel=0 panic=-1 fbcon=map:9'],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const limit = setTimeout(() => machine.kill('SIGKILL'), limitMs);
  createInterface(machine.stdout).on('line', onLine);
  await once(machine, 'close');
  clearTimeout(limit);
}
