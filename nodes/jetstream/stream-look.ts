import type { NodeAPI } from 'node-red';
import { CodedError } from '../../lib/coded-error';
import { briefly } from '../../lib/nats/connection/brief';
import { jetStreamOf } from '../../lib/nats/jetstream/jetstream';
import { lookAtStream, type StreamReport } from '../../lib/nats/jetstream/look';
import { checkDomain } from '../../lib/nats/jetstream/stream-config';
import { textSetting } from '../../lib/setting';
import { dialogVariables, type Variable } from '../nats/dialog-variables';
import { type TypedServer, typedOptions } from '../nats/typed-options';
import { withVariables } from '../shared/variables';
import type { NatsStreamDef } from './stream-settings';

/** The fields in the dialog of a `nats-stream`, saved or not, that say which stream it is. */
export interface TypedStream extends Pick<NatsStreamDef, 'id' | 'type' | 'name' | 'z' | 'stream' | 'domain'> {
  /** Its `nats-config` as it is in the editor; missing if none is chosen. */
  config?: TypedServer;
  /** The variables that the node may use; see `dialogVariables`. */
  variables?: Variable[];
}

const LONGEST_MS = 60_000;

/** Reports on the stream in the dialog, over a connection of its own with the server's values in the editor. */
export async function look(RED: NodeAPI, { config, variables = [], ...typed }: TypedStream): Promise<StreamReport> {
  if (!config) throw new CodedError('NO_SERVER');
  const { stream, domain } = withVariables(typed, dialogVariables(RED, typed, variables));
  const known = checkDomain(textSetting(domain));
  return briefly(typedOptions(RED, config), LONGEST_MS, (connection) =>
    lookAtStream(jetStreamOf(connection).api(known), textSetting(stream)),
  );
}
