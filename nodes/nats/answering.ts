import type { NodeAPI } from 'node-red';
import { CodedError } from '../../lib/coded-error';
import type { Connection } from '../../lib/nats/connection/connection';
import type { Publication } from '../../lib/nats/core/publication';
import { withHeaders } from '../../lib/nats/message/headers';
import { contentOf } from '../../lib/nats/message/payload';
import { Endpoint } from '../../lib/nats/services/endpoint';
import { errorHeaders, failure, type ServiceError, serviceErrorOf } from '../../lib/nats/services/service-error';
import { choiceSetting } from '../../lib/setting';
import { NATS_TEXTS } from '../shared/catalogue';
import { propertyReader, type Reader } from './shared/message-readers';
import type { Sending } from './shared/publishing';

/** The properties of a `nats-respond` in a flow that concern services. */
export interface AnsweringFields {
  /**
   * When an answer is an error, which its headers `Nats-Service-Error` and `Nats-Service-Error-Code` tell: if `msg.error`
   * is set (`msg`), `always`, or `never`.
   * @default 'msg'
   */
  serviceError?: 'msg' | 'always' | 'never';
}

const EMPTY = Buffer.alloc(0);

/** Sends answers: errors have the headers of one, and endpoints of services count theirs. */
export function answering(RED: NodeAPI, fields: AnsweringFields, connection: Connection): Sending {
  const errorOf = errorReader(RED, fields);
  return {
    encode: (payload, msg, index) => {
      try {
        return contentOf(payload);
      } catch (error) {
        // The payload may be what went wrong, and the requester still has to hear of the error.
        if (errorOf(msg, index)) return EMPTY;
        throw error;
      }
    },
    prepare: (publication, msg, index) => {
      const error = errorOf(msg, index);
      return error ? errorAnswer(publication, error, connection) : publication;
    },
    send: (publication, msg, index, outcome) => {
      const takeBack = Endpoint.answer(publication.subject, () => errorOf(msg, index));
      if (!takeBack) return connection.publish(publication, outcome);
      connection.publish(publication, (failed) => {
        if (failed !== undefined) takeBack();
        outcome(failed);
      });
    },
  };
}

/** Why the answer to a message is an error; `undefined` if it is none. */
function errorReader(RED: NodeAPI, { serviceError }: AnsweringFields): Reader<ServiceError | undefined> {
  const choice = choiceSetting('serviceError', serviceError, ['msg', 'always', 'never'], 'msg');
  if (choice === 'never') return () => undefined;
  const property = propertyReader(RED, 'error');
  const errorIn: Reader<ServiceError | undefined> = (msg, index) => serviceErrorOf(property(msg, index));
  if (choice === 'msg') return errorIn;
  const unexplained = failure(RED._(`${NATS_TEXTS}:answer.failed`));
  const payloadOf = propertyReader(RED, 'payload');
  return (msg, index) => {
    const payload = payloadOf(msg, index);
    return errorIn(msg, index) ?? (typeof payload === 'string' && payload.trim() ? failure(payload) : unexplained);
  };
}

/** A publication with the headers of an error, and without a payload that the server would not accept. */
function errorAnswer(publication: Publication, error: ServiceError, connection: Connection): Publication {
  const answer = { ...publication, headers: withHeaders(publication.headers, errorHeaders(error)) };
  try {
    connection.check(answer);
    return answer;
  } catch (cause) {
    if (cause instanceof CodedError && cause.code === 'MAX_PAYLOAD') return { ...answer, data: EMPTY };
    throw cause;
  }
}
