import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** The paths of a certificate of 127.0.0.1 that signs itself. */
export interface Certificate {
  cert: string;
  key: string;
  /** The certificate's text, as a user pastes it. */
  text: string;
}

/** Makes a certificate, for the time of the test. */
export function makeCertificate(t: TestContext): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'natshat-tls-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const cert = join(folder, 'cert.pem');
  const key = join(folder, 'key.pem');
  const subject = ['-subj', '/CN=natshat test', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  execFileSync('openssl', ['req', '-x509', ...newKey, ...subject, '-days', '2', '-keyout', key, '-out', cert], {
    stdio: 'ignore',
  });
  return { cert, key, text: readFileSync(cert, 'utf8') };
}
