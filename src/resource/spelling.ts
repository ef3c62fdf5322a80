/** Further than this, one word is not a misspelling of the other. */
const MAX_EDITS = 2;

/** The word of `known` that `word` was probably meant to be, if one is near. */
export function nearestWord(word: string, known: readonly string[]): string | undefined {
  const near = known
    .filter((candidate) => Math.abs(candidate.length - word.length) <= MAX_EDITS)
    .map((candidate) => ({ candidate, edits: editsBetween(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, edits }) => edits <= MAX_EDITS && edits < Math.min(word.length, candidate.length))
    .sort((a, b) => a.edits - b.edits);
  return near.at(0)?.candidate;
}

/** Letters to insert, delete or replace to turn `a` into `b` (Levenshtein, 1966). */
export function editsBetween(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = above[column - 1] + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, above[column] + 1, current[column - 1] + 1));
    }
    above = current;
  }
  return above[b.length];
}
