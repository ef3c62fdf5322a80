import type { Draft, Finding } from './check.ts';
import { checks } from './checks.ts';
import { disappointment, knownKeys } from './expectation.ts';
import { isContainer, valueAt, type Path } from './path.ts';
import { movingAverage, type MovingAverage, type SpecInput } from './moving-average.ts';
import { withEmptySections } from './schema-place.ts';
import { nearestWord } from './spelling.ts';

/** Either a resource without mistakes, or all mistakes in it. */
export type Examination =
  | { readonly resource: MovingAverage; readonly findings: readonly [] }
  | { readonly resource: undefined; readonly findings: readonly Finding[] };

/** Holds a value of any shape against the schema and the checks. */
export function examine(raw: unknown): Examination {
  const value = withEmptySections(movingAverage, raw);
  const parsed = movingAverage.safeParse(value);
  const issues = parsed.success ? [] : parsed.error.issues;
  const unknown = issues.flatMap(unknownKeys);
  const unfit = unfitValues(value, issues, unknown);
  const draft = soundPart(value, unfit, unknown);
  const findings = [...unknown, ...unfit, ...checks.flatMap((check) => check(draft))];
  return parsed.success && findings.length === 0
    ? { resource: parsed.data, findings: [] }
    : { resource: undefined, findings };
}

/** Of an issue only its place is used, and which keys are unknown: the words are ours. */
interface Issue {
  readonly path: readonly PropertyKey[];
  readonly keys?: readonly string[];
}

interface UnknownKey extends Finding {
  /** The known key that it probably is. */
  readonly meant: Path | undefined;
}

function unknownKeys({ path: steps, keys = [] }: Issue): readonly UnknownKey[] {
  const parent = pathOf(steps);
  const known = knownKeys(movingAverage, parent);
  return keys.map((key) => {
    const near = nearestWord(key, known);
    const remedy = near === undefined ? `known here: ${known.join(', ')}` : `did you mean ${near}?`;
    return {
      path: [...parent, key],
      message: `is not a known key; ${remedy}`,
      isAboutKey: true,
      meant: near === undefined ? undefined : [...parent, near],
    };
  });
}

/** Values that are missing or refused, one finding per place. A key that is missing because misspelt is no second one. */
function unfitValues(
  value: unknown,
  issues: readonly Issue[],
  unknown: readonly UnknownKey[],
): readonly Finding[] {
  const misspelt = new Set(unknown.map(({ meant }) => JSON.stringify(meant)));
  const findings = new Map<string, Finding>();
  for (const { path: steps, keys } of issues) {
    const path = pathOf(steps);
    const place = JSON.stringify(path);
    const found = valueAt(value, path);
    if (keys !== undefined || (found === undefined && misspelt.has(place))) continue;
    findings.set(place, { path, message: disappointment(movingAverage, path, found) });
  }
  return [...findings.values()];
}

function pathOf(steps: readonly PropertyKey[]): Path {
  return steps.map((step) => (typeof step === 'number' ? step : String(step)));
}

/** The spec with undefined in place of each value that the schema has refused, or has not seen for a misspelt key. */
function soundPart(
  value: unknown,
  unfit: readonly Finding[],
  unknown: readonly UnknownKey[],
): Draft<SpecInput> {
  const sound: unknown = structuredClone(value);
  const strike = (path: Path) => {
    const parent = valueAt(sound, path.slice(0, -1));
    const last = path.at(-1);
    if (last !== undefined && isContainer(parent)) parent[last] = undefined;
  };
  for (const { path } of unfit) if (valueAt(value, path) !== undefined) strike(path);
  for (const { meant } of unknown) if (meant && valueAt(value, meant) === undefined) strike(meant);
  return (valueAt(sound, ['spec']) as Draft<SpecInput> | undefined) ?? {};
}
