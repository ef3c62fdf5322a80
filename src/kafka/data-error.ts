import { TidemarkError } from '../pipeline/error.ts';

/**
 * Bytes from Kafka that can't be read: KAFKA_OLD_FORMAT, KAFKA_CORRUPT_BATCH, KAFKA_UNKNOWN_CODEC,
 * KAFKA_BATCH_TOO_LARGE. Reading them again gives the same, so kafkajs must not retry (it asks `retriable`).
 */
export class KafkaDataError extends TidemarkError {
  readonly retriable = false;

  constructor(code: string, message: string, remedy: string, cause?: unknown) {
    super(code, message, remedy, cause === undefined ? {} : { cause });
    this.name = 'KafkaDataError';
  }
}
