import * as z from 'zod';
import { DURATION_PATTERN, formatDuration, parseDuration } from './duration.ts';
import { expecting, section } from './expectation.ts';

/*
 * The kinds of values in a pipeline: how each must look, and the words for one that does not. Patterns keep to what
 * RE2 knows, because a Kubernetes API server applies them too; what they cannot say is refined here. Texts have a
 * bound, for that server weighs its rules by the longest one that may come.
 */

/** A text such as `3s`, read as milliseconds. */
export function duration(description: string, example: string) {
  return expecting(readDuration().describe(description), `a duration such as ${example}`, lacksUnit);
}

export function positiveDuration(description: string, example: string) {
  const schema = readDuration()
    .refine((ms) => ms > 0)
    .describe(description);
  return expecting(schema, `a duration above zero such as ${example}`, lacksUnit);
}

export function wholeNumber(description: string, bounds: { min: number; max: number; example: number }) {
  const { min, max, example } = bounds;
  return expecting(
    z.int().min(min).max(max).describe(description),
    `a whole number from ${min} to ${max} such as ${example}`,
    (value) => (isNumberInQuotes(value) ? `${JSON.stringify(value)} in quotes` : undefined),
  );
}

export function choice<const Words extends readonly string[]>(description: string, words: Words) {
  return z.enum(words).describe(description);
}

/** The name of an object in Kubernetes that also names others: a DNS label of RFC 1123. */
export function dnsLabel(description: string, example: string) {
  return expecting(
    z
      .string()
      .min(1)
      .max(63)
      .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/)
      .describe(description),
    `a name of up to 63 small letters, digits and inner hyphens such as ${example}`,
  );
}

export function topicName(description: string, example: string) {
  return expecting(
    z
      .string()
      .min(1)
      .max(249)
      .regex(/^[a-zA-Z0-9._-]+$/)
      .refine((name) => name !== '.' && name !== '..')
      .describe(description),
    `the name of a Kafka topic (up to 249 of a-z A-Z 0-9 . _ -) such as ${example}`,
  );
}

export function filePath(description: string, example: string) {
  return expecting(
    z.string().min(1).max(4096).describe(description),
    `the path of a file such as ${example}`,
  );
}

/** `host:port`, with an IPv6 address in brackets. */
export function hostAndPort(description: string, example: string, scheme = '') {
  const schema = z
    .string()
    .max(300)
    .regex(new RegExp(`^${scheme}([^\\s:/,@\\[\\]]+|\\[[0-9a-fA-F:.]+\\]):[0-9]{1,5}$`))
    .refine((text) => isPort(text.slice(text.lastIndexOf(':') + 1)))
    .describe(description);
  return expecting(schema, `${scheme}host:port such as ${example}`);
}

/** Whether it is the address of a broker. */
export function isHostAndPort(text: string): boolean {
  return hostAndPort('', 'kafka:9092').safeParse(text).success;
}

/** One value of a Secret in the resource's namespace. */
export function secretRef(description: string, example: { name: string; key: string }) {
  return section(description, `{ name: ${example.name}, key: ${example.key} }`, {
    name: secretName(example.name),
    key: secretKey('Which of its keys holds the value.', example.key),
  });
}

export function secretName(example: string) {
  return expecting(
    z
      .string()
      .min(1)
      .max(253)
      .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/)
      .describe('The name of the Secret.'),
    `the name of a Secret such as ${example}`,
  );
}

export function secretKey(description: string, example: string) {
  return expecting(
    z
      .string()
      .min(1)
      .max(253)
      .regex(/^[-._a-zA-Z0-9]+$/)
      .describe(description),
    `a key of the Secret such as ${example}`,
  );
}

/** An amount of CPU or memory as Kubernetes writes it. */
export function quantity(description: string, example: string) {
  return expecting(
    z
      .string()
      .min(1)
      .max(20)
      .regex(/^[0-9]+(\.[0-9]+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/)
      .describe(description),
    `a text such as ${example}`,
    (value) => (typeof value === 'number' ? `${value} without quotes` : undefined),
  );
}

function readDuration() {
  return z
    .string()
    .min(2)
    .max(40)
    .regex(DURATION_PATTERN)
    .refine((text) => parseDuration(text) !== undefined)
    .transform((text) => parseDuration(text) ?? z.NEVER);
}

function lacksUnit(value: unknown): string | undefined {
  const number = isNumberInQuotes(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isSafeInteger(number) || number < 0) return undefined;
  return `${number} without a unit: write ${number}s for seconds or ${formatDuration(number)} for milliseconds`;
}

function isNumberInQuotes(value: unknown): boolean {
  return typeof value === 'string' && /^\d{1,15}$/.test(value);
}

function isPort(digits: string): boolean {
  return Number(digits) >= 1 && Number(digits) <= 65_535;
}
