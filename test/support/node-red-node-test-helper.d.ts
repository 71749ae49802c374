/** What the tests use of the helper, which comes without types. */
declare module 'node-red-node-test-helper' {
  import type { Node, NodeAPI } from 'node-red';

  interface TestHelper {
    init(runtimePath: string): void;
    load(nodes: ((RED: NodeAPI) => void)[], flow: object[], credentials: object): Promise<void>;
    setFlows(flow: object[], type: string): Promise<void>;
    unload(): Promise<void>;
    getNode(id: string): Node;
    /** What has been logged since the flow was loaded. */
    log(): { args: [{ id?: string; level: number; msg: unknown }][] };
  }

  const helper: TestHelper;
  export = helper;
}
