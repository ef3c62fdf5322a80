/** What is told as an event of the resource. */
export interface Note {
  readonly type: 'Normal' | 'Warning';
  /** CamelCase, for programs. */
  readonly reason: string;
  /** What was being done, CamelCase. */
  readonly action: string;
  /** For people. */
  readonly text: string;
}
