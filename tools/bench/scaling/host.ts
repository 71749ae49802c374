// A process with a Node-RED that does a part of the work, or none.
import { isDeepStrictEqual } from 'node:util';
import { startBench } from '../node-red';
import { serve } from '../processes';
import { flowOf, IDLE, type Member } from './member';
import { spin, stepsOfMs } from './work';

async function main(): Promise<void> {
  const { deploy } = await startBench(IDLE, () => {}, { settings: { functionGlobalContext: { spin } } });
  let deployed: object[] = IDLE;
  const change = async (flow: object[]) => {
    if (isDeepStrictEqual(flow, deployed)) return;
    await deploy(flow);
    deployed = flow;
  };
  serve({
    stepsOfMs,
    join: (member: Member) => change(flowOf(member)),
    leave: () => change(IDLE),
  } satisfies ScalingHostFunctions);
}

export type ScalingHostFunctions = {
  stepsOfMs(): number;
  /** Starts to work. */
  join(member: Member): Promise<void>;
  /** Stops; resolves when its nodes have handed back what they have not done. */
  leave(): Promise<void>;
};

if (require.main === module) void main();
