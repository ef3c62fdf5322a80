import { setTimeout as delay } from 'node:timers/promises';
import { keyOf, without, type KubeObject } from '../operator/kube-object.ts';
import type { Logger } from '../pipeline/logger.ts';
import type { ApiClient } from './api-client.ts';
import { ApiError, hasStatus } from './api-error.ts';
import { BackOff } from '../pipeline/back-off.ts';
import { listAll } from './list.ts';
import { pathOf, type Kind } from './kinds.ts';
import { refusalOf, watchEvents, type WatchEvent } from './watch.ts';

export interface ReflectorOptions {
  readonly kind: Kind;
  /** Undefined: all namespaces. */
  readonly namespace: string | undefined;
  readonly labelSelector?: string;
  /** The object of this name alone; a right to list and watch may be given for it. */
  readonly name?: string;
  /** The kind's CRD may be missing: then there are no objects, and it is looked for again and again. */
  readonly isOptional?: boolean;
  /** Told of each object that came, changed or went (`isGone`), from lists and watches alike. */
  readonly onChange: (object: KubeObject, isGone: boolean) => void;
  readonly logger: Logger;
  readonly random: () => number;
  /** A watch that brings nothing for so long, not even a bookmark, is opened anew. */
  readonly silenceMs?: number;
}

/**
 * Keeps a copy of all objects of a kind, for good:
 *
 *            ┌──────────── 410: what was seen is too old ───────────┐
 *            ▼                                                      │
 *   list, page by page ──▶ watch from the list's version ──▶ ends, breaks, falls silent
 *            ▲                          ▲                           │
 *      error: wait                      └── go on where it ended ───┘
 *
 * Whatever the API server answers, it goes on after a while that grows and is spread; only the signal ends it.
 */
export class Reflector {
  readonly #client: ApiClient;
  readonly #options: ReflectorOptions;
  readonly #objects = new Map<string, KubeObject>();
  readonly #backOff: BackOff;
  /** The version to watch from; undefined: list first. */
  #version: string | undefined;
  readonly #listed = Promise.withResolvers<undefined>();
  readonly #answered = Promise.withResolvers<undefined>();
  #hasListed = false;
  #isMissing = false;
  #isRefused = false;

  constructor(client: ApiClient, options: ReflectorOptions) {
    this.#client = client;
    this.#options = options;
    this.#backOff = new BackOff({ firstMs: 100, mostMs: 20_000, random: options.random });
  }

  /** Whether the copy was complete once. */
  get hasSynced(): boolean {
    return this.#hasListed;
  }

  /** When it is. */
  get synced(): Promise<undefined> {
    return this.#listed.promise;
  }

  /** When it is, or the API server has said that we may not list. */
  get answered(): Promise<undefined> {
    return this.#answered.promise;
  }

  /** Whether the API server said so last. */
  get isRefused(): boolean {
    return this.#isRefused;
  }

  /** Whether the API server does not know the kind: its CRD is not installed. */
  get isMissing(): boolean {
    return this.#isMissing;
  }

  get kind(): Kind {
    return this.#options.kind;
  }

  get(key: string): KubeObject | undefined {
    return this.#objects.get(key);
  }

  all(): IterableIterator<KubeObject> {
    return this.#objects.values();
  }

  /** Until the signal; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        if (this.#version === undefined) await this.#list(signal);
        else await this.#watch(this.#version, signal);
      } catch (error) {
        await this.#recover(error, signal);
      }
    }
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { kind, namespace, onChange } = this.#options;
    const { items, version } = await listAll(this.#client, { kind, namespace, ...this.#selectors, signal });
    const listed = new Map(items.map((item) => [keyOf(item), item]));
    for (const [key, object] of this.#objects) {
      if (listed.has(key)) continue;
      this.#objects.delete(key);
      onChange(object, true);
    }
    for (const object of items) this.#keep(object);
    this.#version = version;
    this.#isMissing = false;
    this.#noteListed();
    this.#backOff.succeeded();
  }

  async #watch(version: string, signal: AbortSignal): Promise<void> {
    const { kind, namespace, silenceMs = SILENCE_MS, random } = this.#options;
    const openedMs = performance.now();
    const serverEndsAfterS = Math.round(300 * (1 + random())); // spread, so that not all are renewed at once
    const events = watchEvents(this.#client, {
      path: pathOf(kind, namespace),
      query: { ...this.#selectors, resourceVersion: version, timeoutSeconds: serverEndsAfterS },
      silenceMs,
      signal,
    });
    for await (const event of events) this.#take(event);
    // A server that ends watches as soon as they are opened is in trouble.
    if (performance.now() - openedMs < 1_000) await this.#pause(0, signal);
  }

  get #selectors() {
    const { labelSelector, name } = this.#options;
    return { labelSelector, fieldSelector: name === undefined ? undefined : `metadata.name=${name}` };
  }

  #take(event: WatchEvent): void {
    const { type, object } = event;
    if (type === 'ERROR') throw refusalOf(pathOf(this.#options.kind, this.#options.namespace), object);
    this.#version = object.metadata.resourceVersion;
    this.#backOff.succeeded();
    if (type === 'BOOKMARK') return;
    if (type === 'DELETED') {
      this.#objects.delete(keyOf(object));
      this.#options.onChange(object, true);
    } else {
      this.#keep(object);
    }
  }

  #keep(object: KubeObject): void {
    const { apiVersion, kind } = this.#options.kind;
    const before = this.#objects.get(keyOf(object));
    if (before?.metadata.resourceVersion === object.metadata.resourceVersion) return;
    const replaced = before !== undefined && before.metadata.uid !== object.metadata.uid;
    // Items of a list do not say their kind; who manages which field would be most of the memory.
    const metadata = without(object.metadata, ['managedFields']);
    const kept = { ...object, apiVersion, kind, metadata };
    this.#objects.set(keyOf(object), kept);
    if (replaced) this.#options.onChange(before, true);
    this.#options.onChange(kept, false);
  }

  async #recover(error: unknown, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const { kind, namespace, logger, isOptional = false } = this.#options;
    const refused = error instanceof ApiError ? error : undefined;
    if (hasStatus(error, 410)) {
      this.#version = undefined;
      logger.debug({ kind: kind.kind }, 'what was watched is too old; listing again');
      await this.#pause(0, signal);
      return;
    }
    if (isOptional && hasStatus(error, 404)) {
      this.#forgetAll();
      await pause(MISSING_AGAIN_MS * (1 + this.#options.random()), signal);
      return;
    }
    // A watch that is refused outright is no way on; a list is.
    if (refused !== undefined && refused.status >= 400 && refused.status !== 429 && refused.status < 500) {
      this.#version = undefined;
    }
    if (hasStatus(error, 403)) {
      this.#isRefused = true;
      this.#answered.resolve(undefined);
    }
    const waitedMs = await this.#pause(refused?.retryAfterMs ?? 0, signal);
    const message = error instanceof Error ? error.message : String(error);
    const isSerious = refused !== undefined && [401, 403, 404].includes(refused.status);
    logger[isSerious ? 'warn' : 'debug'](
      { kind: kind.kind, namespace, error: message, waitedMs },
      'watching goes on after an error',
    );
  }

  #forgetAll(): void {
    for (const object of this.#objects.values()) this.#options.onChange(object, true);
    this.#objects.clear();
    this.#version = undefined;
    this.#isMissing = true;
    this.#noteListed();
  }

  #noteListed(): void {
    this.#isRefused = false;
    this.#hasListed = true;
    this.#listed.resolve(undefined);
    this.#answered.resolve(undefined);
  }

  async #pause(atLeastMs: number, signal: AbortSignal): Promise<number> {
    const ms = Math.round(this.#backOff.next(atLeastMs));
    await pause(ms, signal);
    return ms;
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(theSignalEndsIt);
}

function theSignalEndsIt(): void {
  // Whoever waits looks at the signal next.
}

/** Bookmarks come about once a minute. */
const SILENCE_MS = 150_000;
const MISSING_AGAIN_MS = 10_000;
