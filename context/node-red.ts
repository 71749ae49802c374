/** The part of Node-RED's package `@node-red/util` that is used here: https://nodered.org/docs/api/modules/ */
interface NodeRedUtil {
  log: { log(entry: { level: number; type: string; name: string; msg: string }): void };
  i18n: { i: { language?: string } };
}

/** How important a line in Node-RED's log is. */
export const LEVEL = { error: 20, warn: 30, info: 40 } as const;

/** Logs a line as Node-RED logs those of its nodes, with the bucket as a name. */
export function log(level: keyof typeof LEVEL, bucket: string, text: string): void {
  const util = nodeRedUtil();
  if (util) util.log.log({ level: LEVEL[level], type: 'context', name: bucket, msg: text });
  else if (level !== 'info') console.error(`[${level}] [context:${bucket}] ${text}`);
}

/** The language of Node-RED's log, such as `de`; `undefined` without a Node-RED. */
export function logLanguage(): string | undefined {
  return nodeRedUtil()?.i18n.i.language;
}

/**
 * Node-RED gives a context store neither its log nor its language. A store in a user folder cannot require Node-RED's
 * packages, which are somewhere else; but they are loaded.
 */
function nodeRedUtil(): NodeRedUtil | undefined {
  const path = Object.keys(require.cache).find((loaded) => /[\\/]@node-red[\\/]util[\\/]index\.js$/.test(loaded));
  return path === undefined ? undefined : (require.cache[path]?.exports as NodeRedUtil);
}
