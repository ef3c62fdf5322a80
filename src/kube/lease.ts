/** `durationMs` must be the longest by far: what is left of it after `renewWithinMs` is for writes under way. */
export interface LeaseTimes {
  /** Another may take a lease that was not renewed for so long. */
  readonly durationMs: number;
  /** A leader that could not renew for so long stops. */
  readonly renewWithinMs: number;
  /** Between two tries to take or renew it. */
  readonly retryMs: number;
}

/** Of coordination.k8s.io/v1. */
export interface Lease {
  readonly metadata: { readonly resourceVersion: string };
  readonly spec: LeaseSpec;
}

export interface LeaseSpec {
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  readonly acquireTime?: string;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
}

/** A lease, and when it was first seen like this, by our own steady clock. */
export interface Sighting {
  readonly lease: Lease;
  readonly atMs: number;
}

/** What to write; with a version, only if the lease is still at it. */
export interface Claim {
  readonly metadata: { readonly resourceVersion?: string };
  readonly spec: LeaseSpec;
}

/**
 * What to write to take or to renew the lease; undefined while it is another's. `wallMs` is the time of day, for
 * people who read the lease, `nowMs` the steady clock of the sighting.
 */
export function claimOf(
  sighting: Sighting | undefined,
  identity: string,
  times: LeaseTimes,
  wallMs: number,
  nowMs: number,
): Claim | undefined {
  const renewTime = new Date(wallMs).toISOString().replace('Z', '000Z'); // a MicroTime
  const held = {
    holderIdentity: identity,
    leaseDurationSeconds: Math.max(1, Math.ceil(times.durationMs / 1000)),
    renewTime,
  };
  if (sighting === undefined)
    return { metadata: {}, spec: { ...held, acquireTime: renewTime, leaseTransitions: 0 } };
  const { spec, metadata } = sighting.lease;
  const { resourceVersion } = metadata;
  if (spec.holderIdentity === identity) return { metadata: { resourceVersion }, spec: { ...spec, ...held } };
  const isFree = spec.holderIdentity === undefined || spec.holderIdentity === '';
  const durationMs = Math.max(times.durationMs, (spec.leaseDurationSeconds ?? 0) * 1000);
  if (!isFree && nowMs - sighting.atMs < durationMs) return undefined;
  const leaseTransitions = (spec.leaseTransitions ?? 0) + 1;
  return {
    metadata: { resourceVersion },
    spec: { ...spec, ...held, acquireTime: renewTime, leaseTransitions },
  };
}
