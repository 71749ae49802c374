import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../scripts/free-port';
import { natsServerVersion, startNatsServer } from '../../scripts/nats-server';
import { makeTemporary, makeTemporaryFolder } from '../../scripts/temporary';
import type { DialectName } from './dialects';

/** A running broker. */
interface Broker {
  name: string;
  version: string;
  port: number;
  stop(): Promise<void>;
}

/** The brokers that are installed. */
export type Brokers = { nats: Broker } & Partial<Record<DialectName, Broker>>;

/** Starts a NATS server, and mosquitto if it is installed. */
export async function startBrokers(): Promise<Brokers> {
  // No PINGs, which a load does not answer.
  const { port, stop } = await startNatsServer({ config: 'ping_interval: "24h"' });
  const mqtt = await startMosquitto();
  return { nats: { name: 'nats-server', version: natsServerVersion(), port, stop }, ...(mqtt && { mqtt }) };
}

export async function stopBrokers(brokers: Brokers): Promise<void> {
  for (const broker of Object.values(brokers)) await broker.stop();
}

async function startMosquitto(): Promise<Broker | undefined> {
  const program = ['mosquitto', '/usr/sbin/mosquitto'].find((path) => !spawnSync(path, ['-h']).error);
  if (!program) return undefined;
  const { stdout } = spawnSync(program, ['-h'], { encoding: 'utf8' });
  const folder = makeTemporaryFolder('mosquitto');
  const port = await freePort();
  const config = join(folder.path, 'mosquitto.conf');
  writeFileSync(config, `listener ${port} 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\n`);
  const kill = makeTemporary(spawn(program, ['-c', config], { stdio: 'ignore' }));
  await reachable(port);
  return {
    name: 'mosquitto',
    version: /\d+\.\d+\.\d+/.exec(stdout)?.[0] ?? '',
    port,
    stop: async () => {
      await kill();
      folder.remove();
    },
  };
}

async function reachable(port: number): Promise<void> {
  for (let waited = 0; waited < 10_000; waited += 20) {
    const socket = connect(port, '127.0.0.1');
    const isThere = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isThere) return;
    await delay(20);
  }
  throw new Error(`Nothing listens on port ${port}`);
}
