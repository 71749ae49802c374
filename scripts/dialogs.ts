// What several dialogs, pages of help or catalogues have in common stands in a file of its own; the build puts it in.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Texts by section and name. */
type Texts = Record<string, Record<string, string>>;

/**
 * The html in a file, where each line such as `<!-- row server -->` has become the content of `server.html`, from the
 * first of the folders that has one. Throws if none has.
 */
export function assembleHtml(file: string, kind: 'row' | 'help', folders: string[]): string {
  const placeholder = new RegExp(`^( *)<!-- ${kind} ([\\w-]+) -->\\r?$`, 'gm');
  return readFileSync(file, 'utf8').replace(placeholder, (_, indent: string, name: string) => {
    const part = folders.map((folder) => join(folder, `${name}.html`)).find((path) => existsSync(path));
    if (!part) throw new Error(`${file}: there is no ${kind} ${name} in ${folders.join(' or ')}`);
    const html = readFileSync(part, 'utf8').trimEnd();
    return html.replace(/^(?=.)/gm, indent);
  });
}

/** The catalogue in a file together with the texts that it shares with others, as JSON. */
export function assembleCatalogue(file: string, sharedFile: string): string {
  const [own, shared] = [readTexts(file), readTexts(sharedFile)];
  const sections = new Set([...Object.keys(own), ...Object.keys(shared)]);
  const merged = [...sections].map((section) => [section, { ...own[section], ...shared[section] }]);
  return JSON.stringify(Object.fromEntries(merged), undefined, 2);
}

function readTexts(file: string): Texts {
  return JSON.parse(readFileSync(file, 'utf8'));
}
