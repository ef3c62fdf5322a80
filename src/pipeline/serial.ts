/** Runs one piece of work after the other, in the order in which they are given. Work must not fail unobserved. */
export class Serial {
  #last: Promise<unknown> = Promise.resolve();
  #pending = 0;

  get isBusy(): boolean {
    return this.#pending > 0;
  }

  run<T>(work: () => Promise<T>): Promise<T> {
    this.#pending++;
    const result = this.#last.then(work).finally(() => {
      this.#pending--;
    });
    this.#last = result.catch(failureSeenByTheCaller);
    return result;
  }
}

function failureSeenByTheCaller(): void {
  // The caller of `run` has the same promise; here it only orders what comes next.
}
