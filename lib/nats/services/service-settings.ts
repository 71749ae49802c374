import { CodedError, shown } from '../../coded-error';

/** A service as a user describes it: https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-32.md */
export interface ServiceSettings {
  /** Checked by `checkServiceName`. */
  name: string;
  /** Checked by `checkVersion`. */
  version: string;
  description: string;
  /** Read by `parseMetadata`. */
  metadata: Record<string, string>;
}

/** Services and endpoints have the same kind of name. A service's is a token of the subjects on which it is found. */
const NAME = /^[A-Za-z0-9_-]{1,255}$/;

// The grammar of https://semver.org
const NUMBER = String.raw`(?:0|[1-9]\d*)`;
const LABEL = '[0-9A-Za-z-]+';
const PRE_RELEASE = String.raw`(?:${NUMBER}|\d*[A-Za-z-][0-9A-Za-z-]*)`;
const VERSION = new RegExp(
  String.raw`^${NUMBER}\.${NUMBER}\.${NUMBER}(?:-${PRE_RELEASE}(?:\.${PRE_RELEASE})*)?(?:\+${LABEL}(?:\.${LABEL})*)?$`,
);

/** Returns the name of a service, or throws `BAD_SERVICE`. */
export function checkServiceName(value: string): string {
  if (value === '') throw new CodedError('BAD_SERVICE-missing');
  if (!NAME.test(value)) throw new CodedError('BAD_SERVICE', { value: shown(value) });
  return value;
}

/** Returns the name of an endpoint, or throws `BAD_ENDPOINT`. */
export function checkEndpointName(value: string): string {
  if (value === '') throw new CodedError('BAD_ENDPOINT-missing');
  if (!NAME.test(value)) throw new CodedError('BAD_ENDPOINT', { value: shown(value) });
  return value;
}

/** Returns a semantic version, or throws `BAD_SERVICE`. */
export function checkVersion(value: string): string {
  if (VERSION.test(value)) return value;
  throw new CodedError('BAD_SERVICE-version', { value: shown(value) });
}

/** The metadata in a JSON object of strings; none for an empty text. Throws `BAD_SERVICE`. */
export function parseMetadata(json: string): Record<string, string> {
  if (json.trim() === '') return {};
  let metadata: unknown;
  try {
    metadata = JSON.parse(json);
  } catch (cause) {
    throw new CodedError('BAD_SERVICE-metadata', { value: shown(json) }, { cause });
  }
  const isObject = typeof metadata === 'object' && metadata !== null && !Array.isArray(metadata);
  if (isObject && Object.values(metadata as object).every((value) => typeof value === 'string')) {
    return metadata as Record<string, string>;
  }
  throw new CodedError('BAD_SERVICE-metadata', { value: shown(metadata) });
}
