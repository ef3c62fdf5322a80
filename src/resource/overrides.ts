import { isWithin, type Path } from './path.ts';

/** A value that the command line puts in the place of the file's. */
export interface Override {
  /** From the top of the resource: `['spec', 'input', 'file']`. */
  readonly path: Path;
  /** As the file would hold it; undefined removes the key. */
  readonly value: unknown;
  /** The option, for messages: `--input`. */
  readonly origin: string;
}

/**
 * The file's value with the overrides in it, the later ones last. Of keys that exclude each other the overrides'
 * displaces the file's; two that both come from overrides stay, and are a mistake.
 */
export function applyOverrides(value: unknown, overrides: readonly Override[]): unknown {
  const displaced = overrides
    .filter((override) => override.value !== undefined)
    .flatMap(({ path }) => rivalsOf(path))
    .reduce((result, rival) => withValue(result, rival, undefined), value);
  return overrides.reduce((result, override) => withValue(result, override.path, override.value), displaced);
}

/** The keys that cannot stand beside the one at `path`, or beside the one that it is inside of. */
function rivalsOf(path: Path): Path[] {
  return EXCLUSIVE.filter((group) => group.some((member) => isWithin(path, member))).flatMap((group) =>
    group.filter((member) => !isWithin(path, member)),
  );
}

const EXCLUSIVE: readonly (readonly Path[])[] = [
  ['topic', 'file', 'socket', 'demo'].map((key) => ['spec', 'input', key]),
  ...['file', 'socket', 'demo'].map((key) => [key, 'rekey'].map((rival) => ['spec', 'input', rival])),
  ['topic', 'file'].map((key) => ['spec', 'output', key]),
  ['topic', 'file'].map((key) => ['spec', 'late', key]),
  ['topic', 'file'].map((key) => ['spec', 'deadLetters', key]),
  ['cluster', 'bootstrapServers'].map((key) => ['spec', 'kafka', key]),
  ['url', 'sentinel', 'cluster'].map((key) => ['spec', 'redis', key]),
  [
    ['spec', 'input', 'key'],
    ['spec', 'input', 'fields', 'symbol'],
  ],
];

/** A copy with `value` at the path. Where something that is neither mapping nor list is in the way, it stays. */
function withValue(outer: unknown, path: Path, value: unknown): unknown {
  if (path.length === 0) return value;
  if (value === undefined && (outer === undefined || outer === null)) return outer;
  const [step, ...rest] = path;
  if (typeof step === 'number') {
    if (!Array.isArray(outer ?? [])) return outer;
    const list: unknown[] = [...((outer ?? []) as unknown[])];
    const item = withValue(list[step], rest, value);
    if (item === undefined) list.splice(step, 1);
    else list[step] = item;
    return list;
  }
  if (typeof (outer ?? {}) !== 'object' || Array.isArray(outer)) return outer;
  const { [step]: inner, ...others } = (outer ?? {}) as Record<string, unknown>;
  const next = withValue(inner, rest, value);
  return next === undefined ? others : { ...others, [step]: next };
}
