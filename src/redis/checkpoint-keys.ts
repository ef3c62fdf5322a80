/** The keys of one partition's checkpoint. What stands in braces is hashed, so that a cluster keeps them together. */
export function checkpointKeys(
  pipeline: string,
  partition: number,
): [head: string, panes: string, tails: string] {
  const tag = `tidemark:{${pipeline}/${partition}}`;
  return [`${tag}:head`, `${tag}:panes`, `${tag}:tails`];
}

/** A partition that has a checkpoint. */
export interface StoredPartition {
  readonly pipeline: string;
  readonly partition: number;
}

/** The heads of all checkpoints, as a pattern of Redis. */
export const HEADS = 'tidemark:{*/*}:head';

/** Whose head a key is; undefined for a key that is none. */
export function partitionOf(head: string): StoredPartition | undefined {
  const found = /^tidemark:\{(.+)\/(\d+)\}:head$/.exec(head);
  return found === null ? undefined : { pipeline: found[1], partition: Number(found[2]) };
}
