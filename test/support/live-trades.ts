/** Trades of 40 symbols around now, some of them late; the same at each call but for the time. */
export function* liveTrades(count: number, perSecond: number): Generator<{ key: string; value: string }> {
  let seed = 7;
  const random = (): number => (seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
  const startMs = Date.now();
  for (let i = 0; i < count; i++) {
    const name = `S${Math.floor(random() * 40)}`;
    const lagMs = random() < 0.002 ? 5_000 : Math.floor(random() * 900);
    const price = (10 + random() * 900).toFixed(2);
    const timeMs = startMs + Math.floor((i * 1000) / perSecond) - lagMs;
    yield { key: name, value: `${name},BUY ,${price},${1 + (i % 900)},${timeMs},x` };
  }
}
