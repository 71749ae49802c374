import { aWhile } from '../a-while';
import { makeStreams, REMEMBERED_MIB, relaying, SOURCE_STREAM } from '../flows/relaying';
import { refusedConnections } from '../network-faults';
import { scenario } from '../scenario';
import type { SingleServer } from '../sites/single-server';
import type { Hear } from '../sites/site';
import { startStreamServer } from '../sites/stream-server';
import { WITNESS_USER } from '../sites/witness';

const RELAY = 'durable';

/** What the flow publishes, and what consuming needs; who does not sign in has no other rights. */
const MAY_PUBLISH = [
  'jobs',
  `results.${RELAY}`,
  `$JS.API.CONSUMER.MSG.NEXT.${SOURCE_STREAM}.${RELAY}`,
  `$JS.ACK.${SOURCE_STREAM}.${RELAY}.>`,
];

const RIGHTS = `
  authorization {
    users: [
      ${JSON.stringify(WITNESS_USER)}
      { user: narrow, password: narrow, permissions: { publish: ${JSON.stringify(MAY_PUBLISH)}, subscribe: "_INBOX.>" } }
    ]
  }
  no_auth_user: narrow
`;

/** Stream and consumer are there, as the user may not make them. */
async function startSite(hear: Hear): Promise<SingleServer> {
  const site = await startStreamServer(hear, RIGHTS);
  await makeStreams(site.peer(), [RELAY], 2000);
  return site;
}

export default scenario({
  title: 'A user with few rights consumes, while the server and the network fail',
  serversLive: true,
  startSite,
  startExercise: () => relaying({ [RELAY]: {} }),
  mayGrowMiB: REMEMBERED_MIB,
  faults: {
    'server killed by SIGKILL': ({ site, random }) => site.replaceServer(aWhile(random)),
    'connections refused': refusedConnections,
  },
});
