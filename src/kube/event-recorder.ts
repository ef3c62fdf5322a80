import { createHash } from 'node:crypto';
import type { KubeObject } from '../operator/kube-object.ts';
import type { Note } from '../operator/note.ts';
import type { Logger } from '../pipeline/logger.ts';
import { hasStatus } from './api-error.ts';
import { KINDS, pathOf } from './kinds.ts';
import type { ObjectWriter } from './object-writer.ts';

/** What of an event that was written is needed when the same happens again. */
interface Told {
  readonly path: string;
  count: number;
  writtenAtMs: number;
}

/**
 * Events of events.k8s.io/v1. The same about the same object is one event with a count, written at most every half a
 * minute: what is retried for an hour must not fill the cluster's memory.
 */
export class EventRecorder {
  readonly #writer: ObjectWriter;
  readonly #instance: string;
  readonly #logger: Logger;
  readonly #told = new Map<string, Told>();

  constructor(writer: ObjectWriter, instance: string, logger: Logger) {
    this.#writer = writer;
    this.#instance = instance;
    this.#logger = logger;
  }

  /** Never rejects: that an event is missing is logged, and no reason to stop. */
  async record(regarding: KubeObject, note: Note): Promise<void> {
    const key = digestOf([regarding.metadata.uid, note.type, note.reason, note.text]);
    try {
      const told = this.#told.get(key);
      if (told === undefined || Date.now() - told.writtenAtMs > FORGET_AFTER_MS)
        await this.#first(key, regarding, note);
      else await this.#again(key, told);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#logger.warn({ reason: note.reason, error: why }, 'an event could not be written');
    }
  }

  async #first(key: string, regarding: KubeObject, note: Note): Promise<void> {
    const { namespace = 'default', name, uid, resourceVersion } = regarding.metadata;
    const nowMs = Date.now();
    const eventName = `${name.slice(0, 200)}.${nowMs.toString(16)}${key.slice(0, 8)}`;
    const path = pathOf(KINDS.Event, namespace);
    await this.#writer.send({
      method: 'POST',
      path,
      body: {
        apiVersion: KINDS.Event.apiVersion,
        kind: KINDS.Event.kind,
        metadata: { name: eventName, namespace },
        eventTime: microTime(nowMs),
        reportingController: 'tidemark.dev/operator',
        reportingInstance: this.#instance.slice(0, 128),
        type: note.type,
        reason: note.reason,
        action: note.action,
        note: note.text.slice(0, 1024),
        regarding: {
          apiVersion: regarding.apiVersion,
          kind: regarding.kind,
          namespace,
          name,
          uid,
          resourceVersion,
        },
      },
    });
    if (this.#told.size >= MOST_TOLD) this.#told.clear();
    this.#told.set(key, { path: `${path}/${eventName}`, count: 1, writtenAtMs: nowMs });
  }

  async #again(key: string, told: Told): Promise<void> {
    told.count += 1;
    const nowMs = Date.now();
    if (nowMs - told.writtenAtMs < WRITE_EVERY_MS) return;
    try {
      await this.#writer.send({
        method: 'PATCH',
        path: told.path,
        contentType: 'application/merge-patch+json',
        body: { series: { count: told.count, lastObservedTime: microTime(nowMs) } },
      });
      told.writtenAtMs = nowMs;
    } catch (error) {
      if (!hasStatus(error, 404)) throw error;
      this.#told.delete(key); // the cluster has forgotten it, after an hour
    }
  }
}

function microTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z');
}

function digestOf(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

const WRITE_EVERY_MS = 30_000;
const FORGET_AFTER_MS = 1_800_000;
const MOST_TOLD = 2_000;
