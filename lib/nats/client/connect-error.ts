import { errors } from 'nats';
import { CodedError } from '../../coded-error';

/** How Node and OpenSSL name what is wrong with a certificate or a handshake. */
const TLS_CODE = /^(ERR_TLS_|ERR_SSL_|ERR_OSSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|EPROTO$)/;

/** The server rejects this client's certificate, or requires one. */
const CERTIFICATE_REFUSED = /_ALERT_(.*CERTIFICATE.*|UNKNOWN_CA|ACCESS_DENIED)$/;

/**
 * Why a dial failed. `AUTH` and `TLS` are refusals, which a user has to fix; `UNREACHABLE` goes away by itself when the
 * server is back.
 */
export function connectError(error: unknown, servers: string): CodedError {
  if (error instanceof CodedError) return error;
  const cause = error instanceof Error ? error : new Error(String(error));
  // The client wraps errors of keys and certificates.
  const codes = [cause, cause.cause].map((error) => String((error as NodeJS.ErrnoException | undefined)?.code ?? ''));
  const values = { servers, reason: cause.message };
  if (cause instanceof errors.UserAuthenticationExpiredError) return new CodedError('AUTH-expired', values, { cause });
  if (cause instanceof errors.AuthorizationError) return new CodedError('AUTH', values, { cause });
  if (codes.some((code) => code.startsWith('nkeys:')) || cause.message === 'unable to parse credentials') {
    return new CodedError('AUTH-secret', values, { cause });
  }
  if (cause.message.includes("does not support 'tls'")) return new CodedError('TLS-missing', values, { cause });
  if (codes.some((code) => CERTIFICATE_REFUSED.test(code))) {
    const reason = String((cause as { reason?: unknown }).reason ?? cause.message);
    return new CodedError('TLS-certificate', { servers, reason }, { cause });
  }
  if (codes.some((code) => TLS_CODE.test(code))) return new CodedError('TLS', values, { cause });
  return new CodedError('UNREACHABLE', values, { cause });
}

/** Whether a retry is useless until the settings or the server are fixed. */
export function isRefusal(error: CodedError): boolean {
  return error.code !== 'UNREACHABLE';
}
