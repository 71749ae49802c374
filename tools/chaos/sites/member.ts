import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { NatsConnection } from 'nats';
import { MONITORED } from '../../../scripts/monitoring';
import { type NatsServer, startNatsServer } from '../../../scripts/nats-server';
import { type Network, startNetwork } from './network';
import type { Hear } from './site';
import { startWitness } from './witness';

/** A server in lame duck mode that still has clients after this time is killed. */
const LEAVE_MS = 10_000;

/** A member of a cluster: it keeps its address for the flow, whichever process serves it. */
export class Member {
  private running: { server: NatsServer; witness: NatsConnection } | undefined;

  private constructor(
    readonly network: Network,
    private readonly number: number,
    private readonly hear: Hear,
  ) {}

  /** Makes a member that is not running; `number` is that of its witness. */
  static async make(number: number, hear: Hear): Promise<Member> {
    const network = await startNetwork(0);
    network.refuse();
    return new Member(network, number, hear);
  }

  get isRunning(): boolean {
    return this.running !== undefined;
  }

  get server(): NatsServer {
    if (!this.running) throw new Error(`Member ${this.number} is not running.`);
    return this.running.server;
  }

  get witness(): NatsConnection {
    if (!this.running) throw new Error(`Member ${this.number} is not running.`);
    return this.running.witness;
  }

  /** Starts a server with routes to others. The flow can reach it as soon as its witness hears. */
  async start(others: Member[]): Promise<void> {
    const routes = others.map(({ server }) => JSON.stringify(server.clusterUrl)).join(', ');
    const config = `
      ${MONITORED}
      server_name: "member-${this.number}"
      client_advertise: "${new URL(this.network.url).host}"
      lame_duck_grace_period: "400ms"
      lame_duck_duration: "30s"
      cluster { name: chaos, listen: "127.0.0.1:-1", routes: [${routes}] }
    `;
    const server = await startNatsServer({ config });
    const witness = await startWitness(server, this.hear, this.number);
    this.running = { server, witness };
    this.network.redirect(server.port);
    this.network.heal('drop');
  }

  /** Kills the server. */
  async kill(): Promise<void> {
    const { server, witness } = this;
    this.running = undefined;
    const killed = server.stop();
    this.network.refuse();
    await Promise.all([killed, witness.close()]);
  }

  /** Lets the server shut down as for maintenance: it asks its clients to leave, and ends. */
  async leave(): Promise<void> {
    const { server, witness } = this;
    this.running = undefined;
    const exit = once(server.process, 'exit');
    server.process.kill('SIGUSR2');
    // The server ends the connections itself, after it has sent what there is.
    await Promise.race([exit, delay(LEAVE_MS, undefined, { ref: false })]);
    this.network.refuse();
    await Promise.all([server.stop(), witness.close()]);
  }

  async stop(): Promise<void> {
    this.network.close();
    if (this.running) await this.kill();
  }
}
