/** A line of a server's log. */
export interface LogLine {
  /** The line without process id and time. */
  text: string;
  /** Whether it is an error, or a fatal one. */
  isError: boolean;
  /** The line without its level. */
  message: string;
}

/** Reads a line such as `[1234] 2025/01/31 08:00:00.000000 [INF] Server is ready`; any other is taken as it is. */
export function parseLogLine(line: string): LogLine {
  const [, level, message] = /^\[\d+\] (?:\d\S* \d\S* )?\[([A-Z]{3})\] ?(.*)$/.exec(line) ?? [];
  if (level === undefined || message === undefined) return { text: line, isError: false, message: line };
  return { text: `[${level}] ${message}`, isError: level === 'ERR' || level === 'FTL', message };
}

/** Whether a server that writes this accepts connections. */
export function isReady({ message }: LogLine): boolean {
  return message === 'Server is ready';
}
