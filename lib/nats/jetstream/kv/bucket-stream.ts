import { CodedError } from '../../../coded-error';
import type { JetStreamApi } from '../api';
import { Stream, type StreamInfo, type StreamState } from '../stream';
import { type BucketForm, bucketConfig, compareBuckets, DEFAULT_FORM } from './bucket-config';

/** The stream of a bucket. `BAD_BUCKET` if the bucket mirrors another one: its keys have the subjects of that one. */
export class BucketStream extends Stream {
  constructor(
    private readonly bucket: string,
    api: JetStreamApi,
    /** How it is made if it is missing. */
    private readonly form: BucketForm = DEFAULT_FORM,
    /** Whether it is made now if it is missing. */
    mayMake: () => boolean = () => false,
    onState?: (state: StreamState) => void,
  ) {
    const wanted = {
      config: bucketConfig(bucket, form),
      get create() {
        return mayMake();
      },
    };
    super(wanted, api, onState);
  }

  protected override compare({ config }: StreamInfo): CodedError | undefined {
    if (config.mirror)
      throw new CodedError('BAD_BUCKET-mirror', {
        bucket: this.bucket,
        mirror: config.mirror.name.replace(/^KV_/, ''),
      });
    return compareBuckets(this.bucket, config, this.form);
  }
}

/** An error of a bucket's stream in the words of buckets. */
export function bucketError(bucket: string, error: unknown): unknown {
  const isMissing = error instanceof CodedError && error.code === 'NO_STREAM';
  return isMissing ? new CodedError('NO_BUCKET', { bucket }, { cause: error }) : error;
}
