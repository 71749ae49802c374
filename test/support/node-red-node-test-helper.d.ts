/** The part of the helper that the tests use; it has no types of its own. */
declare module 'node-red-node-test-helper' {
  import type { Node, NodeAPI } from 'node-red';

  interface TestHelper {
    init(runtimePath: string): void;
    load(nodes: ((RED: NodeAPI) => void)[], flow: object[], credentials: object): Promise<void>;
    setFlows(flow: object[], type: string): Promise<void>;
    unload(): Promise<void>;
    getNode(id: string): Node;
    /** The log since the flow was loaded. */
    log(): { args: [{ id?: string; level: number; msg: unknown }][] };
  }

  const helper: TestHelper;
  export = helper;
}
