import { makeTemporaryFolder } from '../../../scripts/temporary';
import { type SingleServer, startSingleServer } from './single-server';
import type { Hear } from './site';

/** Starts a server that keeps streams in files, which outlive it when it is killed; `config` is added to its own. */
export async function startStreamServer(hear: Hear, config = ''): Promise<SingleServer> {
  const { path, remove } = makeTemporaryFolder('streams');
  const site = await startSingleServer(hear, `jetstream { store_dir: ${JSON.stringify(path)} }\n${config}`);
  return {
    ...site,
    stop: async () => {
      await site.stop();
      remove();
    },
  };
}
