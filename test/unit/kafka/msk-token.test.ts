import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mskTokens } from '../../../src/kafka/msk-token.ts';

const before = { ...process.env };

beforeEach(() => {
  process.env.AWS_ACCESS_KEY_ID = 'AKIAIOSFODNN7EXAMPLE'; // of the documentation of AWS
  process.env.AWS_SECRET_ACCESS_KEY = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
});

afterEach(() => {
  process.env = { ...before };
});

test('the token for MSK is a URL that the role has signed for the region, and does not hold the key', async () => {
  const token = await mskTokens('eu-central-1')();
  const url = new URL(Buffer.from(token, 'base64url').toString());
  expect(url.host).toBe('kafka.eu-central-1.amazonaws.com');
  expect(url.searchParams.get('Action')).toBe('kafka-cluster:Connect');
  expect(url.searchParams.get('X-Amz-Credential')).toContain('AKIAIOSFODNN7EXAMPLE');
  expect(url.searchParams.get('X-Amz-Signature')).toMatch(/^[0-9a-f]{64}$/);
  expect(url.href).not.toContain('wJalrXUtnFEMI');
});
