import { CodedError } from '../../coded-error';

/** What a `nats-server` of this machine is to be like. */
export interface ServerSettings {
  port: number;
  /** The loopback address only, or every address of this machine. */
  listen: 'local' | 'all';
  /** Where it keeps streams; `undefined`: it keeps none. */
  storeDir?: string;
  /** What clients need to connect; `undefined`: nothing. */
  token?: string;
  /** The path of its configuration file, which is written at each start, readable only for this user. */
  configFile: string;
}

/** The address that a server listens on. */
export function hostOf({ listen }: ServerSettings): string {
  return listen === 'all' ? '0.0.0.0' : '127.0.0.1';
}

/**
 * The text of a configuration file, in JSON, which is a part of the server's format:
 * https://docs.nats.io/running-a-nats-service/configuration
 */
export function serverConfig(settings: ServerSettings): string {
  const { port, storeDir, token } = settings;
  return JSON.stringify({
    host: hostOf(settings),
    port,
    logtime: false,
    ...(token && { authorization: { token } }),
    ...(storeDir !== undefined && { jetstream: { store_dir: storeDir } }),
  });
}

/** A token as it may stand in a configuration file. Throws `BAD_TOKEN` for control characters. */
export function checkToken(token: string): string {
  if (/\p{Cc}/u.test(token)) throw new CodedError('BAD_TOKEN');
  return token;
}
