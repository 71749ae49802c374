import { readFileSync } from 'node:fs';
import {
  type Authenticator,
  credsAuthenticator,
  type NodeConnectionOptions,
  nkeyAuthenticator,
  tokenAuthenticator,
  usernamePasswordAuthenticator,
} from 'nats';
import { CodedError, shown } from '../../coded-error';
import { textSetting, variableName } from '../../setting';
import { isPublishSubject, isReservedReply } from '../message/subject';

export const AUTH = ['none', 'user', 'token', 'nkey', 'creds'] as const;
export type Auth = (typeof AUTH)[number];

/** The secrets of one connection; `auth` decides which of them are used. */
export interface Secrets {
  user?: string;
  password?: string;
  token?: string;
  /** An NKey seed, `SU...`. */
  seed?: string;
  /** The text of a credentials file, or `${NAME}`; a variable of the process may also contain the path of one. */
  creds?: string;
}

/** What a user sets for a connection. Strings may be `${ENV}`. */
export interface ConnectionSettings {
  /** URLs, separated by commas, white space or lines. */
  servers: string;
  auth: Auth;
  secrets: Secrets;
  /** With `creds`: the path of a credentials file instead of its text. Never from a flow, which must not name files. */
  credsFile?: string | undefined;
  /** Options for Node's TLS (key, cert, ca, ...), if TLS is required. */
  tls?: Record<string, unknown> | undefined;
  tlsFirst: boolean;
  clientName: string;
  inboxPrefix: string;
  noEcho: boolean;
  ignoreClusterUpdates: boolean;
  connectTimeoutMs: number;
  reconnectWaitMs: number;
  pingIntervalMs: number;
  maxPingOut: number;
}

/** Looks up an environment variable, `undefined` if it is not set. Variables of a flow may have any type. */
export type Environment = (name: string) => unknown;

/** The TLS options of the client's type, which are Node's own plus `handshakeFirst`. */
type Tls = NonNullable<NodeConnectionOptions['tls']>;

/**
 * The client's options. Throws `BAD_SERVER`, `BAD_ENV`, `BAD_CREDENTIALS` or `BAD_INBOX`.
 *
 * `env` looks up `${NAME}`, including variables of a flow; `ownEnv` looks up only those of the process, the only ones
 * that may name a file to read.
 *
 * `Connection` dials by itself: the client gets one server at a time and does not reconnect.
 */
export function connectionOptions(
  settings: ConnectionSettings,
  env: Environment,
  ownEnv: Environment = (name) => process.env[name],
): NodeConnectionOptions {
  const servers = parseServers(expand(settings.servers, env));
  const wantsTls = settings.tls !== undefined || settings.tlsFirst || servers.some((server) => server.tls);
  const inboxPrefix = expand(settings.inboxPrefix, env);
  if (inboxPrefix) checkInboxPrefix(inboxPrefix);
  const authenticator = authenticatorOf(settings, env, ownEnv);
  return {
    servers: servers.map((server) => server.address),
    name: expand(settings.clientName, env) || 'Node-RED',
    ...(authenticator && { authenticator }),
    // `tls` makes the client refuse a server without TLS; a tls:// URL alone would not.
    ...(wantsTls && { tls: tlsOptions(settings) }),
    ...(inboxPrefix && { inboxPrefix }),
    noEcho: settings.noEcho,
    ignoreClusterUpdates: settings.ignoreClusterUpdates,
    timeout: settings.connectTimeoutMs,
    reconnectTimeWait: settings.reconnectWaitMs,
    pingInterval: settings.pingIntervalMs,
    maxPingOut: settings.maxPingOut,
    noAsyncTraces: true,
  };
}

function checkInboxPrefix(prefix: string): void {
  if (!isPublishSubject(prefix)) throw new CodedError('BAD_INBOX', { value: shown(prefix) });
  if (isReservedReply(`${prefix}.`)) throw new CodedError('BAD_INBOX-reserved', { value: shown(prefix) });
}

/** Whether requests may use an inbox of two tokens: only with a prefix of one. Throws `BAD_INBOX` otherwise. */
export function checkFlatInbox(inboxPrefix: string | undefined): void {
  if (inboxPrefix?.includes('.')) throw new CodedError('BAD_INBOX-flat', { value: shown(inboxPrefix) });
}

interface Server {
  address: string;
  tls: boolean;
}

function tlsOptions({ tls, tlsFirst }: ConnectionSettings): Tls {
  return { ...tls, ...(tlsFirst && { handshakeFirst: true }) } as Tls;
}

function parseServers(text: string): Server[] {
  // In the whole text, because a password may contain a separator.
  const at = text.lastIndexOf('@');
  if (at >= 0) throw new CodedError('BAD_SERVER-secret', { host: text.slice(at + 1) });
  const urls = text.split(/[\s,]+/).filter((url) => url !== '');
  if (urls.length === 0) throw new CodedError('BAD_SERVER-missing');
  return urls.map(parseServer);
}

function parseServer(text: string): Server {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme && scheme !== 'nats' && scheme !== 'tls') throw new CodedError('BAD_SERVER-scheme', { url: text, scheme });
  const normal = scheme ? text : `nats://${text}`;
  const url = URL.canParse(normal) ? new URL(normal) : undefined;
  if (!url?.hostname || url.search || url.hash || (url.pathname && url.pathname !== '/')) {
    throw new CodedError('BAD_SERVER', { url: text });
  }
  return { address: `${url.hostname}:${url.port || 4222}`, tls: scheme === 'tls' };
}

function authenticatorOf(
  { auth, secrets, credsFile: path }: ConnectionSettings,
  env: Environment,
  ownEnv: Environment,
): Authenticator | undefined {
  const secret = (name: keyof Secrets): string => {
    const value = expandWhole(secrets[name] ?? '', env);
    if (!value) throw new CodedError('BAD_CREDENTIALS', { field: name });
    return value;
  };
  switch (auth) {
    case 'user':
      return usernamePasswordAuthenticator(secret('user'), expandWhole(secrets.password ?? '', env));
    case 'token':
      return tokenAuthenticator(secret('token'));
    case 'nkey':
      return nkeyAuthenticator(Buffer.from(secret('seed').trim()));
    case 'creds': {
      if (path) return credsFileAuthenticator(path, (reason) => new CodedError('BAD_CREDENTIALS-path', { reason }));
      const creds = secret('creds');
      const name = variableName(secrets.creds ?? '');
      if (name !== undefined && creds === ownEnv(name) && isPath(creds)) {
        return credsFileAuthenticator(creds, (reason) => new CodedError('BAD_CREDENTIALS-file', { name, reason }));
      }
      return credsAuthenticator(credsFile(creds));
    }
    default:
      return undefined;
  }
}

/** The client accepts only LF and no byte order mark; editors on Windows write CRLF and a byte order mark. */
function credsFile(text: string): Uint8Array {
  return Buffer.from(`${text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n')}\n`);
}

/** A path has one line, the text of a credentials file has several. */
export function isPath(creds: string): boolean {
  return !/[\r\n]/.test(creds.trim());
}

/** Reads the file at each dial, so that a replaced file takes effect without a deploy. */
function credsFileAuthenticator(path: string, unreadable: (reason: string) => CodedError): Authenticator {
  return (nonce) => {
    let creds: string;
    try {
      creds = readFileSync(path.trim(), 'utf8');
    } catch (cause) {
      // Its message contains the path, which may by mistake be a secret.
      throw unreadable((cause as NodeJS.ErrnoException).code ?? 'error');
    }
    return credsAuthenticator(credsFile(creds))(nonce);
  };
}

const VARIABLE = /\$\{([^}]+)\}/g;

function expand(text: string, env: Environment): string {
  return text.replace(VARIABLE, (_, name: string) => lookUp(name, env));
}

/** For strings that may contain a literal `${`, such as a password: only a whole value is a variable. */
function expandWhole(text: string, env: Environment): string {
  const name = variableName(text);
  return name === undefined ? text : lookUp(name, env);
}

function lookUp(name: string, env: Environment): string {
  const value = env(name);
  if (value === undefined || value === null) throw new CodedError('BAD_ENV', { name });
  return textSetting(value);
}
