import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from './folder';

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** The paths of a certificate and its key. */
export interface Certificate {
  cert: string;
  key: string;
  /** The certificate's text, as a user pastes it. */
  text: string;
}

/** A certificate authority. */
export interface Authority extends Certificate {
  /** Issues a certificate, by default for `IP:127.0.0.1` and for one day. */
  issue(options?: { names?: string; days?: number }): Certificate;
}

/** Makes a self-signed certificate for 127.0.0.1. */
export function makeCertificate(): Certificate {
  return selfSigned(makeFolder(), ['-addext', 'subjectAltName=IP:127.0.0.1']);
}

/** Makes a certificate authority. */
export function makeAuthority(): Authority {
  const folder = makeFolder();
  const authority = selfSigned(folder);
  let count = 0;
  const issue: Authority['issue'] = ({ names = 'IP:127.0.0.1', days = 1 } = {}) => {
    const [cert, key, request, extensions] = ['cert', 'key', 'request', 'extensions'].map((name) =>
      join(folder, `${name}${count}.pem`),
    ) as [string, string, string, string];
    count++;
    openssl(['req', ...NEW_KEY, '-subj', '/CN=natshat test', '-keyout', key, '-out', request]);
    writeFileSync(extensions, `subjectAltName=${names}\n`);
    const signer = ['-CA', authority.cert, '-CAkey', authority.key, '-CAcreateserial'];
    openssl(['x509', '-req', '-in', request, ...signer, '-days', String(days), '-extfile', extensions, '-out', cert]);
    return { cert, key, text: readFileSync(cert, 'utf8') };
  };
  return { ...authority, issue };
}

function selfSigned(folder: string, options: string[] = []): Certificate {
  const cert = join(folder, 'cert.pem');
  const key = join(folder, 'key.pem');
  openssl(['req', '-x509', ...NEW_KEY, '-subj', '/CN=natshat', ...options, '-days', '2', '-keyout', key, '-out', cert]);
  return { cert, key, text: readFileSync(cert, 'utf8') };
}

function openssl(args: string[]): void {
  execFileSync('openssl', args, { stdio: 'ignore' });
}
