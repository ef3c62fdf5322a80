import { InvalidArgumentError, Option, type Command } from 'commander';
import { EXIT, TidemarkError } from '../pipeline/error.ts';
import type { Override } from '../resource/overrides.ts';

/** The options of `tidemark run`, as commander hands them over. */
export interface RunFlags {
  readonly input?: string;
  readonly demo?: true;
  readonly follow?: true;
  readonly symbols?: number;
  readonly rate?: number;
  readonly disorder?: string;
  readonly seed?: number;
  readonly limit?: number;
  readonly format?: string;
  readonly header?: string;
  readonly delimiter?: string;
  readonly symbolField?: string;
  readonly priceField?: string;
  readonly quantityField?: string;
  readonly timeField?: string;
  readonly timeUnit?: string;
  readonly priceDecimals?: number;
  readonly quantityDecimals?: number;
  readonly window?: string[];
  readonly slide?: string;
  readonly trades?: number;
  readonly every?: number;
  readonly delay?: string;
  readonly idleAfter?: string;
  readonly emit?: string;
  readonly measures?: string[];
  readonly output?: string;
  readonly outputFormat?: string;
  readonly late?: string;
  readonly deadLetters?: string;
  readonly keepOpen?: true;
  readonly json?: true;
  readonly quiet?: true;
}

/** Declares the options, in the order in which `--help` shows them. */
export function declareRunFlags(command: Command): Command {
  return command
    .optionsGroup('Input:')
    .option(
      '-i, --input <where>',
      'a file (gzip and zstd are noticed), - for standard input, or tcp://host:port',
      once('There is one input. Several files can be piped in: cat *.csv | tidemark run --input -'),
    )
    .option('--follow', 'wait at the end of the file for more, as tail -F does')
    .option('--format <csv|json>', 'how a record is written; json: one object a line')
    .option('--header <auto|present|absent>', 'whether the first line of CSV names the columns')
    .option('--delimiter <character>', 'what separates the columns of CSV')
    .option('--symbol-field <name>', 'where the symbol is: a name, or a column from 1')
    .option('--price-field <name>', 'where the price is')
    .option('--quantity-field <name>', 'where the quantity is')
    .option('--time-field <name>', 'where the time is')
    .option('--time-unit <ms|us|ns|iso>', 'in which form the time comes')
    .option(
      '--price-decimals <n>',
      'decimals of a price that are kept; a price with more is a dead letter',
      integer,
    )
    .option('--quantity-decimals <n>', 'the same for quantities', integer)
    .optionsGroup('Made-up trades:')
    .option('--demo', 'make up trades; the default without an input')
    .option('--symbols <n>', 'how many symbols', integer)
    .option('--rate <n>', 'trades per second', number)
    .option('--disorder <duration>', 'how far out of order they come')
    .option('--seed <n>', 'the same seed makes the same trades', integer)
    .option('--limit <n>', 'end after so many trades', countFromOne)
    .optionsGroup('Windows:')
    .option(
      '-w, --window <size>',
      'length of a window, such as 3s; 1m/10s is a minute every 10 s; may be repeated',
      collect,
    )
    .option('-s, --slide <duration>', 'distance from one window to the next; the size if left out')
    .option('--trades <n>', 'a window over the last n trades of a symbol', integer)
    .option('--every <n>', 'a result of it after every n trades; n of --trades if left out', integer)
    .option('-d, --delay <duration>', 'how long a window waits for trades that are out of order')
    .option('--idle-after <duration>', 'close windows by the clock after so long without a trade')
    .option('--emit <final|update>', 'one result when a window closes, or one after each trade too')
    .option('--measures <list>', 'of average,min,max,count,volume,vwap', list)
    .optionsGroup('Output:')
    .option(
      '-o, --output <file>',
      'where the averages go: .csv, .jsonl, or - for standard output',
      once('There is one output. To copy it: tidemark run --output - | tee averages.csv'),
    )
    .option('--output-format <csv|json>', 'how they are written, whatever the name of the file')
    .option('--late <file>', 'where trades go whose windows had closed, as JSON lines')
    .option('--dead-letters <file>', 'where records go that are no trades, with the reason, as JSON lines')
    .option('--keep-open', 'at the end of the input leave open what the watermark has not closed')
    .addOption(new Option('--json', 'results and summary as JSON, for programs'))
    .option('-q, --quiet', 'no progress, no summary');
}

/** The options that stand for something in a pipeline file. */
export function overridesOf(flags: RunFlags): Override[] {
  const overrides: Override[] = [];
  const set = (origin: string, path: Override['path'], value: unknown): void => {
    if (value !== undefined) overrides.push({ origin, path, value });
  };
  set('--input', ['spec', 'input', flags.input?.startsWith('tcp:') ? 'socket' : 'file'], flags.input);
  if (flags.demo === true) set('--demo', ['spec', 'input', 'demo'], {});
  set('--symbols', ['spec', 'input', 'demo', 'symbols'], flags.symbols);
  set('--rate', ['spec', 'input', 'demo', 'rate'], flags.rate);
  set('--disorder', ['spec', 'input', 'demo', 'disorder'], flags.disorder);
  set('--seed', ['spec', 'input', 'demo', 'seed'], flags.seed);
  set('--format', ['spec', 'input', 'format'], flags.format ?? formatByName(flags.input));
  set('--header', ['spec', 'input', 'header'], flags.header);
  set('--delimiter', ['spec', 'input', 'delimiter'], flags.delimiter?.replace('\\t', '\t'));
  set('--symbol-field', ['spec', 'input', 'fields', 'symbol'], fieldOf(flags.symbolField));
  set('--price-field', ['spec', 'input', 'fields', 'price'], fieldOf(flags.priceField));
  set('--quantity-field', ['spec', 'input', 'fields', 'quantity'], fieldOf(flags.quantityField));
  set('--time-field', ['spec', 'input', 'fields', 'time'], fieldOf(flags.timeField));
  set('--time-unit', ['spec', 'input', 'timeUnit'], flags.timeUnit);
  set('--price-decimals', ['spec', 'input', 'priceDecimals'], flags.priceDecimals);
  set('--quantity-decimals', ['spec', 'input', 'quantityDecimals'], flags.quantityDecimals);
  set(flags.window === undefined ? '--trades' : '--window', ['spec', 'windows'], windowsOf(flags));
  if (flags.window === undefined) set('--slide', ['spec', 'windows', 0, 'slide'], flags.slide);
  else if (flags.window.every((window) => window.includes('/'))) refuseIdleSlide(flags.slide);
  if (flags.trades === undefined) set('--every', ['spec', 'windows', 0, 'every'], flags.every);
  set('--delay', ['spec', 'watermark', 'delay'], flags.delay);
  set('--idle-after', ['spec', 'watermark', 'idleAfter'], flags.idleAfter);
  set('--emit', ['spec', 'emit'], flags.emit);
  set('--measures', ['spec', 'output', 'measures'], flags.measures);
  set('--output', ['spec', 'output', 'file'], flags.output);
  set('--output-format', ['spec', 'output', 'format'], flags.outputFormat);
  set('--late', ['spec', 'late'], flags.late === undefined ? undefined : { file: flags.late });
  set(
    '--dead-letters',
    ['spec', 'deadLetters'],
    flags.deadLetters === undefined ? undefined : { file: flags.deadLetters },
  );
  return overrides;
}

/** `--window 3s --slide 1s`, `--window 1m/10s`, `--trades 20 --every 1`: all of them together. */
function windowsOf(flags: RunFlags): object[] | undefined {
  if (flags.window === undefined && flags.trades === undefined) return undefined;
  const timeWindows = (flags.window ?? []).map((window) => {
    const slash = window.indexOf('/');
    const size = slash === -1 ? window : window.slice(0, slash);
    const slide = slash === -1 ? flags.slide : window.slice(slash + 1);
    return slide === undefined ? { size } : { size, slide };
  });
  const { trades, every } = flags;
  const countWindows = trades === undefined ? [] : [every === undefined ? { trades } : { trades, every }];
  return [...timeWindows, ...countWindows];
}

/** It would be passed over in silence. */
function refuseIdleSlide(slide: string | undefined): void {
  if (slide === undefined) return;
  throw new TidemarkError(
    'OPTION_UNUSED',
    `--slide ${slide} is for windows that name no distance of their own, and each --window names one.`,
    `Leave it out, or write --window 1m --slide ${slide} for --window 1m/${slide}.`,
    { exitCode: EXIT.usage },
  );
}

function formatByName(input: string | undefined): string | undefined {
  return input !== undefined && /\.(jsonl?|ndjson)(\.gz|\.zst)?$/i.test(input) ? 'json' : undefined;
}

/** A column's number, or a name. */
function fieldOf(text: string | undefined): string | number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : text;
}

function collect(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}

/** The value of an option that would else be lost when it is given again. */
function once(remedy: string): (value: string, before: string | undefined) => string {
  return (value, before) => {
    if (before !== undefined) throw new InvalidArgumentError(remedy);
    return value;
  };
}

function list(value: string): string[] {
  return value.split(',').map((each) => each.trim());
}

function integer(value: string): number {
  if (!/^-?\d+$/.test(value)) throw new InvalidArgumentError('A whole number is expected, such as 100.');
  return Number(value);
}

function countFromOne(value: string): number {
  const count = integer(value);
  if (count < 1) throw new InvalidArgumentError('A whole number from 1 is expected, such as 100.');
  return count;
}

function number(value: string): number {
  if (value.trim() === '' || Number.isNaN(Number(value)))
    throw new InvalidArgumentError('A number is expected, such as 2.5.');
  return Number(value);
}
