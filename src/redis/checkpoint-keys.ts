/** The keys of one partition's checkpoint. What stands in braces is hashed, so that a cluster keeps them together. */
export function checkpointKeys(
  pipeline: string,
  partition: number,
): [head: string, panes: string, tails: string] {
  const tag = `tidemark:{${pipeline}/${partition}}`;
  return [`${tag}:head`, `${tag}:panes`, `${tag}:tails`];
}
