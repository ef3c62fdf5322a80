/** Ctrl-C, or a supervisor's SIGTERM: the first ends the run in order, the second at once. */
export function onInterrupt(): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const interrupt = (signal: NodeJS.Signals): void => {
    if (controller.signal.aborted) {
      // By the signal itself: an exit would wait for what hangs, such as a pipe that nobody opens for reading.
      release();
      process.kill(process.pid, signal);
    }
    controller.abort();
  };
  const release = (): void => {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  return { signal: controller.signal, release };
}
