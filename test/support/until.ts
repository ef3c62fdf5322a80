/**
 * Waits until `probe` returns something other than undefined or false, and returns that.
 * A probe that throws counts as "not yet"; what it threw last is the cause of the time-out.
 */
export async function until<T>(
  what: string,
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  withinMs = 50_000,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  let cause: unknown;
  do {
    try {
      const found = await probe();
      if (found !== undefined && found !== false) return found;
    } catch (error) {
      cause = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  } while (Date.now() < deadline);
  throw new Error(`Waited ${withinMs} ms in vain until ${what}.`, { cause });
}
