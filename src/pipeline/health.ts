/** What keeps a process from being ready for its work. */
export interface Obstacle {
  /** As `kafka` or `group`. */
  readonly part: string;
  /** For people, as a sentence. */
  readonly reason: string;
}

/** Asked at each probe: none means ready. Must not wait for anything. */
export type Obstacles = () => readonly Obstacle[];
