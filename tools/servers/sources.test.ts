import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sourcesOf } from './sources';

const RELEASES = ['trixie', 'unstable'];

test('other releases are looked for on the mirror of the installed one, with its options', () => {
  const list = `# deb http://old.example/debian bookworm main
deb-src http://mirror.example/debian bookworm main
deb http://mirror.example/debian bookworm-updates main
deb http://docker.example/linux/debian bookworm stable
deb [arch=amd64 signed-by=/a b.gpg] http://mirror.example/debian bookworm main contrib
`;
  assert.deepEqual(sourcesOf(RELEASES, 'bookworm', [{ name: 'sources.list', text: list }]), {
    name: 'debian.list',
    text: `deb [arch=amd64 signed-by=/a b.gpg] http://mirror.example/debian trixie main
deb [arch=amd64 signed-by=/a b.gpg] http://mirror.example/debian unstable main
`,
  });
});

test('a stanza keeps its mirror and its key', () => {
  const text = `Types: deb
URIs: http://mirror.example/security
Suites: bookworm-security
Components: main

Types: deb
Enabled: no
URIs: http://off.example/debian
Suites: bookworm
Components: main

Types: deb
URIs: http://docker.example/linux/debian
Suites: bookworm
Components: stable

Types: deb deb-src
# the nearest one
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 abc
 -----END PGP PUBLIC KEY BLOCK-----

Types: deb
URIs: http://other.example/debian
Suites: bookworm
Components: main`;
  const files = [
    { name: 'sources.list', text: '' },
    { name: 'debian.sources', text },
  ];
  assert.deepEqual(sourcesOf(RELEASES, 'bookworm', files), {
    name: 'debian.sources',
    text: `Types: deb
# the nearest one
URIs: http://mirror.example/debian
Suites: trixie unstable
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 abc
 -----END PGP PUBLIC KEY BLOCK-----`,
  });
});

test('the public mirror is used where no source names the installed release', () => {
  const text = 'deb http://mirror.example/debian stable main\n';
  const { text: sources } = sourcesOf(['unstable'], 'bookworm', [{ name: 'sources.list', text }]);
  assert.equal(
    sources,
    'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian unstable main\n',
  );
});
