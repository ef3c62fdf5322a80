import type { Finding } from './check.ts';
import { examine } from './examination.ts';
import { PipelineFileError, type Mistake } from './mistake.ts';
import { API_VERSION, KIND, type MovingAverageObject } from './moving-average.ts';
import { applyOverrides, type Override } from './overrides.ts';
import { formatPath, isWithin, valueAt, type Path } from './path.ts';
import type { Pipeline } from './pipeline.ts';
import { spellOut } from './spell-out.ts';
import { readYaml } from './yaml-file.ts';

/**
 * Reads a pipeline file: one `MovingAverage` in YAML 1.2 or JSON, with overrides from the command line on top.
 * Throws a PipelineFileError that names every mistake in it. `fileName` is for messages.
 */
export function parsePipelineFile(
  text: string,
  options: { readonly fileName: string; readonly overrides?: readonly Override[] },
): Pipeline {
  const { fileName, overrides = [] } = options;
  const file = readYaml(text);
  const inFile = (offset: number) => ({ origin: `${fileName}:${file.lineAndColumn(offset)}`, rank: offset });
  const faults = file.faults.map((fault): Placed => ({ ...fault, ...inFile(fault.offset) }));
  if (file.unreadable) throw errorOf(faults);
  if (file.value === null) throw errorOf([{ ...EMPTY_FILE, ...inFile(0) }]);

  const { resource, findings } = examine(applyOverrides(file.value, overrides));
  if (resource !== undefined && faults.length === 0) return spellOut(resource);
  const placed = findings.map((finding): Placed => {
    const override = overrideBehind(finding.path, overrides, file.has);
    return { ...finding, ...(override ? onCommandLine(override) : inFile(file.offsetOf(finding))) };
  });
  throw errorOf([...faults, ...placed]);
}

/**
 * The pipeline of a command line without a file: overrides on top of made-up trades, averaged over 3 s every 1 s
 * and complete after 5 s. Throws a PipelineFileError.
 */
export function pipelineOf(overrides: readonly Override[]): Pipeline {
  const { resource, findings } = examine(applyOverrides(WITHOUT_A_FILE, overrides));
  if (resource !== undefined) return spellOut(resource);
  throw errorOf(
    findings.map((finding) => ({
      ...finding,
      ...onCommandLine(overrideBehind(finding.path, overrides, isDefault)),
    })),
  );
}

/**
 * The pipeline of a resource from an API server, which adds keys of its own to `metadata`. Throws a
 * PipelineFileError with every mistake: some rules are too costly for the API server to hold a resource against.
 */
export function pipelineOfObject({ apiVersion, kind, metadata, spec }: MovingAverageObject): Pipeline {
  const { resource, findings } = examine({ apiVersion, kind, metadata: { name: metadata.name }, spec });
  if (resource !== undefined) return spellOut(resource);
  const origin = `movingaverage/${metadata.name}`;
  throw errorOf(findings.map((finding) => ({ ...finding, origin, rank: 0 })));
}

function isDefault(path: Path): boolean {
  return valueAt(WITHOUT_A_FILE, path) !== undefined;
}

/** What `pipelineOf` builds on. Any other input displaces the demo. */
const WITHOUT_A_FILE = {
  apiVersion: API_VERSION,
  kind: KIND,
  metadata: { name: 'tidemark' },
  spec: {
    input: { demo: {} },
    windows: [{ size: '3s', slide: '1s' }],
    watermark: { delay: '5s' },
  },
};

const EMPTY_FILE: Finding = {
  path: [],
  message: `expected a pipeline (apiVersion: ${API_VERSION}, kind: ${KIND}, metadata, spec), found an empty file; examples/demo.yaml is one to start from`,
};

/** A finding with its place; mistakes of the file rank by their offset in it, before those of the command line. */
interface Placed extends Finding {
  readonly origin: string;
  readonly rank: number;
}

function onCommandLine(override: Override | undefined): { origin: string; rank: number } {
  return { origin: override?.origin ?? 'command line', rank: Number.MAX_SAFE_INTEGER };
}

/** The override whose value is at or around the path; or that made the mapping in which the path is missing. */
function overrideBehind(
  path: Path,
  overrides: readonly Override[],
  isInFile: (path: Path) => boolean,
): Override | undefined {
  const around = overrides.findLast((override) => isWithin(path, override.path));
  if (around !== undefined) return around;
  for (let length = path.length; length > 0; length--) {
    const outer = path.slice(0, length);
    if (isInFile(outer)) return undefined;
    const inside = overrides.findLast((override) => isWithin(override.path, outer));
    if (inside !== undefined) return inside;
  }
  return undefined;
}

function errorOf(placed: readonly Placed[]): PipelineFileError {
  return new PipelineFileError(
    placed
      .toSorted((a, b) => a.rank - b.rank)
      .map(({ path, origin, message }): Mistake => ({ path: formatPath(path), origin, message })),
  );
}
