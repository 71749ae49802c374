import { readFileSync } from 'node:fs';
import type { NodeConnectionOptions } from 'nats';
import { CodedError } from '../lib/coded-error';
import { AUTH, type Auth, connectionOptions, isPath, type Secrets } from '../lib/nats/connection/options';
import type { KvSettings } from '../lib/nats/jetstream/kv/bucket-config';
import { checkBucketName } from '../lib/nats/jetstream/kv/key';
import { checkDomain, STORAGE } from '../lib/nats/jetstream/stream-config';
import { choiceSetting, countSetting, numberSetting, switchSetting, textSetting, variableName } from '../lib/setting';

/**
 * The `config` of the store in settings.js. What a `nats-config` or a `nats-kv` node calls the same means the same. Each
 * text may be `${NAME}`, a variable of the environment; in `servers` and `clientName` it may also be a part.
 */
export interface ContextConfig {
  /** The bucket, which is shared by all that name it. */
  bucket?: string | undefined;
  /** URLs, separated by commas, white space or lines. @default 'nats://localhost:4222' */
  servers?: string | undefined;
  /** @default by which of the secrets there is */
  auth?: Auth;
  user?: string | undefined;
  password?: string | undefined;
  token?: string | undefined;
  /** An NKey seed, `SU...`. */
  seed?: string | undefined;
  /** The text or the path of a credentials file. */
  creds?: string | undefined;
  /**
   * Requires TLS: `true`, or options of Node.js for it (`ca`, `cert`, `key`, `servername`, ...), with `caFile`, `certFile`
   * and `keyFile` for paths instead. @default false
   */
  tls?: boolean | Record<string, unknown>;
  /** Whether TLS begins with the first byte. @default false */
  tlsFirst?: boolean;
  /** @default 'Node-RED' */
  clientName?: string;
  /** @default '_INBOX' */
  inboxPrefix?: string;
  /** @default false */
  ignoreClusterUpdates?: boolean;
  /** @default 5000 */
  connectTimeoutMs?: number | string;
  /** @default 2000 */
  reconnectWaitMs?: number | string;
  /** @default 30000 */
  pingIntervalMs?: number | string;
  /** @default 2 */
  maxPingOut?: number | string;
  /** The domain of the bucket's JetStream. @default '' */
  domain?: string;
  /** Whether a missing bucket is made. The next three matter for that alone. @default true */
  create?: boolean;
  /** How many values of a key the bucket keeps, from 1 to 64. @default 1 */
  history?: number | string;
  /** @default 'file' */
  storage?: (typeof STORAGE)[number];
  /** @default 1 */
  replicas?: number | string;
  /** How long the start of Node-RED waits for the values of the bucket, in milliseconds. @default 5000 */
  timeoutMs?: number | string;
  /**
   * Whether a deploy deletes the contexts of flows and nodes that this Node-RED does not have, as its own stores do. Only
   * for a bucket that nobody else uses. @default false
   */
  clean?: boolean;
}

/** What the store is made with. */
export interface ContextSettings {
  connection: NodeConnectionOptions;
  kv: KvSettings;
  timeoutMs: number;
  clean: boolean;
  /** The names in the config that mean nothing. */
  unknown: string[];
}

/** All names; Node-RED adds `settings`. */
const NAMES = new Set<keyof ContextConfig | 'settings'>([
  ...(['bucket', 'servers', 'auth', 'user', 'password', 'token', 'seed', 'creds', 'tls', 'tlsFirst'] as const),
  ...(['clientName', 'inboxPrefix', 'ignoreClusterUpdates', 'connectTimeoutMs', 'reconnectWaitMs'] as const),
  ...(['pingIntervalMs', 'maxPingOut', 'domain', 'create', 'history', 'storage', 'replicas', 'timeoutMs'] as const),
  ...(['clean', 'settings'] as const),
]);

/** By which secret a client signs in, the strongest first. */
const SIGN_IN = [
  ['creds', 'creds'],
  ['seed', 'nkey'],
  ['token', 'token'],
  ['user', 'user'],
] as const satisfies [keyof Secrets, Auth][];

/** The files that the options for TLS may name. */
const TLS_FILES = { caFile: 'ca', certFile: 'cert', keyFile: 'key' } as const;

/** The settings in a config. Throws `BAD_BUCKET`, `BAD_TLS`, or as the settings of a `nats-config` do. */
export function contextSettings(config: ContextConfig): ContextSettings {
  const timeoutMs = numberSetting('timeoutMs', config.timeoutMs, 5000);
  return {
    connection: connectionOptionsOf(config),
    kv: {
      bucket: checkBucketName(whole(config.bucket)),
      domain: checkDomain(whole(config.domain)),
      create: switchSetting('create', config.create, true),
      history: countSetting('history', config.history, 1, { min: 1, max: 64 }),
      lifetimeMs: 0,
      storage: choiceSetting('storage', config.storage, STORAGE, 'file'),
      replicas: countSetting('replicas', config.replicas, 1, { min: 1, max: 5 }),
      timeoutMs,
    },
    timeoutMs,
    clean: switchSetting('clean', config.clean, false),
    unknown: Object.keys(config).filter((name) => !NAMES.has(name as keyof ContextConfig)),
  };
}

const ownEnv = (name: string) => process.env[name];

function connectionOptionsOf(config: ContextConfig): NodeConnectionOptions {
  const servers = textSetting(config.servers, 'nats://localhost:4222');
  const at = servers.lastIndexOf('@');
  if (at >= 0) throw new CodedError('BAD_SERVER-context', { host: servers.slice(at + 1) });
  const settings = {
    servers,
    auth: config.auth ? choiceSetting('auth', config.auth, AUTH, 'none') : authOf(config),
    secrets: secretsOf(config),
    credsFile: credsFileOf(config),
    tls: tlsOptions(config.tls),
    tlsFirst: switchSetting('tlsFirst', config.tlsFirst, false),
    clientName: textSetting(config.clientName),
    inboxPrefix: textSetting(config.inboxPrefix),
    noEcho: false,
    ignoreClusterUpdates: switchSetting('ignoreClusterUpdates', config.ignoreClusterUpdates, false),
    connectTimeoutMs: numberSetting('connectTimeoutMs', config.connectTimeoutMs, 5000, { min: 1 }),
    reconnectWaitMs: numberSetting('reconnectWaitMs', config.reconnectWaitMs, 2000),
    pingIntervalMs: numberSetting('pingIntervalMs', config.pingIntervalMs, 30000, { min: 1 }),
    maxPingOut: countSetting('maxPingOut', config.maxPingOut, 2, { min: 1 }),
  };
  return connectionOptions(settings, ownEnv);
}

/** A secret that is named but missing, such as that of an unset variable, must not mean that there is none. */
function authOf(config: ContextConfig): Auth {
  const named = SIGN_IN.filter(([secret]) => secret in config);
  const [, auth] = named.find(([secret]) => config[secret]) ?? [];
  if (!auth && named[0]) throw new CodedError('BAD_CREDENTIALS-context', { name: named[0][0] });
  return auth ?? 'none';
}

function secretsOf(config: ContextConfig): Secrets {
  const secrets: Secrets = {};
  for (const name of ['user', 'password', 'token', 'seed', 'creds'] as const) {
    const secret = textSetting(config[name]);
    if (secret) secrets[name] = secret;
  }
  return secrets;
}

/** The administrator who writes settings.js may name any file. */
function credsFileOf({ creds }: ContextConfig): string | undefined {
  const text = textSetting(creds);
  return text && variableName(text) === undefined && isPath(text) ? text : undefined;
}

function tlsOptions(tls: ContextConfig['tls']): Record<string, unknown> | undefined {
  if (typeof tls !== 'object' || tls === null) return switchSetting('tls', tls, false) ? {} : undefined;
  const options = { ...tls };
  for (const [name, option] of Object.entries(TLS_FILES)) {
    if (options[name] === undefined) continue;
    options[option] = readTlsFile(name, whole(options[name]));
    delete options[name];
  }
  return options;
}

function readTlsFile(name: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new CodedError('BAD_TLS-file', { name, path, reason: (cause as NodeJS.ErrnoException).code ?? 'error' });
  }
}

/** A text, or the value of the variable that is all of it. Throws `BAD_ENV`. */
function whole(value: unknown): string {
  const text = textSetting(value);
  const name = variableName(text);
  if (name === undefined) return text;
  const found = ownEnv(name);
  if (found === undefined) throw new CodedError('BAD_ENV', { name });
  return found;
}
