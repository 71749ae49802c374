import type { EventEmitter } from 'node:events';
import type { Node, NodeAPI } from 'node-red';

/** Learns of deploys. */
export interface DeployWatcher {
  /** Nodes are about to be stopped; in this turn of the event loop it becomes known which ones. */
  onStopping(): void;
  /** All nodes run again. */
  onStarted(): void;
}

/** All watchers by the runtime's emitter, which should have few listeners however many nodes there are. */
const watchersOf = new WeakMap<EventEmitter, Set<DeployWatcher>>();

/** Watches deploys until a node closes. Its own start and stop are part of a deploy as well. */
export function watchDeploys({ events }: NodeAPI, node: Node, watcher: DeployWatcher): void {
  let watchers = watchersOf.get(events);
  if (!watchers) {
    watchers = new Set();
    watchersOf.set(events, watchers);
    listen(events, watchers);
  }
  watchers.add(watcher);
  node.on('close', () => watchers.delete(watcher));
}

function listen(events: EventEmitter, watchers: Set<DeployWatcher>): void {
  const started = () => {
    for (const watcher of [...watchers]) watcher.onStarted();
  };
  events.on('flows:stopping', () => {
    for (const watcher of [...watchers]) watcher.onStopping();
  });
  events.on('flows:started', started);
  // Unlike `flows:started`, this follows a deploy that could not start everything, too.
  events.on('runtime-event', ({ id }: { id?: string }) => id === 'runtime-deploy' && started());
}
