import type { KubeObject } from '../operator/kube-object.ts';
import type { ApiClient, ApiRequest } from './api-client.ts';
import { ApiError } from './api-error.ts';

/** One line of a watch. With `ERROR` the object is a `Status`, with `BOOKMARK` it has a version alone. */
export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: KubeObject;
}

export interface WatchRequest {
  readonly path: string;
  readonly query: NonNullable<ApiRequest['query']>;
  /** Silence after which the watch is taken to be dead, though its connection stands. */
  readonly silenceMs: number;
  readonly signal: AbortSignal;
}

/** What changes, as it changes. Ends when the server ends the watch or falls silent; throws an ApiError if it breaks. */
export async function* watchEvents(
  client: ApiClient,
  { path, query, silenceMs, signal }: WatchRequest,
): AsyncGenerator<WatchEvent> {
  const silence = new AbortController();
  const timer = setTimeout(() => {
    silence.abort();
  }, silenceMs);
  try {
    const lines = client.lines({
      method: 'GET',
      path,
      query: { ...query, watch: true, allowWatchBookmarks: true },
      signal: AbortSignal.any([signal, silence.signal]),
    });
    for await (const line of lines) {
      timer.refresh();
      if (line !== '') yield JSON.parse(line) as WatchEvent;
    }
  } catch (error) {
    if (!silence.signal.aborted) throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** The error that an `ERROR` event tells of. */
export function refusalOf(path: string, told: unknown): ApiError {
  const {
    code = 0,
    reason = 'Unknown',
    message = 'no message',
  } = told as {
    code?: number;
    reason?: string;
    message?: string;
  };
  return new ApiError(`watch ${path}`, { status: code, reason, message });
}
