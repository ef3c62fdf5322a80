import { X509Certificate } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { issueAuthority, issueServing } from '../../../src/external-metrics/issuer.ts';

const DAY_MS = 86_400_000;

test('an authority and a certificate by it are issued apart from the process, and fit each other', async () => {
  const authority = await issueAuthority(10 * DAY_MS, Date.now());
  const served = await issueServing(authority, ['metrics.trading.svc'], DAY_MS, Date.now());
  const certificate = new X509Certificate(served.certificate);
  expect(certificate.verify(new X509Certificate(authority.certificate).publicKey)).toBe(true);
  expect(certificate.checkHost('metrics.trading.svc')).toBe('metrics.trading.svc');
});

test('what cannot be issued is an error', async () => {
  const nothing = { certificate: 'none', privateKey: 'none' };
  await expect(issueServing(nothing, ['metrics.trading.svc'], DAY_MS, Date.now())).rejects.toThrow();
});
