import { EXIT, TidemarkError } from '../pipeline/error.ts';
import { PipelineFileError } from '../resource/mistake.ts';

/** Tells a person what went wrong and what to do; returns the code to exit with. */
export function reportError(error: unknown, to: { write(text: string): unknown }): number {
  to.write(`${textOf(error)}\n`);
  if (process.env.TIDEMARK_DEBUG !== undefined) to.write(`${stackOf(error)}\n`);
  if (error instanceof TidemarkError) return error.exitCode;
  return error instanceof PipelineFileError ? EXIT.usage : EXIT.failed;
}

function textOf(error: unknown): string {
  if (error instanceof TidemarkError) return `tidemark: ${error.message}\n  ${error.remedy}`;
  if (error instanceof PipelineFileError) {
    const count = error.mistakes.length === 1 ? 'one mistake' : `${error.mistakes.length} mistakes`;
    return `tidemark: ${count} in the pipeline:\n${error.message.replace(/^/gm, '  ')}`;
  }
  const what = error instanceof Error ? error.message : String(error);
  return `tidemark: unexpected: ${what}\n  This is a defect. TIDEMARK_DEBUG=1 shows where it happened.`;
}

/** With the chain of causes. */
function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\ncaused by ${stackOf(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
