import type { Node, NodeAPI, NodeMessage, NodeMessageInFlow } from 'node-red';
import { type Catalogue, nodeError, reportFailure } from './catalogue';
import { LastFailure } from './last-failure';
import { reportEndings } from './report-error';

/** The messages that a node sends on: one, or a list. */
type Output = NodeMessage | NodeMessage[];

/** Ends an input: an error goes to Catch nodes; without one the output is sent and the input completes. */
export type Finish = (error?: unknown, output?: Output) => void;

/** Sends a message on before the input has ended. */
export type Send = (message: NodeMessage) => void;

/** Handles one message; an error that it throws ends the input. */
export type Handler = (msg: NodeMessageInFlow, finish: Finish, send: Send) => void;

/**
 * Handles a node's messages. `prepare` runs once and returns the handler. If it throws, the settings are invalid: the
 * node shows the error, and every message fails with it. Each input ends exactly once.
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
  reportEndings(node);
  const lastFailure = new LastFailure(node);
  node.on('input', (msg, send, done) => {
    let finished = false;
    const finish: Finish = (error, output) => {
      if (finished) return;
      finished = true;
      // Also called from promises and from the client, where an exception would end Node-RED.
      try {
        if (error !== undefined) {
          const failure = nodeError(RED, catalogue, error);
          lastFailure.onFailure(failure);
          return done(failure);
        }
        lastFailure.onSuccess();
        if (output !== undefined) send(Array.isArray(output) ? [output] : output);
        done();
      } catch (failure) {
        // Without the message: if Node-RED cannot copy it for a Catch node, that would only throw again.
        node.error(failure);
      }
    };
    try {
      handle(msg, finish, send);
    } catch (error) {
      finish(error);
    }
  });
}
