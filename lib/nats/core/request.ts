import { createInbox, errors, type Msg, type MsgHdrs, type NatsConnection } from 'nats';
import { CodedError } from '../../coded-error';
import { subscribeInbox } from '../client/inbox';
import { sizeOf } from '../client/received';
import { onAborted } from './aborted';
import { MAX_BACKLOG_BYTES, MAX_BACKLOG_MESSAGES } from './backlog';

/** A request on its way out. The subject has been checked. */
export interface Request {
  subject: string;
  data: Uint8Array;
  headers?: MsgHdrs;
  /** How long to wait in all. */
  timeoutMs: number;
  /** Nobody waits any more once it aborts. */
  ends?: AbortSignal;
}

/** When to stop gathering replies; whichever comes first, the request's `timeoutMs` included. */
export interface Gathering {
  /** Stop after so many replies; 0: no such limit. */
  count: number;
  /** Stop when no reply came for so long; 0: no such limit. */
  stallMs: number;
  inboxPrefix?: string;
}

/**
 * Resolves with the first reply. Rejects with `TIMEOUT`, `NO_RESPONDERS`, `PERMISSION`, or once `lost` or
 * `request.ends` aborts: with the reason if that is a `CodedError`, or else with `CONNECTION_LOST`.
 * With `flatInbox` the reply subject has two tokens.
 */
export function requestOne(nc: NatsConnection, request: Request, flatInbox: boolean, lost: AbortSignal): Promise<Msg> {
  const { subject, data, headers, timeoutMs } = request;
  return new Promise((resolve, reject) => {
    const forget = onAbort(request, lost, reject);
    const options = { timeout: Math.max(timeoutMs, 1), noMux: flatInbox, ...(headers && { headers }) };
    nc.request(subject, data, options).then(
      (reply) => {
        forget();
        resolve(reply);
      },
      (error) => {
        forget();
        reject(requestError(error, request));
      },
    );
  });
}

/**
 * Resolves with all replies in order of arrival, at least one. Rejects as `requestOne` does, or with
 * `TOO_MANY_REPLIES`, and then drops what had arrived.
 */
export async function requestMany(
  nc: NatsConnection,
  request: Request,
  gathering: Gathering,
  lost: AbortSignal,
): Promise<Msg[]> {
  const { subject, data, headers, timeoutMs } = request;
  const { count, stallMs, inboxPrefix } = gathering;
  return new Promise((resolve, reject) => {
    const replies: Msg[] = [];
    let bytes = 0;
    const inbox = createInbox(inboxPrefix);
    let stall: NodeJS.Timeout | undefined;

    const onReply = (error: Error | null, msg: Msg) => {
      if (error) return finish(requestError(error, request));
      if (isNoResponders(msg)) return finish(replies.length === 0 && new CodedError('NO_RESPONDERS', { subject }));
      bytes += sizeOf(msg);
      if (replies.length >= MAX_BACKLOG_MESSAGES || bytes > MAX_BACKLOG_BYTES) return finish(tooManyError(request));
      replies.push(msg);
      if (count > 0 && replies.length >= count) return finish();
      if (stallMs > 0) {
        clearTimeout(stall);
        stall = setTimeout(finish, stallMs);
      }
    };
    const finish = (error?: unknown) => {
      clearTimeout(total);
      clearTimeout(stall);
      forget();
      subscription.unsubscribe();
      if (error) reject(error);
      else if (replies.length === 0) reject(timeoutError(request));
      else resolve(replies);
    };

    const subscription = subscribeInbox(nc, inbox, subject, onReply);
    const total = setTimeout(finish, timeoutMs);
    const forget = onAbort(request, lost, finish);
    try {
      nc.publish(subject, data, { reply: inbox, ...(headers && { headers }) });
    } catch (error) {
      finish(error);
    }
  });
}

/** Calls `end` when nobody waits for a request any more; what it returns stops that. */
function onAbort({ subject, ends }: Request, lost: AbortSignal, end: (error: CodedError) => void): () => void {
  const listener = (reason: unknown) => {
    end(reason instanceof CodedError ? reason : new CodedError('CONNECTION_LOST', { subject }));
  };
  const forgetLost = onAborted(lost, listener);
  const forgetEnds = ends && onAborted(ends, listener);
  return () => {
    forgetLost();
    forgetEnds?.();
  };
}

/** The server's own answer where nobody subscribes: https://docs.nats.io/nats-concepts/core-nats/reqreply */
function isNoResponders(msg: Msg): boolean {
  return msg.data.length === 0 && msg.headers?.code === 503;
}

function timeoutError({ subject, timeoutMs }: Request): CodedError {
  return new CodedError('TIMEOUT', { subject, timeoutMs });
}

function tooManyError({ subject }: Request): CodedError {
  return new CodedError('TOO_MANY_REPLIES', { subject, messages: MAX_BACKLOG_MESSAGES, bytes: MAX_BACKLOG_BYTES });
}

function requestError(error: unknown, request: Request): unknown {
  const { subject } = request;
  const cause = error instanceof errors.RequestError && error.cause ? error.cause : error;
  if (cause instanceof errors.TimeoutError) return timeoutError(request);
  if (cause instanceof errors.NoRespondersError) return new CodedError('NO_RESPONDERS', { subject });
  if (cause instanceof errors.PermissionViolationError) {
    if (cause.operation === 'publish') return new CodedError('PERMISSION-request', { subject }, { cause });
    return new CodedError('PERMISSION-inbox', { subject, inbox: cause.subject }, { cause });
  }
  if (cause instanceof errors.ClosedConnectionError || cause instanceof errors.DrainingConnectionError)
    return new CodedError('CLOSED', {}, { cause });
  return error;
}
