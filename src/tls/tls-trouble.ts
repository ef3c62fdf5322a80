import { X509Certificate } from 'node:crypto';

/** Why a TLS connection did not come about, in words that stand behind the server's name, and what to do. */
export interface TlsTrouble {
  readonly kind: 'expired' | 'untrusted' | 'other-name' | 'no-tls' | 'refused' | 'unusable';
  readonly what: string;
  readonly remedy: string;
}

/**
 * The reason in an error of Node's TLS, by its code and message; undefined for any other. Where the server has refused
 * our own certificate it seldom says why: `certificate` is looked at for that.
 */
export function tlsTrouble(
  { code = '', message }: { readonly code?: string | undefined; readonly message: string },
  certificate: string | undefined,
  nowMs: number,
): TlsTrouble | undefined {
  const kind = RULES.find(([pattern]) => pattern.test(`${code} ${message}`))?.[1];
  const mayBeOurs = kind === 'refused' || kind === undefined;
  const own = mayBeOurs && certificate !== undefined ? ownExpiry(certificate, nowMs) : undefined;
  if (own !== undefined) return own;
  if (kind === undefined) return undefined;
  return {
    kind,
    ...WORDS[kind],
    what: `${WORDS[kind].what}${DETAILED.has(kind) ? `: ${inShort(message)}` : ''}`,
  };
}

/** `unable to verify the first certificate` and `tls alert bad certificate`, without Node's advice and OpenSSL's files. */
function inShort(message: string): string {
  const fromOpenSsl = /:[A-Z]\w* routines:[^:]*:([^:]+)/.exec(message)?.[1];
  return (fromOpenSsl ?? message).split(';', 1)[0].trim();
}

/** The certificate, if its time is over or has not come. */
export function ownExpiry(certificate: string, nowMs: number): TlsTrouble | undefined {
  const { validFromDate, validToDate } = parsed(certificate) ?? {};
  if (validFromDate === undefined || validToDate === undefined) return undefined;
  const remedy = 'Renew it; the new one is taken from its file at the next connection, without a restart.';
  if (validToDate.getTime() <= nowMs)
    return {
      kind: 'expired',
      what: `does not take our certificate, which expired at ${iso(validToDate)}`,
      remedy,
    };
  if (validFromDate.getTime() > nowMs)
    return {
      kind: 'expired',
      what: `does not take our certificate, which is good from ${iso(validFromDate)} on`,
      remedy,
    };
  return undefined;
}

/** Undefined where it is none. */
export function parsed(certificate: string): X509Certificate | undefined {
  try {
    return new X509Certificate(certificate);
  } catch {
    return undefined; // the caller says what is wrong with it, or the handshake does
  }
}

function iso(date: Date): string {
  return date.toISOString().slice(0, 19).replace('T', ' ') + ' UTC';
}

/** The first that fits decides. */
const RULES: readonly (readonly [RegExp, TlsTrouble['kind']])[] = [
  [/\bCERT_HAS_EXPIRED\b|certificate has expired|CERT_NOT_YET_VALID/, 'expired'],
  [/ERR_TLS_CERT_ALTNAME_INVALID|does not match certificate's altnames/, 'other-name'],
  [/UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|SELF_SIGNED|self-signed certificate|unable to verify/, 'untrusted'],
  [/CERT_SIGNATURE_FAILURE|CERT_UNTRUSTED|certificate signature failure/, 'untrusted'],
  [/WRONG_VERSION_NUMBER|wrong version|packet length too long|before secure TLS connection/, 'no-tls'],
  [/ALERT_|alert (certificate|bad|unknown|handshake|access|no)|certificate required/i, 'refused'],
  [
    /PEM routines|no start line|key values mismatch|KEY_VALUES_MISMATCH|ERR_OSSL|DECODER routines/,
    'unusable',
  ],
];

/** Where Node's own words add something. */
const DETAILED = new Set<TlsTrouble['kind']>(['untrusted', 'other-name', 'refused', 'unusable']);

const WORDS: Record<TlsTrouble['kind'], { what: string; remedy: string }> = {
  expired: {
    what: 'shows a certificate that has expired, or is not good yet',
    remedy: 'Renew the certificate of the server, and check the clocks of both.',
  },
  untrusted: {
    what: 'shows a certificate that is not trusted',
    remedy: 'Name the authority that signed it in tls.caSecretRef.',
  },
  'other-name': {
    what: 'shows a certificate of another name',
    remedy: 'Use an address that the certificate names, or give the server a certificate with this one.',
  },
  'no-tls': {
    what: 'does not speak TLS at this port, or broke off the handshake',
    remedy: 'Use the port of its TLS listener, or take tls out of the pipeline.',
  },
  refused: {
    what: 'does not take our certificate, or wants one and got none',
    remedy: 'Name a certificate that its authority has signed in tls.certificateSecretRef.',
  },
  unusable: {
    what: 'was not asked, for a certificate or key of ours cannot be used',
    remedy:
      'Look into the Secrets of tls: each value must be PEM, and the private key that of the certificate.',
  },
};
