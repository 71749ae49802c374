// Runs a program until standard input ends: node guard-process.js PROGRAM ARGUMENT...
import { spawn } from 'node:child_process';

const [program = '', ...args] = process.argv.slice(2);
const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'], windowsHide: true });
child.on('error', ({ message }) => {
  console.error(message);
  process.exit(127);
});
child.on('exit', (code) => process.exit(code ?? 1));
process.stdin
  .resume()
  .on('error', () => child.kill())
  .on('end', () => child.kill());
