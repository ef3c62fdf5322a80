/** Tickers that people know, roughly by how much they are traded. The prices beside them are made up. */
const KNOWN = (
  'AAPL MSFT NVDA AMZN TSLA GOOGL META AMD NFLX INTC JPM BAC DIS XOM KO PEP WMT V MA PFE ' +
  'CSCO ORCL IBM QCOM ADBE CRM UBER PYPL BA CAT GE F GM T VZ CVX JNJ MRK UNH HD LOW NKE MCD SBUX ' +
  'GS MS C WFC AXP BLK SPY QQQ AMC ANZ AGL SHOP SQ PLTR COIN SNAP'
).split(' ');

export const MOST_TICKERS = 1_000_000;

/** Letters of each symbol, one after the other; symbol i is `bytes[starts[i] .. starts[i + 1]]`. */
export interface Tickers {
  readonly bytes: Uint8Array;
  readonly starts: Int32Array;
}

/**
 * The first `count` tickers, all different: known ones, then made-up ones of four and, once those are used up,
 * five letters. A ticker depends on its place alone, so that more symbols only add to the list.
 */
export function tickers(count: number): Tickers {
  const bytes = new Uint8Array(count * 5);
  const starts = new Int32Array(count + 1);
  const taken = new Set(KNOWN.filter((ticker) => ticker.length === 4).map(codeOf));
  let at = 0;
  let code = 0;
  for (let i = 0; i < count; i++) {
    starts[i] = at;
    if (i < KNOWN.length) {
      for (const letter of KNOWN[i]) bytes[at++] = letter.charCodeAt(0);
      continue;
    }
    let made = madeUp(code++);
    while (code <= OF_FOUR && taken.has(made)) made = madeUp(code++);
    at = writeLetters(bytes, at, made, code <= OF_FOUR ? 4 : 5);
  }
  starts[count] = at;
  return { bytes, starts };
}

const LETTER_A = 65;
const LETTERS = 26;
const OF_FOUR = LETTERS ** 4;
const OF_FIVE = LETTERS ** 5;
/** Shares no factor with 26, so that steps of this length reach every combination once, in no visible order. */
const STRIDE = 274_177;

/** The letters as a number in base 26. */
function madeUp(code: number): number {
  return code < OF_FOUR ? (code * STRIDE) % OF_FOUR : ((code - OF_FOUR) * STRIDE) % OF_FIVE;
}

function codeOf(ticker: string): number {
  let code = 0;
  for (const letter of ticker) code = code * LETTERS + letter.charCodeAt(0) - LETTER_A;
  return code;
}

function writeLetters(bytes: Uint8Array, at: number, letters: number, length: number): number {
  let rest = letters;
  for (let i = at + length - 1; i >= at; i--) {
    bytes[i] = LETTER_A + (rest % LETTERS);
    rest = Math.floor(rest / LETTERS);
  }
  return at + length;
}
