import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { NodeAPI, NodeDef } from 'node-red';
import { checkToken, type ServerSettings } from '../../lib/nats/server/server-settings';
import { choiceSetting, countSetting, switchSetting, textSetting } from '../../lib/setting';

/** What a flow saves of a `nats-server`. */
export interface NatsServerDef extends NodeDef {
  /** @default 4222 */
  port?: number | string;
  /**
   * Which addresses it listens on: `local`, the loopback address; `all`, every address of the machine.
   * @default 'local'
   */
  listen?: string;
  /**
   * Whether it keeps streams, buckets and objects.
   * @default true
   */
  jetstream?: boolean;
  /**
   * Where it keeps them, from the user folder if the path is relative; empty: `nats-server/PORT` in the user folder.
   * @default ''
   */
  storeDir?: string;
}

/** The secrets of a `nats-server`. */
export interface ServerSecrets {
  /** What clients need to connect. */
  token?: string;
}

/** Reads a server's settings. Throws `BAD_NUMBER`, `BAD_CHOICE`, `BAD_SWITCH` or `BAD_TOKEN`. */
export function serverSettings(RED: NodeAPI, def: NatsServerDef, token = ''): ServerSettings {
  const userDir = RED.settings.userDir ?? join(homedir(), '.node-red');
  const port = countSetting('port', def.port, 4222, { min: 1, max: 65_535 });
  const folder = join(userDir, 'nats-server');
  const storeDir = resolve(userDir, textSetting(def.storeDir, join(folder, String(port))));
  return {
    port,
    listen: choiceSetting('listen', def.listen, ['local', 'all'], 'local'),
    ...(switchSetting('jetstream', def.jetstream, true) && { storeDir }),
    ...(token && { token: checkToken(token) }),
    configFile: join(folder, `${port}.conf`),
  };
}
