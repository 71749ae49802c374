import { connectionsOf, type KnownConnection, poll, routesOf } from '../../../scripts/monitoring';
import { Member } from './member';
import type { Hear, Site } from './site';
import { WITNESS } from './witness';

const SIZE = 3;

/** Three servers that form a cluster, each behind a network and with a witness of its own. */
export interface Cluster extends Site {
  members: Member[];
  /** The member to which the client of this name is connected. All members have to run. */
  homeOf(name: string): Promise<Member>;
  /** Starts a member again, and resolves when all members have routes to each other. */
  restart(member: Member): Promise<void>;
}

/** Starts a cluster. The flow knows the addresses of two members, and learns of the third. */
export async function startCluster(hear: Hear): Promise<Cluster> {
  const members = await Promise.all(Array.from({ length: SIZE }, (_, number) => Member.make(number, hear)));
  const running = () => members.filter(({ isRunning }) => isRunning);
  const restart = async (member: Member) => {
    await member.start(running());
    for (const { server } of running()) {
      await poll(
        () => routesOf(server),
        (count) => count === running().length - 1,
      );
    }
  };
  for (const member of members) await restart(member);
  const connections = () => Promise.all(members.map(({ server }) => connectionsOf(server)));
  return {
    members,
    homeOf: async (name) => {
      const find = (known: KnownConnection[][]) => known.findIndex((list) => list.some((one) => one.name === name));
      const home = members[find(await poll(connections, (known) => find(known) >= 0))];
      if (!home) throw new Error(`${name} is connected to no member`);
      return home;
    },
    restart,
    servers: members
      .slice(0, 2)
      .map(({ network }) => network.url)
      .join(),
    witnesses: members.map(() => WITNESS),
    connections: async () => (await connections()).flat().sort((one, other) => one.name.localeCompare(other.name)),
    peer: () => (running()[0] as Member).witness,
    flush: async () => {
      for (const { witness } of running()) await witness.flush();
    },
    stop: async () => {
      for (const member of members) await member.stop();
    },
  };
}
