// A process that runs Node-RED with the flows of one contender.

import { BRIDGE, flowsOf, REPLIED, REQUESTER, SOURCE } from './flows';
import { Host } from './host';
import { type HostOptions, subjectsOf } from './host-options';
import { startBench } from './node-red';
import { serve } from './processes';

async function main(options: HostOptions): Promise<void> {
  const host = new Host(options);
  const onMessage = (id: string, { payload }: { payload?: unknown }) => {
    if (id === REPLIED) host.replied();
    else host.received(Array.isArray(payload) ? payload.length : 1);
  };
  const { nodes } = await startBench(flowsOf(options), onMessage);
  const subjects = subjectsOf(options).in;
  if (options.nodes === 'pack' && options.spread?.over === 'subscriptions') {
    nodes.getNode(`${BRIDGE}0`).receive({ action: 'subscribe', topic: subjects } as never);
  }
  const side = {
    publish: (payload: string, count: number) => {
      const source = nodes.getNode(SOURCE);
      if (options.batch) source.send({ payload: Array<string>(count).fill(payload) });
      else for (let n = 0; n < count; n++) source.send({ payload });
    },
    request: (payload: string) => nodes.getNode(REQUESTER).send({ payload }),
  };
  serve(await host.open(side));
}

void main(JSON.parse(process.argv[2] as string));
