/** One thing in a pipeline that is wrong, in words for the person who wrote it. */
export interface Mistake {
  /** `spec.windows[0].slide`; empty for the file as a whole. */
  readonly path: string;
  /** Where it was written: `pipeline.yaml:12:14`, or the option of the command line: `--window`. */
  readonly origin: string;
  /** What was found and what would be right, with an example. */
  readonly message: string;
}

/** All mistakes of a pipeline at once, one per line of the message, in the order of the file. */
export class PipelineFileError extends Error {
  readonly code = 'PIPELINE_INVALID';
  readonly mistakes: readonly Mistake[];

  constructor(mistakes: readonly Mistake[]) {
    super(
      mistakes
        .map(({ origin, path, message }) => [origin, path, message].filter((part) => part !== '').join(': '))
        .join('\n'),
    );
    this.name = 'PipelineFileError';
    this.mistakes = mistakes;
  }
}
