import { afterEach, expect, test } from '@jest/globals';
import type { KeySecret } from '../../../src/external-metrics/key-material.ts';
import { Registrar } from '../../../src/external-metrics/registrar.ts';
import type { KubeObject } from '../../../src/operator/kube-object.ts';
import { until } from '../../support/until.ts';

/** An API server with the two objects, and another one who changes the APIService back at once while it `insists`. */
class Contested {
  nowMs = Date.UTC(2026, 0, 2);
  insists = true;
  writes = 0;
  apiService: KubeObject | undefined;
  readonly warnings: string[] = [];
  /** What was told, one after the other. */
  readonly contests: boolean[] = [];
  readonly registrar: Registrar;
  #secret: KeySecret | undefined;
  #version = 0;

  constructor() {
    this.registrar = new Registrar({
      service: { namespace: 'tidemark', name: 'tidemark-external-metrics' },
      registered: () => ({
        object: this.apiService,
        provider: this.apiService === undefined ? undefined : 'tidemark',
      }),
      effects: {
        readSecret: () => Promise.resolve(this.#secret),
        findOwner: () =>
          Promise.resolve({ apiVersion: 'v1', kind: 'ClusterRole', name: 'one', uid: 'a-uid' }),
        apply: (object) => Promise.resolve(this.#apply(object)),
      },
      onContest: () => {
        this.contests.push(this.registrar.isContested);
      },
      logger: {
        debug: () => undefined,
        info: () => undefined,
        warn: (_fields, message) => this.warnings.push(message),
        error: () => undefined,
      },
      nowMs: () => this.nowMs,
      random: () => 0.5,
    });
  }

  /** As a watch tells of it. */
  change(caBundle: string): void {
    const { spec } = this.apiService as KubeObject & { spec: object };
    this.apiService = this.#versioned({ ...this.apiService, spec: { ...spec, caBundle } } as KubeObject);
    this.registrar.look();
  }

  #apply(object: KubeObject): KubeObject {
    const written = this.#versioned(object);
    if (object.kind === 'Secret') this.#secret = written;
    else {
      this.apiService = written;
      this.writes++;
      if (this.insists && this.writes < ENDLESS)
        setImmediate(() => {
          this.change('dGhlaXJz');
        });
    }
    return written;
  }

  #versioned(object: KubeObject): KubeObject {
    return { ...object, metadata: { ...object.metadata, resourceVersion: String(++this.#version) } };
  }
}

const ENDLESS = 50;
const ended = new AbortController();

afterEach(() => {
  ended.abort();
});

test('one who changes the registration back again and again is told of, and is not answered without an end', async () => {
  const cluster = new Contested();
  const running = cluster.registrar.run(ended.signal);
  await until('it is told', () => cluster.warnings.length > 0);
  expect(cluster.writes).toBe(6); // the first, and five that put it right
  expect(cluster.warnings).toEqual([expect.stringContaining('again and again')]);
  expect(cluster.contests).toEqual([true]);

  // A minute later it is tried again, and now that is the end of it.
  cluster.insists = false;
  cluster.nowMs += 60_000;
  cluster.registrar.look();
  await until('it is put right', () => cluster.writes === 7);
  cluster.change('dGhlaXJz');
  await until('a single change is put right at once', () => cluster.writes === 8);
  cluster.nowMs += 60_000;
  cluster.registrar.look();
  await until('after a quiet minute the contest is over', () => cluster.contests.length === 2);
  ended.abort();
  await running;
  expect(cluster.contests).toEqual([true, false]);
  expect(cluster.warnings).toHaveLength(1);
});
