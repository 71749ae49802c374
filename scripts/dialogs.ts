// What several dialogs or pages of help have in common stands in a file of its own; the build puts it in.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

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
