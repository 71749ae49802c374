import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Authenticator, credsAuthenticator, errors, nkeyAuthenticator } from 'nats';
import { CodedError } from '../../../../lib/coded-error';
import { connectError, isRefusal } from '../../../../lib/nats/client/connect-error';

function coded(code: string, message = 'below'): Error {
  return Object.assign(new Error(message), { code });
}

/** The client's error if it cannot sign with a secret. */
function thrown(authenticator: Authenticator): unknown {
  try {
    return authenticator('nonce');
  } catch (error) {
    return error;
  }
}

test('the error of a failed dial distinguishes a refusal from an unreachable server', () => {
  const noTls = errors.InvalidArgumentError.format('tls', "server does not support 'tls'");
  const badPem = new errors.ConnectionError('no start line', { cause: coded('ERR_OSSL_PEM_NO_START_LINE') });
  const cases: [unknown, string, boolean][] = [
    [new errors.AuthorizationError('Authorization Violation'), 'AUTH', true],
    [new errors.UserAuthenticationExpiredError('User Authentication Expired'), 'AUTH-expired', true],
    [new errors.ProtocolError('User Authentication Revoked'), 'AUTH', true],
    [thrown(nkeyAuthenticator(Buffer.from('nonsense'))), 'AUTH-secret', true],
    [thrown(credsAuthenticator(Buffer.from('nonsense'))), 'AUTH-secret', true],
    [noTls, 'TLS-missing', true],
    [coded('DEPTH_ZERO_SELF_SIGNED_CERT'), 'TLS-untrusted', true],
    [coded('SELF_SIGNED_CERT_IN_CHAIN'), 'TLS-untrusted', true],
    [coded('UNABLE_TO_VERIFY_LEAF_SIGNATURE'), 'TLS-untrusted', true],
    [coded('CERT_HAS_EXPIRED'), 'TLS', true],
    [coded('ERR_TLS_CERT_ALTNAME_INVALID'), 'TLS', true],
    [coded('ERR_SSL_WRONG_VERSION_NUMBER'), 'TLS-first', true],
    [coded('EPROTO'), 'TLS', true],
    [coded('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'), 'TLS-certificate', true],
    [coded('ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE'), 'TLS-certificate', true],
    [coded('ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED'), 'TLS-certificate', true],
    [coded('ERR_SSL_TLSV1_ALERT_UNKNOWN_CA'), 'TLS-certificate', true],
    [coded('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION'), 'TLS', true],
    [badPem, 'TLS', true],
    [new errors.ConnectionError('connection refused'), 'UNREACHABLE', false],
    [new errors.TimeoutError(), 'UNREACHABLE', false],
    [coded('ENOTFOUND'), 'UNREACHABLE-host', false],
    [coded('EAI_AGAIN'), 'UNREACHABLE-lookup', false],
    [coded('ECONNRESET'), 'UNREACHABLE', false],
    [new Error('unexpected response from server'), 'UNREACHABLE', false],
    ['a text', 'UNREACHABLE', false],
    [undefined, 'UNREACHABLE', false],
  ];
  for (const [error, text, refusal] of cases) {
    const trouble = connectError(error, 'a:4222');
    assert.equal(trouble.text, text, String(error));
    assert.equal(isRefusal(trouble), refusal, String(error));
  }
});

test('the error names the servers and the reason, and keeps the cause', () => {
  const cause = coded('ECONNRESET', 'read ECONNRESET');
  const trouble = connectError(cause, 'nats.lan:4222');
  assert.deepEqual(trouble.values, { servers: 'nats.lan:4222', reason: 'read ECONNRESET' });
  assert.equal(trouble.cause, cause);
});

test('a rejected certificate has the reason of OpenSSL, without its addresses', () => {
  const cause = Object.assign(coded('ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', '0A:error:rec_layer_s3.c:1605'), {
    reason: 'tlsv1 alert unknown ca',
  });
  assert.equal(connectError(cause, 'a:4222').values.reason, 'tlsv1 alert unknown ca');
});

test('a raw error line of OpenSSL is reduced to its reason', () => {
  const line = '4087B1D27F0000:error:0A00010B:SSL routines:ssl3_get_record:unsupported protocol:../ssl/record.c:355:\n';
  assert.equal(connectError(coded('EPROTO', line), 'a:4222').values.reason, 'unsupported protocol');
});

test('an error that already has a code is kept', () => {
  const error = new CodedError('BAD_SERVER', { url: 'x' });
  assert.equal(connectError(error, 'a:4222'), error);
});
