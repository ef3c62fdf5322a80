/** Waits for `work`, but not for longer: true if it has ended by then. It goes on unobserved, failures too. */
export async function within(ms: number, work: Promise<unknown>): Promise<boolean> {
  const isOver = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => {
    isOver.resolve(false);
  }, ms);
  try {
    return await Promise.race([work.then(() => true), isOver.promise]);
  } finally {
    clearTimeout(timer);
  }
}
