import type { X509Certificate } from 'node:crypto';
import { certificatesIn, isIssuedBy } from './certificates-in.ts';
import { isKeyOf, type KeyMaterial } from './key-material.ts';

/** What is to be done about authority and certificate. */
export interface RotationStep {
  readonly kind:
    /** A new authority and a certificate by it: what is there is of no use. */
    | 'begin'
    /** Beside those that are trusted; the certificate stays. */
    | 'add authority'
    /** By the authority that signs. */
    | 'renew certificate'
    | 'nothing';
  /** For the log. */
  readonly why: string;
}

/**
 * The next step of the rotation, long before anything expires:
 *
 *   authority A  ├───────────────────────── 2/3 ───────────┤
 *   authority B                             ├─ overlap ─┤───────────────────────── 2/3 ─ ...
 *   trusted      A · · · · · · · · · · · ·  A and B · · · · · · · · · · · · ·  B, when A has expired
 *   serving      A, renewed at 2/3 each · · · · · · · ·  by B · · ·
 *
 * The certificate changes to authority B only when B has been trusted for a while and the APIService says so:
 * `isPublished`. Until then every API server may still know A alone.
 */
export function rotationStep(
  material: KeyMaterial | undefined,
  {
    serverNames,
    isPublished,
    nowMs,
  }: {
    readonly serverNames: readonly string[];
    readonly isPublished: boolean;
    readonly nowMs: number;
  },
): RotationStep {
  if (material === undefined) return { kind: 'begin', why: 'there is none' };
  const authorities = certificatesIn(material.authorities);
  const [signing] = authorities as (X509Certificate | undefined)[];
  const unusable = whyUnusable(material, authorities, serverNames, nowMs);
  if (signing === undefined || !isKeyOf(material.authorityKey, signing) || hasExpired(signing, nowMs)) {
    const why = 'the authority has expired, cannot be read, or has not its key beside it';
    return { kind: unusable === undefined ? 'add authority' : 'begin', why };
  }
  if (unusable !== undefined) return { kind: 'renew certificate', why: unusable };
  if (isDue(signing, nowMs)) return { kind: 'add authority', why: 'two thirds of its time are over' };
  const [serving] = certificatesIn(material.certificate);
  const addedMs = material.authorityAddedMs ?? -Infinity;
  if (!isPublished || nowMs < addedMs + OVERLAP_MS)
    return { kind: 'nothing', why: 'the authority is not known to all yet' };
  if (!isIssuedBy(serving, signing)) return { kind: 'renew certificate', why: 'another authority signs now' };
  if (isDue(serving, nowMs)) return { kind: 'renew certificate', why: 'two thirds of its time are over' };
  return { kind: 'nothing', why: 'all is fresh' };
}

/** The authorities that are trusted after one has come: without those that have expired. */
export function trustedWith(authority: string, before: string, nowMs: number): string {
  const kept = certificatesIn(before).filter((each) => !hasExpired(each, nowMs));
  return [authority, ...kept.map(String)].map((pem) => pem.trimEnd() + '\n').join('');
}

/** Such a certificate is replaced at once, whatever the API servers know: no request succeeds with it. */
function whyUnusable(
  { certificate, privateKey }: KeyMaterial,
  authorities: readonly X509Certificate[],
  serverNames: readonly string[],
  nowMs: number,
): string | undefined {
  const [serving] = certificatesIn(certificate) as (X509Certificate | undefined)[];
  if (serving === undefined || !isKeyOf(privateKey, serving)) {
    return 'the certificate cannot be read, or has not the key beside it';
  }
  if (hasExpired(serving, nowMs)) return 'it has expired';
  const missing = serverNames.filter((name) => serving.checkHost(name) === undefined);
  if (missing.length > 0) return `it does not name ${missing.join(', ')}`;
  if (!authorities.some((authority) => isIssuedBy(serving, authority)))
    return 'no trusted authority has signed it';
  return undefined;
}

function isDue({ validFromDate, validToDate }: X509Certificate, nowMs: number): boolean {
  const [fromMs, toMs] = [validFromDate.getTime(), validToDate.getTime()];
  return nowMs >= fromMs + ((toMs - fromMs) * 2) / 3;
}

function hasExpired({ validToDate }: X509Certificate, nowMs: number): boolean {
  return nowMs >= validToDate.getTime();
}

/** API servers hear of a new authority by a watch, in well under a second; one that lags gets this long. */
export const OVERLAP_MS = 300_000;
export const AUTHORITY_LIFE_MS = 365 * 86_400_000;
export const CERTIFICATE_LIFE_MS = 90 * 86_400_000;
