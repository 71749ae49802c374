import type { IncomingHttpHeaders } from 'node:http';
import type { NodeAPI } from 'node-red';
import { CodedError, shown } from '../../lib/coded-error';
import { type Catalogue, nodeError } from './catalogue';

/** A request from the editor to the runtime. */
export interface Route {
  /** The permissions that it requires if Node-RED has `adminAuth`, such as `flows.write`. */
  permissions: string[];
  /** The largest body, in bytes. */
  maxBytes: number;
  /** The catalogue of its error texts. */
  catalogue: Catalogue;
  /** Resolves with the answer to a request's JSON; an error is answered with its `code` and its text as `error`. */
  answer(body: unknown): Promise<object>;
}

/** The HTTP status of a request that is rejected unread. */
const REFUSED: Record<string, number> = {
  'BAD_REQUEST-origin': 403,
  'BAD_REQUEST-size': 413,
  'BAD_REQUEST-type': 415,
};

/**
 * Answers POST requests to a path of the editor. All routes of the pack go through here, because Node-RED accepts any
 * form, up to version 4 lets pages of any origin send JSON as well, and checks permissions only if it has `adminAuth`.
 */
export function serveRoute(RED: NodeAPI, path: string, { permissions, maxBytes, catalogue, answer }: Route): void {
  const checks = permissions.map((permission) => RED.auth.needsPermission(permission));
  RED.httpAdmin.post(path, ...checks, async (request, response) => {
    try {
      checkHeaders(request.headers, maxBytes);
      response.json(await answer(request.body));
    } catch (error) {
      const { name, message } = nodeError(RED, catalogue, error);
      const status = (error instanceof CodedError && REFUSED[error.text]) || 200;
      response.status(status).json({ code: name, error: message });
    }
  });
}

/** Answers no more than `limit` requests at a time, and others with an error. */
export function atMost(limit: number, busy: () => CodedError, answer: Route['answer']): Route['answer'] {
  let running = 0;
  return async (body) => {
    if (running >= limit) throw busy();
    running++;
    try {
      return await answer(body);
    } finally {
      running--;
    }
  };
}

function checkHeaders(headers: IncomingHttpHeaders, maxBytes: number): void {
  if (!isFromEditor(headers)) throw new CodedError('BAD_REQUEST-origin', { origin: shown(headers.origin ?? '') });
  const type = headers['content-type'] ?? '';
  // The length of a compressed body says little.
  const isJson = /^application\/json *(;|$)/i.test(type) && headers['content-encoding'] === undefined;
  if (!isJson) throw new CodedError('BAD_REQUEST-type', { type: shown(type) });
  if (!(Number(headers['content-length']) <= maxBytes)) throw new CodedError('BAD_REQUEST-size', { limit: maxBytes });
}

/** Whether a request comes from a page of this Node-RED, or not from a page at all. */
function isFromEditor({ 'sec-fetch-site': site, origin, host }: IncomingHttpHeaders): boolean {
  if (site !== undefined) return site === 'same-origin';
  // Browsers send that header only over https and to localhost.
  if (origin === undefined) return true;
  const own = `${origin.split(':')[0]}://${host}`;
  return URL.canParse(origin) && URL.canParse(own) && new URL(origin).host === new URL(own).host;
}
