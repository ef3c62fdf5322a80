import type { KubeObject } from '../../src/operator/kube-object.ts';
import type { Note } from '../../src/operator/note.ts';
import type { ClusterEffects, ClusterView, MetricsProvider } from '../../src/operator/ports.ts';

/** A cluster that holds what it is given, and remembers what was done to it. */
export class MemoryCluster implements ClusterView, ClusterEffects {
  readonly notes: Note[] = [];
  readonly removed: KubeObject[] = [];
  readonly statuses: object[] = [];
  hasStrimzi = false;
  hasPodMonitor = false;
  hasKeda = false;
  metricsProvider: MetricsProvider | undefined = 'tidemark';
  readonly #resources = new Map<string, KubeObject>();
  readonly #objects: KubeObject[] = [];
  #version = 0;

  putResource(resource: KubeObject): void {
    this.#resources.set(`${resource.metadata.namespace ?? ''}/${resource.metadata.name}`, resource);
  }

  put(object: KubeObject): void {
    const at = this.#objects.findIndex((each) => isSame(each, object));
    if (at >= 0) this.#objects.splice(at, 1);
    this.#objects.push(object);
  }

  resources(): Iterable<KubeObject> {
    return this.#resources.values();
  }

  resource(key: string): KubeObject | undefined {
    return this.#resources.get(key);
  }

  objects(namespace: string): readonly KubeObject[] {
    return this.#objects.filter(({ metadata }) => metadata.namespace === namespace);
  }

  pods(): readonly KubeObject[] {
    return [];
  }

  kafkaTopics(): readonly KubeObject[] {
    return [];
  }

  /** The parts that are given replace those that are there. */
  apply(object: KubeObject): Promise<KubeObject> {
    const before = this.#objects.find((each) => isSame(each, object));
    const resourceVersion = String(++this.#version);
    const after = {
      ...before,
      ...object,
      metadata: { ...before?.metadata, ...object.metadata, resourceVersion },
      spec: { ...(before?.spec ?? {}), ...(object.spec ?? {}) },
    };
    this.put(after);
    return Promise.resolve(after);
  }

  applyStatus(resource: KubeObject, status: object): Promise<KubeObject> {
    this.statuses.push(status);
    const after = { ...resource, status };
    this.putResource(after);
    return Promise.resolve(after);
  }

  remove(object: KubeObject): Promise<void> {
    this.removed.push(object);
    const at = this.#objects.findIndex((each) => isSame(each, object));
    if (at >= 0) this.#objects.splice(at, 1);
    return Promise.resolve();
  }

  record(_regarding: KubeObject, note: Note): Promise<void> {
    this.notes.push(note);
    return Promise.resolve();
  }
}

function isSame(a: KubeObject, b: KubeObject): boolean {
  return (
    a.kind === b.kind && a.metadata.name === b.metadata.name && a.metadata.namespace === b.metadata.namespace
  );
}
