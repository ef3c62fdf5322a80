import { X509Certificate } from 'node:crypto';

/** The certificates of a text in PEM; without those that cannot be read. */
export function certificatesIn(pem: string): X509Certificate[] {
  return (pem.match(BLOCK) ?? []).flatMap((block) => {
    try {
      return [new X509Certificate(block)];
    } catch {
      return []; // a block that is none: the caller sees that one is missing
    }
  });
}

/** Whether one of the authorities has signed the certificate, or one that stands above it in its chain. */
export function issuedByAny(certificate: X509Certificate, authorities: readonly X509Certificate[]): boolean {
  let each: X509Certificate | undefined = certificate;
  for (let length = 0; each !== undefined && length < LONGEST_CHAIN; length++) {
    const current: X509Certificate = each;
    if (authorities.some((authority) => isIssuedBy(current, authority))) return true;
    each = current.issuerCertificate;
  }
  return false;
}

export function isIssuedBy(certificate: X509Certificate, authority: X509Certificate): boolean {
  return certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
}

const BLOCK = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
const LONGEST_CHAIN = 8;
