/** The same work for every job: a name that is new to the broker, topics, and windows over event time. */
export interface WindowedJob {
  /** Of the consumer group, the transactions and the state; new for each run. */
  readonly name: string;
  readonly brokers: string[];
  readonly input: string;
  readonly output: string;
  readonly sizeMs: number;
  readonly slideMs: number;
  /** How far the watermark stays behind the highest event time. */
  readonly delayMs: number;
}
