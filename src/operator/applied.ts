import { createHash } from 'node:crypto';
import { titleOf, without, type KubeObject } from './kube-object.ts';

/** What was applied, and what the object was then. */
interface Applied {
  readonly desired: string;
  readonly live: string;
  readonly version: bigint;
}

/**
 * Which objects are as they were when they were last applied. The API server fills in defaults and rewrites values, so
 * what is asked for cannot be compared with what is there; what was there after it was applied can be.
 */
export class AppliedObjects {
  readonly #applied = new Map<string, Applied>();

  /**
   * Whether the object has to be applied: it is missing, was changed by another, or has to be something else. `live`
   * may be older than what was applied last, or not there yet; then nothing can be said against the object.
   */
  isDue(desired: KubeObject, live: KubeObject | undefined): boolean {
    const last = this.#applied.get(keyIn(desired));
    if (last?.desired !== digest(desired)) return true;
    if (live === undefined || versionOf(live) <= last.version) return false;
    return last.live !== digest(bare(live));
  }

  note(desired: KubeObject, live: KubeObject): void {
    this.#applied.set(keyIn(desired), {
      desired: digest(desired),
      live: digest(bare(live)),
      version: versionOf(live),
    });
  }

  /** The object is gone. */
  forget(object: KubeObject): void {
    this.#applied.delete(keyIn(object));
  }
}

/** Versions of one kind grow (KEP-5504). */
function versionOf({ metadata }: KubeObject): bigint {
  return BigInt(metadata.resourceVersion ?? 0);
}

/** Without what changes by itself: the status, and what the API server counts. */
function bare(object: KubeObject): object {
  const metadata = without(object.metadata, COUNTED);
  const annotations = without(metadata.annotations ?? {}, [REVISION]);
  return { ...without(object, ['status']), metadata: { ...metadata, annotations } };
}

const COUNTED = ['resourceVersion', 'generation', 'managedFields', 'creationTimestamp'];

/** Counted up by the Deployment controller. */
const REVISION = 'deployment.kubernetes.io/revision';

function keyIn(object: KubeObject): string {
  return `${object.metadata.namespace ?? ''}/${titleOf(object)}`;
}

function digest(value: object): string {
  return createHash('sha256').update(JSON.stringify(value, sortKeys)).digest('base64');
}

/** The API server's order of keys is its own. */
function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
