import type { TestContext } from 'node:test';
import type { CodedError } from '../../lib/coded-error';
import { Connection, type ConnectionState, type Presence } from '../../lib/nats/connection/connection';
import { type ConnectionSettings, connectionOptions } from '../../lib/nats/connection/options';
import { Inbox } from './inbox';

const SETTINGS: ConnectionSettings = {
  servers: '',
  auth: 'none',
  secrets: {},
  tlsFirst: false,
  clientName: '',
  inboxPrefix: '',
  noEcho: false,
  ignoreClusterUpdates: false,
  connectTimeoutMs: 5000,
  reconnectWaitMs: 50,
  pingIntervalMs: 60_000,
  maxPingOut: 2,
};

/** The client's options for some servers, with settings other than those of the tests. */
export function optionsFor(servers: string, settings: Partial<ConnectionSettings> = {}) {
  return connectionOptions({ ...SETTINGS, servers, ...settings }, () => undefined);
}

/** A connection until the test ends, with its states and the errors that it reports. */
export function openConnection(
  t: TestContext,
  servers: string,
  settings: Partial<ConnectionSettings> = {},
  presence: Presence = {},
) {
  const states = new Inbox<ConnectionState>();
  const reported = new Inbox<CodedError>();
  const connection = new Connection(
    optionsFor(servers, settings),
    (state) => states.put(state),
    presence,
    (error) => reported.put(error as CodedError),
  );
  t.after(() => connection.close());
  return {
    connection,
    states,
    reported,
    /** Resolves with the next state that matches. */
    until: async (matches: (state: ConnectionState) => boolean): Promise<ConnectionState> => {
      for (;;) {
        const state = await states.take();
        if (matches(state)) return state;
      }
    },
  };
}

export const isConnected = ({ name }: ConnectionState) => name === 'connected';
