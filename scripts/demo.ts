// The laptop-to-Pi demo in one command:
//   npm run demo                   starts a NATS server and Node-RED with the demo flow
//   npm run demo -- --host HOST    uses another NATS server
//   npm run demo -- --check        sends "hello world" through the flow, prints the result, and exits
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { checkDemo } from './demo-check';
import { startNatsServer } from './nats-server';
import { startNodeRed } from './node-red';

const EXAMPLE = join(__dirname, '..', '..', 'examples', '2 Laptop to Pi', '1 Both on one machine.json');

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { host: { type: 'string' }, check: { type: 'boolean' } } });
  const stops: (() => Promise<void>)[] = [];
  const interrupted = new Promise<number>((resolve) => {
    // Ctrl-C, `kill`, and closing the terminal.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve(0));
  });
  try {
    let servers = values.host ?? '';
    if (!servers) {
      const server = await startNatsServer();
      stops.unshift(server.stop);
      servers = server.url;
    }
    const frames: Buffer[] = [];
    const watch = { frames: { keys: ['hat'], onFrame: (frame: Buffer) => frames.push(frame) } };
    const nodeRed = await startNodeRed(demoFlow(servers), values.check ? watch : {});
    stops.unshift(nodeRed.stop);
    if (values.check) return await Promise.race([checkDemo(nodeRed, frames), interrupted]);
    console.log(`
NATS server   ${servers}
Editor        ${nodeRed.url}

Open the editor and click the button of "hello world": the words scroll below the node
"LED matrix", and the answers appear in the debug sidebar. Ctrl-C stops everything.`);
    return await interrupted;
  } finally {
    for (const stop of stops) await stop();
  }
}

function demoFlow(servers: string): object[] {
  const flow = JSON.parse(readFileSync(EXAMPLE, 'utf8')) as { type: string }[];
  return flow.map((node) => (node.type === 'nats-config' ? { ...node, servers } : node));
}

main().then(
  (code) => process.exit(code),
  (error: Error) => {
    console.error(error.message);
    process.exit(1);
  },
);
