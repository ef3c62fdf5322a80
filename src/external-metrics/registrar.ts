import { issueAuthority, issueServing } from './issuer.ts';
import { AppliedObjects } from '../operator/applied.ts';
import type { KubeObject, OwnerReference } from '../operator/kube-object.ts';
import { METRICS_API_SERVICE, type ServiceAt } from '../operator/metrics-provider.ts';
import type { MetricsProvider } from '../operator/ports.ts';
import { retryAfterMs, WorkQueue } from '../operator/work-queue.ts';
import { TidemarkError } from '../pipeline/error.ts';
import type { Logger } from '../pipeline/logger.ts';
import { apiService, publishedAuthorities, serverNames } from './api-service.ts';
import { Corrections } from './corrections.ts';
import { materialIn, secretContent, type KeyMaterial, type KeySecret } from './key-material.ts';
import {
  AUTHORITY_LIFE_MS,
  CERTIFICATE_LIFE_MS,
  rotationStep,
  trustedWith,
  type RotationStep,
} from './rotation.ts';

export interface RegistrarOptions {
  /** The Service in front of all operators. The Secret has its name, and is in its namespace. */
  readonly service: ServiceAt;
  /** As the copy of the cluster has it. */
  readonly registered: () => {
    readonly object: KubeObject | undefined;
    readonly provider: MetricsProvider | undefined;
  };
  readonly effects: RegistrarEffects;
  /** `isContested` is another from now on. */
  readonly onContest: () => void;
  readonly logger: Logger;
  readonly nowMs: () => number;
  readonly random: () => number;
}

export interface RegistrarEffects {
  /** As it is now, not as a copy has it. */
  readSecret(): Promise<KeySecret | undefined>;
  /** Whom Secret and APIService go with; undefined: it does not exist. */
  findOwner(): Promise<OwnerReference | undefined>;
  /**
   * Server-side apply; fails once another may be the leader, and where the object is at another version than it says.
   * Without force it also fails where another manages one of the fields and has another value.
   */
  apply(object: KubeObject, options: { readonly force: boolean }): Promise<KubeObject>;
}

/**
 * What the leader does for external metrics: authority and certificate in a Secret, which all operators read, and the
 * APIService that leads to them. Another provider's APIService is left alone.
 */
export class Registrar {
  readonly #options: RegistrarOptions;
  readonly #queue: WorkQueue;
  readonly #applied = new AppliedObjects();
  readonly #corrections = new Corrections();
  #toldOf: string | undefined;
  #isContested = false;

  constructor(options: RegistrarOptions) {
    this.#options = options;
    const { logger, random } = options;
    this.#queue = new WorkQueue({
      workers: 1,
      handle: () => this.#reconcile(),
      onFailure: (_key, error, failures) => {
        const againMs = retryAfterMs(failures, random());
        const { code, message, remedy } = wordsOf(error);
        const fields = { code, error: message, remedy, failures, againMs: Math.round(againMs) };
        if (code !== 'LEASE_LOST')
          logger[failures === 2 || failures % 10 === 0 ? 'warn' : 'debug'](
            fields,
            'external metrics failed, and are tried again',
          );
        return againMs;
      },
    });
  }

  /** Until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    this.look();
    await this.#queue.run(signal);
  }

  /** Another one changes the APIService back whenever it is put right, so that API servers do not trust us. */
  get isContested(): boolean {
    return this.#isContested;
  }

  /** Secret or APIService may have changed. */
  look(): void {
    this.#queue.add('external metrics');
  }

  async #reconcile(): Promise<number> {
    const owner = await this.#options.effects.findOwner();
    if (owner === undefined) throw ownerMissing();
    const { object, provider } = this.#options.registered();
    this.#tellOf(provider);
    const published = provider === 'tidemark' ? object : undefined;
    const material = await this.#rotated(owner, published);
    if (typeof provider === 'object') return LOOK_EVERY_MS;
    return this.#register(material, owner, published);
  }

  /** Takes the step that is due, if one is. */
  async #rotated(owner: OwnerReference, published: KubeObject | undefined): Promise<KeyMaterial> {
    const { effects, service, logger, nowMs } = this.#options;
    const secret = await effects.readSecret();
    const material = materialIn(secret);
    const isPublished =
      material !== undefined &&
      published !== undefined &&
      publishedAuthorities(published) === material.authorities;
    const step = rotationStep(material, { serverNames: serverNames(service), isPublished, nowMs: nowMs() });
    if (step.kind === 'nothing' && material !== undefined) return material;
    const next = await take(step, material, serverNames(service), nowMs());
    const object = atVersionOf(secret, keySecret(service, owner, next));
    await effects.apply(object, { force: secret !== undefined });
    logger.info({ secret: service.name, step: step.kind, why: step.why }, 'certificates of external metrics');
    return next;
  }

  /** Returns when it has to be looked at again. */
  async #register(
    { authorities }: KeyMaterial,
    owner: OwnerReference,
    live: KubeObject | undefined,
  ): Promise<number> {
    const { service, effects, logger, nowMs } = this.#options;
    const desired = apiService(service, authorities, owner);
    if (live === undefined) this.#applied.forget(desired);
    if (!this.#applied.isDue(desired, live)) {
      if (this.#corrections.isQuiet(nowMs())) this.#contest(false);
      return LOOK_EVERY_MS;
    }
    const waitMs = live === undefined ? 0 : this.#corrections.waitMs(nowMs());
    if (waitMs > 0) {
      this.#contest(true);
      return waitMs;
    }
    // Neither the copy nor we may overlook that another has registered just now.
    const after = await effects.apply(atVersionOf(live, desired), { force: live !== undefined });
    this.#applied.note(desired, after);
    if (live?.metadata.resourceVersion === after.metadata.resourceVersion) return LOOK_EVERY_MS;
    if (live !== undefined) this.#corrections.made(nowMs());
    logger.info({ apiService: desired.metadata.name, service }, 'registered for external metrics');
    return LOOK_EVERY_MS;
  }

  #contest(isContested: boolean): void {
    if (this.#isContested === isContested) return;
    this.#isContested = isContested;
    this.#options.onContest();
    if (!isContested) return;
    const remedy =
      'KEDA does so while it runs, whosever the registration is: let KEDA register and set externalMetrics to false in the values of the chart, or uninstall KEDA.';
    this.#options.logger.warn(
      { apiService: METRICS_API_SERVICE, remedy },
      'another one changes the registration for external metrics again and again; it is put right five times a minute at most',
    );
  }

  #tellOf(provider: MetricsProvider | undefined): void {
    const other = typeof provider === 'object' ? provider.other : undefined;
    if (other !== undefined && other !== this.#toldOf) {
      const remedy = 'Pipelines scale by it with spec.scaling.metrics: keda or prometheus.';
      this.#options.logger.warn({ service: other, remedy }, 'another provider serves external metrics');
    }
    this.#toldOf = other;
  }
}

async function take(
  step: RotationStep,
  before: KeyMaterial | undefined,
  names: readonly string[],
  nowMs: number,
): Promise<KeyMaterial> {
  if (step.kind === 'begin' || before === undefined) {
    const authority = await issueAuthority(AUTHORITY_LIFE_MS, nowMs);
    return {
      authorities: authority.certificate,
      authorityKey: authority.privateKey,
      authorityAddedMs: undefined,
      ...(await issueServing(authority, names, CERTIFICATE_LIFE_MS, nowMs)),
    };
  }
  if (step.kind === 'add authority') {
    const { certificate, privateKey } = await issueAuthority(AUTHORITY_LIFE_MS, nowMs);
    const authorities = trustedWith(certificate, before.authorities, nowMs);
    return { ...before, authorities, authorityKey: privateKey, authorityAddedMs: nowMs };
  }
  const signing = { certificate: before.authorities, privateKey: before.authorityKey };
  return { ...before, ...(await issueServing(signing, names, CERTIFICATE_LIFE_MS, nowMs)) };
}

function keySecret({ name, namespace }: ServiceAt, owner: OwnerReference, material: KeyMaterial): KubeObject {
  const { annotations, data } = secretContent(material);
  const metadata = { name, namespace, annotations, ownerReferences: [owner] };
  return { apiVersion: 'v1', kind: 'Secret', metadata, data } as KeySecret;
}

/** If another has written since `seen` was read, the API server refuses, and it is looked at again. */
function atVersionOf(seen: KubeObject | undefined, object: KubeObject): KubeObject {
  const { resourceVersion } = seen?.metadata ?? {};
  return resourceVersion === undefined
    ? object
    : { ...object, metadata: { ...object.metadata, resourceVersion } };
}

function ownerMissing(): TidemarkError {
  return new TidemarkError(
    'EXTERNAL_METRICS_OWNER',
    'the ClusterRole that the registration for external metrics goes with does not exist',
    'Install it as the chart does, with externalMetrics: true; or do not set TIDEMARK_EXTERNAL_METRICS.',
  );
}

function wordsOf(error: unknown): { code?: string; message: string; remedy?: string } {
  if (error instanceof TidemarkError) return error;
  return { message: error instanceof Error ? error.message : String(error) };
}

/** What has to be seen in time without a change: a certificate that has become old. */
const LOOK_EVERY_MS = 60_000;
