import { parsePipelineFile, pipelineOf } from '../../../src/resource/parse.ts';
import { PipelineFileError, type Mistake } from '../../../src/resource/mistake.ts';
import type { Override } from '../../../src/resource/overrides.ts';
import type { Pipeline } from '../../../src/resource/pipeline.ts';

/** A file whose spec is `spec`, a flow mapping of YAML in line 4. */
export function withSpec(spec: string): string {
  return `apiVersion: tidemark.dev/v1alpha1\nkind: MovingAverage\nmetadata: { name: stocks }\nspec: ${spec}\n`;
}

export function pipelineIn(text: string, overrides: readonly Override[] = []): Pipeline {
  return parsePipelineFile(text, { fileName: 'p.yaml', overrides });
}

/** The mistakes of a file, which must have some. */
export function mistakesIn(text: string, overrides: readonly Override[] = []): readonly Mistake[] {
  return mistakesOf(() => pipelineIn(text, overrides));
}

export function mistakesOfOptions(overrides: readonly Override[]): readonly Mistake[] {
  return mistakesOf(() => pipelineOf(overrides));
}

function mistakesOf(parse: () => Pipeline): readonly Mistake[] {
  try {
    parse();
  } catch (error) {
    if (error instanceof PipelineFileError) return error.mistakes;
    throw error;
  }
  throw new Error('expected mistakes, found none');
}
