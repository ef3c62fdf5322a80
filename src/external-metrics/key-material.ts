import { createPrivateKey, type X509Certificate } from 'node:crypto';
import type { KubeObject } from '../operator/kube-object.ts';
import { certificatesIn } from './certificates-in.ts';

/** What the API is served with, as its Secret keeps it. All in PEM. */
export interface KeyMaterial {
  /** Those that are to be trusted, the one that signs first. They are the `caBundle` of the APIService. */
  readonly authorities: string;
  /** Of the one that signs. */
  readonly authorityKey: string;
  /** When the one that signs came to others that were trusted before; undefined: it was the first. */
  readonly authorityAddedMs: number | undefined;
  readonly certificate: string;
  readonly privateKey: string;
}

/** What of a Secret is needed; it has no type in our model of objects because nothing else of one is ever looked at. */
export interface KeySecret extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

/** Undefined where there is no Secret, or where it lacks a part. Whether the parts fit is not looked at. */
export function materialIn(secret: KeySecret | undefined): KeyMaterial | undefined {
  const text = (key: string) => Buffer.from(secret?.data?.[key] ?? '', 'base64').toString();
  const [authorities, authorityKey, certificate, privateKey] = KEYS.map(text);
  if ([authorities, authorityKey, certificate, privateKey].includes('')) return undefined;
  const added = secret?.metadata.annotations?.[ADDED_ANNOTATION];
  const addedMs = added === undefined ? NaN : Date.parse(added);
  const authorityAddedMs = Number.isNaN(addedMs) ? undefined : addedMs;
  return { authorities, authorityKey, authorityAddedMs, certificate, privateKey };
}

/** The Secret's content; what it is called and whose it is the caller adds. */
export function secretContent(material: KeyMaterial): {
  annotations: Record<string, string>;
  data: Record<string, string>;
} {
  const { authorities, authorityKey, certificate, privateKey, authorityAddedMs } = material;
  const values = [authorities, authorityKey, certificate, privateKey];
  return {
    annotations:
      authorityAddedMs === undefined ? {} : { [ADDED_ANNOTATION]: new Date(authorityAddedMs).toISOString() },
    data: Object.fromEntries(KEYS.map((key, at) => [key, Buffer.from(values[at]).toString('base64')])),
  };
}

/** Whether a private key in PEM is that of the certificate. */
export function isKeyOf(privateKey: string, certificate: X509Certificate): boolean {
  try {
    return certificate.checkPrivateKey(createPrivateKey(privateKey));
  } catch {
    return false; // no key at all
  }
}

/** Whether a server can be opened with it. */
export function isUsable({ certificate, privateKey }: KeyMaterial): boolean {
  const [serving] = certificatesIn(certificate) as (X509Certificate | undefined)[];
  return serving !== undefined && isKeyOf(privateKey, serving);
}

const KEYS = ['ca.crt', 'ca.key', 'tls.crt', 'tls.key'];
const ADDED_ANNOTATION = 'tidemark.dev/authority-added';
