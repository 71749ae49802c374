import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { type RunningNodeRed, startNodeRed } from '../../scripts/node-red';
import { nodeDefaults } from './node-defaults';

export const TAB = { id: 'tab', type: 'tab', label: 'test' };

/** A node of the pack with the editor's defaults, in the tab. */
export function node(id: string, type: string, properties: object): object {
  return { ...nodeDefaults(type), id, type, server: 'server', z: 'tab', x: 0, y: 0, wires: [[]], ...properties };
}

/** The `nats-config` of these nodes. */
export function config(servers: string): object {
  return { ...nodeDefaults('nats-config'), id: 'server', type: 'nats-config', servers, reconnectWaitMs: 50 };
}

interface Shown {
  fill: string;
  text: string;
}

/** A complete Node-RED whose log and statuses are watched. */
export interface WatchedNodeRed {
  app: RunningNodeRed['app'];
  /** The editor's address. */
  url: string;
  /** What its nodes have logged: warnings and errors. */
  lines: string[];
  /** Resolves when a node shows what is wanted. */
  shows(id: string, isWanted: (status: Shown) => boolean): Promise<void>;
  /** Deploys a flow as the editor does; resolves when it has started. */
  deploy(flow: object[], type: 'full' | 'nodes'): Promise<void>;
  stop(): Promise<void>;
}

/** Runs a flow until the test ends, or stops it. */
export async function startWatchedNodeRed(
  t: TestContext,
  flow: object[],
  settings: object = {},
): Promise<WatchedNodeRed> {
  const lines: string[] = [];
  const statuses = new Map<string, Shown>();
  const watchers = new Set<() => void>();
  const onLog = ({ id, msg }: { id?: string; msg?: unknown }) => id !== undefined && lines.push(String(msg));
  const onStatus = ({ id, status }: { id: string; status: Shown }) => {
    statuses.set(id, status);
    for (const look of watchers) look();
  };
  const nodeRed = await startNodeRed(flow, {
    settings: { logging: { test: { level: 'warn', handler: () => onLog } }, ...settings },
    listeners: { 'node-status': onStatus },
  });
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= nodeRed.stop();
    return stopped;
  };
  t.after(stop);
  return {
    app: nodeRed.app,
    url: nodeRed.url,
    lines,
    shows: (id, isWanted) =>
      new Promise((resolve) => {
        const look = () => {
          const status = statuses.get(id);
          if (!status || !isWanted(status)) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        look();
      }),
    deploy: async (flow, type) => {
      const started = once(nodeRed.app.events, 'flows:started');
      const headers = { 'content-type': 'application/json', 'Node-RED-Deployment-Type': type };
      const { status } = await fetch(`${nodeRed.url}flows`, { method: 'POST', headers, body: JSON.stringify(flow) });
      assert.equal(status, 204);
      await started;
    },
    stop,
  };
}
