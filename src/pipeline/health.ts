/** What keeps a process from its work, or makes it worse. */
export interface Obstacle {
  /** As `kafka` or `group`. */
  readonly part: string;
  /** For people, as a sentence. */
  readonly reason: string;
  /** The work goes on all the same, so the process is ready. */
  readonly degrades?: true;
}

/** Asked at each probe: none, or none but those that only degrade, means ready. Must not wait for anything. */
export type Obstacles = () => readonly Obstacle[];
