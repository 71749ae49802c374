import type { NodeConnectionOptions } from 'nats';
import type { Node } from 'node-red';
import { CodedError, shown } from '../../../lib/coded-error';
import type { Connection, ConnectionState } from '../../../lib/nats/connection/connection';
import type { Traffic } from '../../../lib/nats/connection/traffic';
import type { BucketLook } from '../../../lib/nats/looking/bucket-look';
import { Leases } from '../../../lib/nats/looking/leases';
import { LookConnection } from '../../../lib/nats/looking/look-connection';
import type { Tail } from '../../../lib/nats/looking/tail';

/** What a server's connection is like, for people. */
export interface ServerReport {
  /** Of the `nats-config` in the running flows. */
  id: string;
  /** Of the `nats-config` in the editor, which is another one in a subflow. */
  alias: string;
  name: string;
  /** `unused`: no node uses it. `failed`: its settings are invalid. */
  state: ConnectionState['name'] | 'unused' | 'failed';
  /** Why there is no connection. */
  error?: CodedError;
  /** While connected: the server's name, its address if it has none, and its version. */
  server?: string;
  version?: string;
  roundTripMs?: number;
  traffic: Traffic | undefined;
  held: { messages: number; bytes: number };
}

/** What a `nats-config` is made of. */
interface Config {
  node: Node & { _alias?: string };
  servers: string;
  /** Throws an error of the settings. */
  options(): NodeConnectionOptions;
  /** The connection of the flows, while nodes use it. */
  connection(): Connection | undefined;
}

/** An editor asks once or twice a second. */
const LEASE_MS = 6000;
const MOST_LOOKS = 16;
/** A slower answer is not waited for. */
const LONGEST_ROUND_TRIP_MS = 1000;

const live = new Map<string, LiveServer>();

/** The servers of the running flows. */
export function liveServers(): LiveServer[] {
  return [...live.values()];
}

/** A server of the running flows, by the id of its `nats-config`. Throws `NO_SERVER`. */
export function liveServer(id: unknown): LiveServer {
  const server = live.get(String(id));
  if (!server) throw new CodedError('NO_SERVER-gone', { server: shown(id) });
  return server;
}

/** A `nats-config` of the running flows, as the tab in the sidebar sees it. It costs nothing while nobody looks. */
export class LiveServer {
  readonly tails = new Leases<Tail>(LEASE_MS, MOST_LOOKS);
  readonly buckets = new Leases<BucketLook>(LEASE_MS, MOST_LOOKS);
  private looking: LookConnection | undefined;
  private isClosed = false;

  constructor(private readonly config: Config) {
    live.set(config.node.id, this);
  }

  /** The connection of the people who look, once it is established; see `LookConnection.open`. */
  async open(): Promise<Connection> {
    if (this.isClosed) throw new CodedError('CLOSED');
    this.looking ??= new LookConnection(this.config.options());
    return this.looking.open();
  }

  /** What is looked at is still needed, and the connection with it. */
  keep(): void {
    this.looking?.keep();
  }

  async report(): Promise<ServerReport> {
    const { node, servers } = this.config;
    const connection = this.config.connection();
    const common = { id: node.id, alias: node._alias ?? node.id, name: node.name || servers };
    const nothing = { traffic: undefined, held: { messages: 0, bytes: 0 } };
    if (!connection) return { ...common, ...this.unused(), ...nothing };
    const roundTripMs = await connection.roundTripMs(LONGEST_ROUND_TRIP_MS);
    const { state, server, traffic, held } = connection;
    return {
      ...common,
      state: state.name,
      ...(state.error && { error: state.error }),
      ...(server && { server: nameOf(server) || (state.server ?? ''), version: server.version }),
      ...(roundTripMs !== undefined && { roundTripMs }),
      traffic,
      held,
    };
  }

  async close(): Promise<void> {
    this.isClosed = true;
    if (live.get(this.config.node.id) === this) live.delete(this.config.node.id);
    this.tails.endAll();
    this.buckets.endAll();
    await this.looking?.close();
  }

  private unused(): Pick<ServerReport, 'state' | 'error'> {
    try {
      this.config.options();
      return { state: 'unused' };
    } catch (error) {
      return { state: 'failed', ...(error instanceof CodedError && { error }) };
    }
  }
}

/** A server without a name uses its random id as its name. */
function nameOf({ server_id, server_name }: { server_id: string; server_name: string }): string {
  return server_name === server_id ? '' : server_name;
}
