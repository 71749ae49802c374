/** A file of apt sources; its name ends in `.list` or `.sources`, by its format. */
export interface SourceFile {
  name: string;
  text: string;
}

const PUBLIC = 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian';

/**
 * The apt sources of other Debian releases: on the mirror that the machine's own files name for the installed release,
 * or else on Debian's public one. The formats: https://manpages.debian.org/stable/apt/sources.list.5.en.html
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
    const [, archive, release] = /^(deb\s+(?:\[.*?\]\s+)?\S+)\s+(\S+)\s+(?:.*\s)?main\b/.exec(line) ?? [];
    if (archive && release === installed) return linesOf(archive, releases);
  }
  return undefined;
}

function linesOf(archive: string, releases: string[]): string {
  return releases.map((release) => `${archive} ${release} main\n`).join('');
}

function fromStanzas(text: string, installed: string, releases: string[]): string | undefined {
  const stanza = text.split(/\n\s*\n/).find((stanza) => {
    const has = (field: string, word: string) => {
      const value = new RegExp(`^${field}:(.*)$`, 'm').exec(stanza)?.[1] ?? '';
      return value.trim().split(/\s+/).includes(word);
    };
    return has('Types', 'deb') && has('Suites', installed) && has('Components', 'main') && !has('Enabled', 'no');
  });
  return stanza
    ?.replace(/^Types:.*$/m, 'Types: deb')
    .replace(/^Suites:.*$/m, `Suites: ${releases.join(' ')}`)
    .replace(/^Components:.*$/m, 'Components: main');
}
