import type { Schemas } from '../trade/schemas.ts';
import type { Obstacle } from './health.ts';

/** The schemas of the input's records, and how one that is not known yet is had. */
export interface SchemaSource extends Schemas {
  /**
   * Resolved once `get` has an answer: the schema, or that there is none. While the registry is away it is asked again
   * and again, and this waits.
   */
  load(id: number): Promise<void>;
  /** What keeps the schemas that are asked for from coming; none when all have come. */
  readonly obstacles: readonly Obstacle[];
  /** Asks no more; what waits is never resolved. */
  close(): void;
}
