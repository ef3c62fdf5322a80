import { X509Certificate } from 'node:crypto';
import type { KubeObject } from '../operator/kube-object.ts';
import { certificatesIn, issuedByAny } from './certificates-in.ts';

/** Who the API server is to those it passes requests on to, as it says itself in a ConfigMap. */
export interface FrontProxy {
  /** Whose certificates it shows, as PEM. */
  readonly authorities: string;
  readonly certificates: readonly X509Certificate[];
  /** Common names that it may have; none: any. */
  readonly allowedNames: readonly string[];
  /** Names of the headers that say who asks, in lower case. */
  readonly usernameHeaders: readonly string[];
  readonly uidHeaders: readonly string[];
  readonly groupHeaders: readonly string[];
  readonly extraPrefixes: readonly string[];
}

/** Who asks, as a SubjectAccessReview has it. */
export interface User {
  readonly user: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** Where every API server writes it (`--requestheader-*`). */
export const FRONT_PROXY_CONFIG = { namespace: 'kube-system', name: 'extension-apiserver-authentication' };

/** Undefined where the ConfigMap is missing or names no authority: then nobody can be let in. */
export function frontProxyOf(configMap: KubeObject | undefined): FrontProxy | undefined {
  const { data = {} } = (configMap ?? {}) as { data?: Readonly<Record<string, string>> };
  const authorities = data['requestheader-client-ca-file'] ?? '';
  const certificates = certificatesIn(authorities);
  if (certificates.length === 0) return undefined;
  const headers = (key: string) => namesIn(data[key]).map((name) => name.toLowerCase());
  return {
    authorities,
    certificates,
    allowedNames: namesIn(data['requestheader-allowed-names']),
    usernameHeaders: headers('requestheader-username-headers'),
    uidHeaders: headers('requestheader-uid-headers'),
    groupHeaders: headers('requestheader-group-headers'),
    extraPrefixes: headers('requestheader-extra-headers-prefix'),
  };
}

/** Whether a certificate, whose chain was checked when the connection was made, is still that of the API server. */
export function isOfFrontProxy(proxy: FrontProxy, certificate: X509Certificate | undefined): boolean {
  if (certificate === undefined || !issuedByAny(certificate, proxy.certificates)) return false;
  const { CN } = certificate.toLegacyObject().subject as { CN?: string };
  return proxy.allowedNames.length === 0 || (CN !== undefined && proxy.allowedNames.includes(CN));
}

/** Undefined where no header names anyone. */
export function userOf(proxy: FrontProxy, headers: NodeJS.Dict<string[]>): User | undefined {
  const first = (names: readonly string[]) =>
    names.flatMap((name) => headers[name] ?? []).find((value) => value !== '');
  const user = first(proxy.usernameHeaders);
  if (user === undefined) return undefined;
  const groups = proxy.groupHeaders.flatMap((name) => headers[name] ?? []).filter((group) => group !== '');
  const uid = first(proxy.uidHeaders);
  return {
    user,
    ...(uid === undefined ? {} : { uid }),
    groups: withAuthenticated(user, groups),
    extra: extraOf(proxy, headers),
  };
}

/** Whoever the front proxy vouches for is authenticated, whether it says so or not. */
function withAuthenticated(user: string, groups: readonly string[]): readonly string[] {
  const isKnown = groups.includes('system:authenticated') || groups.includes('system:unauthenticated');
  return isKnown || user === 'system:anonymous' ? groups : [...groups, 'system:authenticated'];
}

function extraOf({ extraPrefixes }: FrontProxy, headers: NodeJS.Dict<string[]>): User['extra'] {
  const found = Object.entries(headers).flatMap(([name, values = []]): [string, string[]][] => {
    const prefix = extraPrefixes.find((each) => name.startsWith(each));
    return prefix === undefined ? [] : [[unescaped(name.slice(prefix.length)), values]];
  });
  return Object.fromEntries(found);
}

function unescaped(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key; // an API server that does not escape keys
  }
}

/** A list as JSON, as the ConfigMap has them. */
function namesIn(json: string | undefined): string[] {
  if (json === undefined || json === '') return [];
  return JSON.parse(json) as string[];
}
