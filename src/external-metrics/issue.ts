import 'reflect-metadata'; // the next line needs it to be there first
import * as x509 from '@peculiar/x509';
import { createPrivateKey, webcrypto } from 'node:crypto';

/** In PEM. */
export interface Issued {
  readonly certificate: string;
  readonly privateKey: string;
}

/** An authority of our own, which signs certificates of servers and nothing else. */
export async function issueAuthority(lifeMs: number, nowMs: number): Promise<Issued> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    // A name of its own, because two of them are trusted side by side while one takes over from the other.
    name: `CN=tidemark-external-metrics-${Math.round(nowMs / 1000)}`,
    ...validity(lifeMs, nowMs),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return issued(certificate, keys.privateKey);
}

/** The certificate of a server that is known by the names. */
export async function issueServing(
  authority: Issued,
  serverNames: readonly string[],
  lifeMs: number,
  nowMs: number,
): Promise<Issued> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const issuer = new x509.X509Certificate(authority.certificate);
  const certificate = await x509.X509CertificateGenerator.create({
    subject: `CN=${serverNames[0].slice(0, 64)}`,
    issuer: issuer.subject,
    ...validity(lifeMs, nowMs),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: await importedKey(authority.privateKey),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(serverNames.map((value) => ({ type: 'dns', value }))),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
    ],
  });
  return issued(certificate, keys.privateKey);
}

async function issued(certificate: x509.X509Certificate, key: webcrypto.CryptoKey): Promise<Issued> {
  const privateKey = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key));
  return {
    certificate: `${certificate.toString('pem')}\n`,
    privateKey: x509.PemConverter.encode(privateKey, 'PRIVATE KEY') + '\n',
  };
}

function importedKey(pem: string): Promise<webcrypto.CryptoKey> {
  const der = createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' });
  return webcrypto.subtle.importKey('pkcs8', der, ALGORITHM, false, ['sign']);
}

/** From an hour ago on: clocks of API servers may be behind ours. */
function validity(lifeMs: number, nowMs: number): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(nowMs - 3_600_000), notAfter: new Date(nowMs + lifeMs) };
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
