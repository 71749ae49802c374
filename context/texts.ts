import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CodedError } from '../lib/coded-error';
import { logLanguage } from './node-red';

/** The catalogue of the NATS nodes, which is beside them also where Node-RED has not loaded any. */
const LOCALES = join(__dirname, '..', 'nodes', 'nats', 'locales');
const CATALOGUE = 'nats-config.json';
const ORIGINAL = 'en-US';

interface Texts {
  [key: string]: string | Texts;
}

const catalogues = new Map<string, Texts>();

/** A text of the catalogue, such as `log.connected`, in the language of Node-RED's log. */
export function text(key: string, values: Record<string, string | number> = {}): string {
  const found = key
    .split('.')
    .reduce<string | Texts | undefined>((texts, name) => (texts as Texts)?.[name], catalogue());
  return String(found ?? key).replace(/__(\w+?)__/g, (whole, name) => String(values[name] ?? whole));
}

/** An error as the pack's nodes give it to a Catch node: with its `code` and its sentence from the catalogue. */
export function contextError(error: unknown): Error {
  if (!(error instanceof CodedError)) return error instanceof Error ? error : new Error(String(error));
  const translated = new Error(text(`errors.${error.text}`, error.values));
  translated.name = error.code;
  return Object.assign(translated, { code: error.code });
}

function catalogue(): Texts {
  const language = logLanguage() ?? ORIGINAL;
  const known = catalogues.get(language);
  if (known) return known;
  // `de-AT` has the texts of `de`, and a language without texts those of the original.
  const [base = ''] = language.split('-');
  const files = [language, base, ORIGINAL]
    .filter((name) => /^[a-z-]+$/i.test(name))
    .map((name) => join(LOCALES, name, CATALOGUE));
  const texts = JSON.parse(readFileSync(files.find(existsSync) as string, 'utf8')) as Texts;
  catalogues.set(language, texts);
  return texts;
}
