import type { TidemarkError } from '../pipeline/error.ts';

/** Whether brokers, or who gives out tokens for them, have said no: asking again does not help by itself. */
export function isKafkaRefusal({ code }: TidemarkError): boolean {
  return REFUSALS.has(code);
}

const REFUSALS: ReadonlySet<string> = new Set([
  'KAFKA_REFUSED',
  'KAFKA_ACCESS_DENIED',
  'KAFKA_LOGIN_REFUSED',
  'KAFKA_TOKEN_REFUSED',
  'KAFKA_CERTIFICATE',
]);
