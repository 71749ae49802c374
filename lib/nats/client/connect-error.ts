import { errors } from 'nats';
import { CodedError, shown } from '../../coded-error';

/** A server revokes an authentication that it had accepted; the client has no error for it. */
const REVOKED = /^(User|Account) Authentication (Revoked|Expired)$/i;

/** How Node and OpenSSL name what is wrong with a certificate or a handshake. */
const TLS_CODE = /^(ERR_TLS_|ERR_SSL_|ERR_OSSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|EPROTO$)/;

/** The server's certificate is signed by an authority that this client does not trust. */
const UNTRUSTED =
  /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|CERT_UNTRUSTED|UNABLE_TO_(GET_ISSUER|VERIFY).*)$/;

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
  const values = { servers, reason: reasonOf(cause) };
  if (cause instanceof errors.UserAuthenticationExpiredError) return new CodedError('AUTH-expired', values, { cause });
  if (cause instanceof errors.AuthorizationError || REVOKED.test(cause.message)) {
    return new CodedError('AUTH', values, { cause });
  }
  if (codes.some((code) => code.startsWith('nkeys:')) || cause.message === 'unable to parse credentials') {
    return new CodedError('AUTH-secret', values, { cause });
  }
  if (cause.message.includes("does not support 'tls'")) return new CodedError('TLS-missing', values, { cause });
  if (codes.some((code) => CERTIFICATE_REFUSED.test(code))) return new CodedError('TLS-certificate', values, { cause });
  if (codes.some((code) => UNTRUSTED.test(code))) return new CodedError('TLS-untrusted', values, { cause });
  // The greeting of a server without TLS is not an answer to a handshake.
  if (codes.includes('ERR_SSL_WRONG_VERSION_NUMBER')) return new CodedError('TLS-first', values, { cause });
  if (codes.some((code) => TLS_CODE.test(code))) return new CodedError('TLS', values, { cause });
  if (codes.includes('ENOTFOUND')) return new CodedError('UNREACHABLE-host', values, { cause });
  if (codes.includes('EAI_AGAIN')) return new CodedError('UNREACHABLE-lookup', values, { cause });
  return new CodedError('UNREACHABLE', values, { cause });
}

/** The message of an error; for one of OpenSSL only its reason, without pointers and line breaks. */
function reasonOf(cause: Error & { reason?: unknown }): string {
  if (typeof cause.reason === 'string') return cause.reason;
  const [line = ''] = cause.message.trim().split('\n');
  const fields = line.split(':');
  // `address:error:code:library:function:reason:file:line:`
  return (fields[1] === 'error' && fields[5]) || shown(line).slice(1, -1);
}

/** Whether a retry is useless until the settings or the server are fixed. */
export function isRefusal(error: CodedError): boolean {
  return error.code !== 'UNREACHABLE';
}
