import { setTimeout as delay } from 'node:timers/promises';
import { CodedError } from '../../coded-error';
import { type JetStreamApi, NS_PER_MS } from './api';
import { compareStreams, type StreamConfig, type WantedStream } from './stream-config';

/** The answer to `STREAM.INFO`. */
export interface StreamInfo {
  config: StreamConfig;
  /** When it was made, ISO 8601. */
  created: string;
  state: {
    messages: number;
    bytes: number;
    first_seq: number;
    first_ts: string;
    last_seq: number;
    last_ts: string;
    consumer_count: number;
  };
}

/** What is known of a stream. */
export interface StreamState {
  /** Missing if the user may not see it. */
  info?: StreamInfo | undefined;
  /** `STREAM_DIFFERS`: it is not as the settings say, which does not matter for using it. */
  differs?: CodedError | undefined;
  /** Why it cannot be used. */
  error?: CodedError | undefined;
}

/**
 * How long a stream stays deleted before it is made again, in milliseconds. A server still removes its files when it no
 * longer knows it, and would remove those of the new one as well: 2.9 nearly always, later ones seldom.
 */
const DELETED_MS = 1000;

/** One stream on the server: made if it is missing, compared if it is there, never deleted. */
export class Stream {
  /** Whether it was there when it was last needed. */
  isReady = false;
  private checking: Promise<StreamState> | undefined;
  private state: StreamState = {};

  constructor(
    private readonly wanted: WantedStream,
    readonly api: JetStreamApi,
    private readonly onState: (state: StreamState) => void = () => {},
  ) {}

  get name(): string {
    return this.wanted.config.name;
  }

  get info(): StreamInfo | undefined {
    return this.state.info;
  }

  /**
   * The sequence of the last message that was stored when the stream was last looked at; `undefined` if that is not
   * certain: the user may not see it, or of several replicas the one that answered may have been behind.
   */
  get end(): number | undefined {
    const { config, state } = this.info ?? {};
    return config?.num_replicas === 1 ? state?.last_seq : undefined;
  }

  /** As far as it is known, that of the stream itself; `undefined` if the server decides. */
  get duplicateWindowMs(): number | undefined {
    const window = this.info?.config.duplicate_window ?? this.wanted.config.duplicate_window;
    return window === undefined ? undefined : window / NS_PER_MS;
  }

  /**
   * Resolves when the stream is there. Rejects with `NO_STREAM` if it is missing and not to be made, `NO_JETSTREAM`,
   * `SERVER`, `NOT_CONNECTED`. A user who may not see the stream can still use it. Calls at the same time share a request.
   */
  async ensure(): Promise<StreamState> {
    this.checking ??= this.check().finally(() => {
      this.checking = undefined;
    });
    const state = await this.checking;
    if (state.error) throw state.error;
    return state;
  }

  /** How it differs from what is wanted, which does not matter for using it. Throws if it cannot be used. */
  protected compare({ config }: StreamInfo): CodedError | undefined {
    return compareStreams(config, this.wanted.config);
  }

  private async check(): Promise<StreamState> {
    let state: StreamState;
    try {
      const info = await this.findOrMake();
      state = { info, differs: info && this.compare(info) };
    } catch (error) {
      state = { info: this.state.info, error: error as CodedError };
    }
    this.state = state;
    this.isReady = !state.error;
    this.onState(state);
    return state;
  }

  private async findOrMake(): Promise<StreamInfo | undefined> {
    const { config, create } = this.wanted;
    const { name } = config;
    try {
      return await this.find();
    } catch (error) {
      const { code } = error as CodedError;
      if (code === 'PERMISSION') return undefined;
      if (code !== 'NO_STREAM' || !create) throw error;
    }
    if (this.info) await delay(DELETED_MS, undefined, { ref: false });
    try {
      return await this.api.request<StreamInfo>(`STREAM.CREATE.${name}`, config, { stream: name });
    } catch (error) {
      // Someone else may have made it in the meantime, in another way.
      return await this.find().catch(() => {
        throw error;
      });
    }
  }

  private async find(): Promise<StreamInfo> {
    const { name } = this;
    const info = await this.api.request<Partial<StreamInfo>>(`STREAM.INFO.${name}`, undefined, { stream: name });
    // A server that is deleting it at this moment may say nothing about it.
    if (!info.config || !info.state) throw new CodedError('NO_STREAM', { stream: name });
    return info as StreamInfo;
  }
}
