// Runs the benchmarks: npm run bench [-- --json FILE]
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { benchLight } from './light';

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { json: { type: 'string' } } });
  const machine = `${cpus()[0]?.model}, ${cpus().length} cores, Node ${process.version}`;
  console.log(machine);
  const light = await benchLight();
  console.log('\nframes a second into a file');
  for (const { name, perSecond, ratio } of light) {
    console.log(
      `${name.padEnd(30)} ${Math.round(perSecond).toLocaleString('en').padStart(12)} ${ratio.toFixed(4).padStart(8)}`,
    );
  }
  if (values.json) writeFileSync(values.json, `${JSON.stringify({ machine, light }, undefined, 2)}\n`);
}

void main();
