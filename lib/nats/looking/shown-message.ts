import type { MsgHdrs } from 'nats';
import { decodeHeaders } from '../message/headers';
import { cut, type Form, type ShownPayload, showPayload } from './shown-payload';

/** A message as people see it. Its texts are cut, so that it takes a few kilobytes at most. */
export interface ShownMessage extends ShownPayload {
  subject: string;
  /** When it arrived or was stored, ISO 8601. */
  time: string;
  reply?: string;
  /** One a line: `Name: value`. */
  headers?: string;
}

/** What there is to show of a message. */
interface Parts {
  subject: string;
  time: string;
  reply?: string | undefined;
  headers?: MsgHdrs | undefined;
  data: Uint8Array;
}

/** Makes a message presentable. */
export function showMessage({ subject, time, reply, headers, data }: Parts, form: Form): ShownMessage {
  const lines = Object.entries(decodeHeaders(headers) ?? {}).flatMap(([name, values]) =>
    [values].flat().map((value) => `${name}: ${value}`),
  );
  return {
    ...{ subject, time, ...showPayload(data, form) },
    ...(reply && { reply }),
    ...(lines.length > 0 && { headers: cut(lines.join('\n')).text }),
  };
}
