import { makeTemporaryFolder } from '../../scripts/temporary';

/** An empty folder, which is removed when the process ends: the servers that write to it have been stopped by then. */
export function makeFolder(): string {
  return makeTemporaryFolder('test').path;
}
