import type { Node, NodeAPI, NodeMessage, NodeMessageInFlow } from 'node-red';
import { type Catalogue, nodeError, reportFailure } from './catalogue';

/** What a node sends on: one message, or a list of them. */
type Output = NodeMessage | NodeMessage[];

/** Ends an input: with an error it goes to Catch, without one the output is sent and the input is complete. */
export type Finish = (error?: unknown, output?: Output) => void;

/** Handles one message; what it throws ends the input. */
export type Handler = (msg: NodeMessageInFlow, finish: Finish) => void;

/**
 * Handles a node's messages. `prepare` runs once and returns the handler; when it throws, the settings are
 * wrong: the node says so, and every message fails with that error. Each input ends exactly once.
 */
export function onInput(RED: NodeAPI, node: Node, catalogue: Catalogue, prepare: () => Handler): void {
  let handle: Handler;
  try {
    handle = prepare();
  } catch (error) {
    reportFailure(RED, node, catalogue, error);
    handle = () => {
      throw error;
    };
  }
  node.on('input', (msg, send, done) => {
    let finished = false;
    const finish: Finish = (error, output) => {
      if (finished) return;
      finished = true;
      // Also called from promises and from the client, where a throw would end Node-RED.
      try {
        if (error !== undefined) return done(nodeError(RED, catalogue, error));
        if (output !== undefined) send(Array.isArray(output) ? [output] : output);
        done();
      } catch (failure) {
        // Without the message: what Node-RED cannot copy for a Catch node would only throw again.
        node.error(failure);
      }
    };
    try {
      handle(msg, finish);
    } catch (error) {
      finish(error);
    }
  });
}
