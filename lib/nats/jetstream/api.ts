import { CodedError, shown } from '../../coded-error';
import type { Connection } from '../connection/connection';

/** The API counts in nanoseconds. */
export const NS_PER_MS = 1_000_000;

/** How long the server may take to answer, in milliseconds. */
const TIMEOUT_MS = 5000;

/** An error in an answer: https://github.com/nats-io/nats-server/blob/main/server/errors.json lists the codes. */
export interface ApiError {
  /** Like an HTTP status; 503 passes by itself. */
  code: number;
  err_code?: number;
  description?: string;
}

/** The names that the sentence of an error refers to. */
interface Names {
  stream?: string;
  consumer?: string;
  sequence?: number;
}

/** The texts of errors by `err_code`. */
const TEXTS: Record<number, string> = {
  10014: 'NO_CONSUMER',
  10037: 'NO_MESSAGE',
  10039: 'NO_JETSTREAM-account',
  10059: 'NO_STREAM',
  10076: 'NO_JETSTREAM',
};

/** The JetStream API of a server: requests and answers in JSON. */
export class JetStreamApi {
  /** The first tokens of the subjects of requests. */
  readonly prefix: string;

  /** `domain` is the domain of the JetStream to use; empty or missing: the server's own. */
  constructor(
    private readonly connection: Pick<Connection, 'request'>,
    domain?: string,
  ) {
    this.prefix = domain ? `$JS.${domain}.API` : '$JS.API';
  }

  /**
   * Sends a request such as `STREAM.INFO.ORDERS` and resolves with its answer. Rejects with `NO_STREAM`, `NO_CONSUMER`,
   * `NO_JETSTREAM`, `SERVER` with the server's description, or as `Connection.request` does; `PERMISSION` names the
   * subject that is missing.
   */
  async request<T>(subject: string, body?: object, names: Names = {}): Promise<T> {
    const data = Buffer.from(body ? JSON.stringify(body) : '');
    const request = { subject: `${this.prefix}.${subject}`, data, timeoutMs: TIMEOUT_MS };
    const text = await this.connection
      .request(request, ({ text }) => text)
      .catch((error) => {
        const isUnanswered = error instanceof CodedError && error.code === 'NO_RESPONDERS';
        throw isUnanswered ? new CodedError('NO_JETSTREAM', {}, { cause: error }) : error;
      });
    const answer = parseAnswer(text) as T & { error?: ApiError };
    if (answer.error) throw apiError(answer.error, names);
    return answer;
  }
}

/** The error of an answer. `SERVER` where the pack has no code of its own. */
export function apiError({ code, err_code = 0, description = '' }: ApiError, names: Names = {}): CodedError {
  const text = TEXTS[err_code] ?? 'SERVER';
  const cause = new Error(`${description} (${code}, ${err_code})`);
  return new CodedError(text, text === 'SERVER' ? { reason: shown(description) } : { ...names }, { cause });
}

/** Throws `SERVER` for an answer that is not a JSON object. */
export function parseAnswer(text: string): object {
  try {
    const answer: unknown = JSON.parse(text);
    if (typeof answer === 'object' && answer !== null) return answer;
  } catch {
    // Falls through.
  }
  throw new CodedError('SERVER', { reason: shown(text) });
}
