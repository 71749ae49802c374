/** A file of /etc/apt/sources.list.d: the end of its name says in which of two forms it is. */
export interface SourceFile {
  name: string;
  text: string;
}

const PUBLIC = 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian';

/**
 * Where other releases of Debian are: at the place of the release that is installed, by the machine's own files, or
 * else at the public one. The forms: https://manpages.debian.org/stable/apt/sources.list.5.en.html
 */
export function sourcesOf(releases: string[], installed: string, files: SourceFile[]): SourceFile {
  for (const { name, text } of files) {
    const isStanzas = name.endsWith('.sources');
    const found = isStanzas ? fromStanzas(text, installed, releases) : fromLines(text, installed, releases);
    if (found) return { name: isStanzas ? 'debian.sources' : 'debian.list', text: found };
  }
  return { name: 'debian.list', text: linesOf(PUBLIC, releases) };
}

function fromLines(text: string, installed: string, releases: string[]): string | undefined {
  for (const line of text.split('\n')) {
    const [, archive, release] = /^(deb\s+(?:\[.*?\]\s+)?\S+)\s+(\S+)\s/.exec(line) ?? [];
    if (archive && release === installed) return linesOf(archive, releases);
  }
  return undefined;
}

function linesOf(archive: string, releases: string[]): string {
  return releases.map((release) => `${archive} ${release} main\n`).join('');
}

function fromStanzas(text: string, installed: string, releases: string[]): string | undefined {
  const wordsOf = (stanza: string, field: string) => {
    return new RegExp(`^${field}:(.*)$`, 'm').exec(stanza)?.[1]?.trim().split(/\s+/) ?? [];
  };
  const stanza = text.split(/\n\s*\n/).find((stanza) => {
    const isOff = wordsOf(stanza, 'Enabled').includes('no');
    return wordsOf(stanza, 'Types').includes('deb') && wordsOf(stanza, 'Suites').includes(installed) && !isOff;
  });
  return stanza
    ?.replace(/^Types:.*$/m, 'Types: deb')
    .replace(/^Suites:.*$/m, `Suites: ${releases.join(' ')}`)
    .replace(/^Components:.*$/m, 'Components: main');
}
