import { createHash } from 'node:crypto';
import { nkeys } from 'nats';

type KeyPair = ReturnType<typeof nkeys.createUser>;

/** The operator of a NATS system with one account, whose users sign in with credentials files. */
interface Operator {
  /** The server configuration with the operator and the account. */
  config: string;
  /** The text of a credentials file for a new user. */
  creds(permissions?: object): string;
}

/** Makes an operator, an account and their JWTs: https://docs.nats.io/running-a-nats-service/nats_admin/security/jwt */
export function makeOperator(): Operator {
  const operator = nkeys.createOperator();
  const account = nkeys.createAccount();
  const operatorJwt = sign(operator, operator, 'operator', {});
  // -1: no limit. Without limits the server allows nothing.
  const limits = { subs: -1, data: -1, payload: -1, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 };
  const accountJwt = sign(operator, account, 'account', { limits });
  return {
    config: [
      `operator: ${operatorJwt}`,
      'resolver: MEMORY',
      `resolver_preload: { ${account.getPublicKey()}: ${accountJwt} }`,
    ].join('\n'),
    creds: (permissions = {}) => {
      const user = nkeys.createUser();
      const jwt = sign(account, user, 'user', { subs: -1, data: -1, payload: -1, ...permissions });
      return credsFile(jwt, Buffer.from(user.getSeed()).toString());
    },
  };
}

/** https://github.com/nats-io/jwt: JSON, signed with the issuer's NKey; the id is the hash of the claims without it. */
function sign(issuer: KeyPair, subject: KeyPair, type: string, nats: object): string {
  const claims = {
    jti: '',
    iat: Math.floor(Date.now() / 1000),
    iss: issuer.getPublicKey(),
    name: type,
    sub: subject.getPublicKey(),
    nats: { ...nats, type, version: 2 },
  };
  claims.jti = createHash('sha256').update(JSON.stringify(claims)).digest('hex');
  const signed = [{ typ: 'JWT', alg: 'ed25519-nkey' }, claims].map((part) => encode(JSON.stringify(part))).join('.');
  return `${signed}.${encode(issuer.sign(Buffer.from(signed)))}`;
}

function encode(data: string | Uint8Array): string {
  return Buffer.from(data as string).toString('base64url');
}

function credsFile(jwt: string, seed: string): string {
  return [
    `-----BEGIN NATS USER JWT-----\n${jwt}\n------END NATS USER JWT------\n`,
    `-----BEGIN USER NKEY SEED-----\n${seed}\n------END USER NKEY SEED------\n`,
  ].join('\n');
}
