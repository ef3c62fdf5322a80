import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../pipeline/logger.ts';
import type { ApiClient } from './api-client.ts';
import { hasStatus } from './api-error.ts';
import { KINDS, pathOf } from './kinds.ts';
import { claimOf, type Claim, type Lease, type LeaseTimes, type Sighting } from './lease.ts';

export interface ElectorOptions {
  readonly namespace: string;
  readonly name: string;
  /** Ours; no two processes may have the same. */
  readonly identity: string;
  readonly times?: LeaseTimes;
  readonly logger: Logger;
  readonly random: () => number;
}

/** A time during which we are the leader and may write. */
export class Term {
  readonly #ended = new AbortController();
  #untilMs: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(untilMs: number) {
    this.#untilMs = untilMs;
    this.extend(untilMs);
  }

  /** Aborted when the term is over; every write carries it. */
  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  /**
   * Whether a write may start now. Asks the clock itself: in a process that was stopped and wakes up, timers that are
   * overdue have not run yet.
   */
  get isOver(): boolean {
    if (performance.now() >= this.#untilMs) this.end();
    return this.#ended.signal.aborted;
  }

  extend(untilMs: number): void {
    if (this.isOver) return;
    this.#untilMs = untilMs;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.end();
    }, untilMs - performance.now());
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#ended.abort(new Error('the lease is lost'));
  }
}

/**
 * One leader among several operators, by a Lease that the leader keeps renewing.
 *
 * A leader that cannot renew stops after `renewWithinMs`; another takes the lease only after `durationMs` without a
 * renewal. Both count from clocks of their own, from a moment before the renewal was sent and one after it was seen, so
 * that no agreement of clocks is needed, and the leader stops first. The time between is for writes under way.
 */
export class LeaseElector {
  readonly #client: ApiClient;
  readonly #options: ElectorOptions;
  readonly #times: LeaseTimes;
  #sighting: Sighting | undefined;

  constructor(client: ApiClient, options: ElectorOptions) {
    this.#client = client;
    this.#options = options;
    this.#times = options.times ?? LEASE_TIMES;
  }

  /** Leads again and again, `lead` once per term; it must end soon after the term's signal. Ends with the signal. */
  async run(lead: (term: Term) => Promise<void>, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const term = await this.#acquire(signal);
      if (term === undefined) return;
      const { identity, logger } = this.#options;
      logger.info({ identity }, 'leading');
      const renewing = this.#renew(term, signal);
      const resign = () => {
        term.end();
      };
      signal.addEventListener('abort', resign, { once: true });
      try {
        await lead(term);
      } finally {
        signal.removeEventListener('abort', resign);
        term.end();
        await renewing;
      }
      logger.warn({ identity }, 'no longer leading');
    }
    await this.#release();
  }

  /** The beginning of a term; undefined when the signal came first. */
  async #acquire(signal: AbortSignal): Promise<Term | undefined> {
    while (!signal.aborted) {
      const askedMs = performance.now();
      if (await this.#claim(signal)) return new Term(askedMs + this.#times.renewWithinMs);
      await this.#wait(signal);
    }
    return undefined;
  }

  async #renew(term: Term, signal: AbortSignal): Promise<void> {
    for (;;) {
      await this.#wait(AbortSignal.any([term.signal, signal]));
      if (term.isOver || signal.aborted) return;
      const askedMs = performance.now();
      if (await this.#claim(term.signal)) term.extend(askedMs + this.#times.renewWithinMs);
      else if (this.#isOthers()) term.end();
    }
  }

  #isOthers(): boolean {
    const holder = this.#sighting?.lease.spec.holderIdentity;
    return holder !== undefined && holder !== '' && holder !== this.#options.identity;
  }

  /** Tries to take or renew the lease, once. Whether it is ours now. */
  async #claim(signal: AbortSignal): Promise<boolean> {
    const { identity, logger } = this.#options;
    try {
      const lease = await this.#read(signal);
      const claim = claimOf(this.#sightingOf(lease), identity, this.#times, Date.now(), performance.now());
      return claim !== undefined && (await this.#write(lease === undefined ? 'POST' : 'PUT', claim, signal));
    } catch (error) {
      if (hasStatus(error, 409)) return false; // another was quicker
      logger.debug(
        { error: error instanceof Error ? error.message : String(error) },
        'the lease cannot be had now',
      );
      return false;
    }
  }

  /** A lease that was seen before, as it is now, was seen then first. */
  #sightingOf(lease: Lease | undefined): Sighting | undefined {
    const isKnown = lease?.metadata.resourceVersion === this.#sighting?.lease.metadata.resourceVersion;
    if (!isKnown) this.#sighting = lease && { lease, atMs: performance.now() };
    return this.#sighting;
  }

  async #read(signal: AbortSignal): Promise<Lease | undefined> {
    const { namespace, name } = this.#options;
    try {
      return (await this.#client.send({
        method: 'GET',
        path: pathOf(KINDS.Lease, namespace, name),
        signal,
        timeoutMs: this.#times.retryMs * 2,
      })) as Lease;
    } catch (error) {
      if (hasStatus(error, 404)) return undefined;
      throw error;
    }
  }

  async #write(method: 'POST' | 'PUT', claim: Claim, signal?: AbortSignal): Promise<true> {
    const { namespace, name } = this.#options;
    const lease = (await this.#client.send({
      method,
      path: pathOf(KINDS.Lease, namespace, method === 'PUT' ? name : undefined),
      body: {
        apiVersion: KINDS.Lease.apiVersion,
        kind: KINDS.Lease.kind,
        ...claim,
        metadata: { ...claim.metadata, name, namespace },
      },
      signal,
      timeoutMs: this.#times.retryMs * 2,
    })) as Lease;
    this.#sighting = { lease, atMs: performance.now() };
    return true;
  }

  /** Lets another begin at once, if the lease is ours. */
  async #release(): Promise<void> {
    const { identity, logger } = this.#options;
    try {
      const lease = await this.#read(AbortSignal.timeout(this.#times.retryMs));
      if (lease?.spec.holderIdentity !== identity) return;
      const spec = { ...lease.spec, holderIdentity: '', leaseDurationSeconds: 1 };
      await this.#write('PUT', { metadata: { resourceVersion: lease.metadata.resourceVersion }, spec });
    } catch (error) {
      logger.warn(
        { error: error instanceof Error ? error.message : String(error) },
        'the lease runs out by itself',
      );
    }
  }

  async #wait(signal: AbortSignal): Promise<void> {
    const ms = this.#times.retryMs * (0.8 + 0.4 * this.#options.random());
    await delay(ms, undefined, { signal }).catch(() => undefined); // the caller looks at the signal
  }
}

/** As Kubernetes' own controllers have them. */
export const LEASE_TIMES: LeaseTimes = { durationMs: 15_000, renewWithinMs: 10_000, retryMs: 2_000 };
