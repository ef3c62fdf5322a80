import { beforeAll, expect, test } from '@jest/globals';
import { certificatesIn } from '../../../src/external-metrics/certificates-in.ts';
import { issueAuthority, issueServing, type Issued } from '../../../src/external-metrics/issue.ts';
import { materialIn, secretContent, type KeyMaterial } from '../../../src/external-metrics/key-material.ts';
import { OVERLAP_MS, rotationStep, trustedWith } from '../../../src/external-metrics/rotation.ts';

//  authority  ├────────── 100 days ──────────┤   due at two thirds: day 67
//  serving    ├─── 30 days ───┤                  due at two thirds: day 20
const DAY_MS = 86_400_000;
const NAMES = ['tidemark-external-metrics.tidemark.svc'];
let authority: Issued;
let next: Issued;
let fresh: KeyMaterial;

beforeAll(async () => {
  authority = await issueAuthority(100 * DAY_MS, 0);
  next = await issueAuthority(100 * DAY_MS, 70 * DAY_MS);
  fresh = materialBy(authority, await issueServing(authority, NAMES, 30 * DAY_MS, 0));
});

test('without a Secret it begins', () => {
  expect(step(undefined, 0)).toBe('begin');
});

test('nothing is done until two thirds of the certificate are over, then it is renewed', () => {
  expect(step(fresh, 19 * DAY_MS)).toBe('nothing');
  expect(step(fresh, 21 * DAY_MS)).toBe('renew certificate');
});

test('an authority past its two thirds gets a second one beside it, before the certificate changes', async () => {
  const late = materialBy(authority, await issueServing(authority, NAMES, 30 * DAY_MS, 60 * DAY_MS));
  expect(step(late, 66 * DAY_MS)).toBe('nothing');
  expect(step(late, 68 * DAY_MS)).toBe('add authority');
});

test('the certificate changes to the new authority when that was published for the overlap, not before', async () => {
  const addedMs = 70 * DAY_MS;
  const serving = await issueServing(authority, NAMES, 30 * DAY_MS, 69 * DAY_MS);
  const both: KeyMaterial = {
    authorities: trustedWith(next.certificate, authority.certificate, addedMs),
    authorityKey: next.privateKey,
    authorityAddedMs: addedMs,
    ...serving,
  };
  expect(certificatesIn(both.authorities)).toHaveLength(2);
  expect(step(both, addedMs + OVERLAP_MS - 1)).toBe('nothing');
  expect(step(both, addedMs + OVERLAP_MS)).toBe('renew certificate');
  expect(step(both, addedMs + DAY_MS, { isPublished: false })).toBe('nothing');
  const renewed = { ...both, ...(await issueServing(next, NAMES, 30 * DAY_MS, addedMs + OVERLAP_MS)) };
  expect(step(renewed, addedMs + DAY_MS)).toBe('nothing');
});

test('an authority is trusted until it has expired', () => {
  const both = trustedWith(next.certificate, authority.certificate, 99 * DAY_MS);
  expect(both).toBe(next.certificate + authority.certificate);
  expect(trustedWith(next.certificate, authority.certificate, 101 * DAY_MS)).toBe(next.certificate);
});

test.each([
  ['has expired', () => fresh, 31 * DAY_MS],
  ['cannot be read', () => ({ ...fresh, certificate: 'none' }), 0],
  ['has not its key beside it', () => ({ ...fresh, privateKey: authority.privateKey }), 0],
])('a certificate that %s is replaced at once, published or not', (_why, material, nowMs) => {
  expect(step(material(), nowMs, { isPublished: false })).toBe('renew certificate');
});

test('a certificate of another name, or by an authority that is not trusted, is replaced at once', async () => {
  expect(step(fresh, 0, { serverNames: ['tidemark-external-metrics.elsewhere.svc'] })).toBe(
    'renew certificate',
  );
  const foreign = await issueServing(next, NAMES, 30 * DAY_MS, 0);
  expect(step({ ...fresh, ...foreign }, 0)).toBe('renew certificate');
});

test('an authority whose key is lost is replaced beside the old one while its certificate is good', () => {
  const lost = { ...fresh, authorityKey: next.privateKey };
  expect(step(lost, 0)).toBe('add authority');
  expect(step({ ...lost, certificate: 'none' }, 0)).toBe('begin');
  expect(step(fresh, 101 * DAY_MS)).toBe('begin');
});

test('a Secret keeps all of it, and one that lacks a part is none', () => {
  const material = { ...fresh, authorityAddedMs: 70 * DAY_MS };
  const { annotations, data } = secretContent(material);
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'keys', annotations }, data };
  expect(materialIn(secret)).toEqual(material);
  expect(materialIn({ ...secret, metadata: { name: 'keys' } })).toEqual(fresh);
  for (const key of Object.keys(data)) {
    expect(materialIn({ ...secret, data: { ...data, [key]: '' } })).toBeUndefined();
  }
  expect(materialIn(undefined)).toBeUndefined();
});

test('an authority signs certificates and no further authorities, and a certificate is for a server alone', () => {
  const [signing] = certificatesIn(authority.certificate);
  const [serving] = certificatesIn(fresh.certificate);
  expect(signing.ca).toBe(true);
  expect(serving.ca).toBe(false);
  expect(serving.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
  expect(serving.subjectAltName).toBe(`DNS:${NAMES[0]}`);
});

function materialBy(signing: Issued, serving: Issued): KeyMaterial {
  const { certificate: authorities, privateKey: authorityKey } = signing;
  return { authorities, authorityKey, authorityAddedMs: undefined, ...serving };
}

function step(
  material: KeyMaterial | undefined,
  nowMs: number,
  {
    isPublished = true,
    serverNames = NAMES,
  }: { isPublished?: boolean; serverNames?: readonly string[] } = {},
) {
  return rotationStep(material, { serverNames, isPublished, nowMs }).kind;
}
