import type { NodeConnectionOptions } from 'nats';
import { CodedError } from '../../coded-error';
import { Connection, type ConnectionState } from './connection';

/**
 * Connects for as long as `use` takes. Rejects with why no server accepts the connection, with `NOT_CONNECTED` if none
 * does within `longestMs`, or as `use` does.
 */
export async function briefly<T>(
  options: NodeConnectionOptions,
  longestMs: number,
  use: (connection: Connection) => Promise<T>,
): Promise<T> {
  let onState: (state: ConnectionState) => void = () => {};
  const connection = new Connection(options, (state) => onState(state));
  let late: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      late = setTimeout(() => reject(new CodedError('NOT_CONNECTED')), longestMs);
      onState = ({ name, error }) => {
        if (name === 'connected') resolve();
        else if (error) reject(error);
      };
    });
    return await use(connection);
  } finally {
    clearTimeout(late);
    await connection.close();
  }
}
