/** The consumer group of a pipeline's aggregators. */
export function groupIdOf(pipeline: string): string {
  return `tidemark.${pipeline}`;
}
