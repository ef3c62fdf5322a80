import { EXIT, TidemarkError } from '../pipeline/error.ts';
import { figure, type Line, type Section } from '../plan/line.ts';
import { MEASURED } from '../plan/measured.ts';
import { plan } from '../plan/plan.ts';
import type { Targets } from '../plan/targets.ts';
import type { Override } from '../resource/overrides.ts';
import { parsePipelineFile, pipelineOf } from '../resource/parse.ts';
import type { Pipeline } from '../resource/pipeline.ts';
import { readPipelineFile } from './pipeline-file.ts';
import type { PlanFlags } from './plan-command.ts';

/** The plan as text, or as JSON. Throws a PipelineFileError, or a TidemarkError, PLAN_USAGE. */
export async function planned(file: string | undefined, flags: PlanFlags): Promise<string> {
  if ((flags.averageRate ?? 0) > flags.rate) {
    throw new TidemarkError(
      'PLAN_USAGE',
      `the average of ${figure(flags.averageRate ?? 0)} trades/s is above the peak of ${figure(flags.rate)}`,
      'Give the peak in --rate.',
      { exitCode: EXIT.usage },
    );
  }
  const sections = plan(targetsOf(await pipelineFrom(file, flags), flags));
  return flags.json === true ? `${JSON.stringify(asJson(sections), null, 2)}\n` : asText(sections);
}

async function pipelineFrom(file: string | undefined, flags: PlanFlags): Promise<Pipeline> {
  const overrides = overridesOf(flags);
  return file === undefined
    ? pipelineOf(overrides)
    : parsePipelineFile(await readPipelineFile(file), { fileName: file, overrides });
}

function overridesOf({ window, delay }: PlanFlags): Override[] {
  const windows = window?.map((text) => {
    const slash = text.indexOf('/');
    return slash === -1 ? { size: text } : { size: text.slice(0, slash), slide: text.slice(slash + 1) };
  });
  return [
    ...(windows === undefined
      ? []
      : [{ origin: '--window', path: ['spec', 'windows'], value: windows } as const]),
    ...(delay === undefined
      ? []
      : [{ origin: '--delay', path: ['spec', 'watermark', 'delay'], value: delay } as const]),
  ];
}

function targetsOf({ windows, delayMs, output }: Pipeline, flags: PlanFlags): Targets {
  return {
    windows,
    delayMs,
    measures: output.measures,
    symbols: flags.symbols ?? 1_000,
    tradesPerSecond: flags.rate,
    averageTradesPerSecond: flags.averageRate ?? flags.rate,
    recordBytes: flags.recordBytes,
    resultBytes: flags.resultBytes,
    symbolBytes: flags.symbolBytes,
    outageMs: flags.outage,
    replayWithinMs: flags.replayWithin,
    failOverMs: flags.failOver,
    growth: flags.growth,
    headroom: flags.headroom,
    retentionMs: flags.retention,
    replication: flags.replication,
    zones: flags.zones,
    producerRecordsPerSecond: flags.producerRate ?? MEASURED.producerRecordsPerSecond,
    prices: {
      vcpuHour: flags.priceVcpuHour,
      memoryGbMonth: flags.priceMemoryGbMonth,
      redisGbMonth: flags.priceRedisGbMonth,
      diskGbMonth: flags.priceDiskGbMonth,
      crossZoneGb: flags.priceCrossZoneGb,
    },
  };
}

function asJson(sections: readonly Section[]): object {
  return Object.fromEntries(
    sections.map(({ title, lines, notes }) => [
      title,
      { ...Object.fromEntries(lines.map(({ name, ...rest }) => [name, rest])), notes },
    ]),
  );
}

/** A figure a line, with the sum that makes it. */
function asText(sections: readonly Section[]): string {
  return sections
    .map(({ title, lines, notes }) => {
      const widest = Math.max(...lines.map(({ name }) => name.length));
      const amounts = lines.map(({ value, unit }) => `${figure(value)} ${unit}`.trimEnd());
      const amountWidth = Math.max(...amounts.map((amount) => amount.length));
      const rows = lines.map((each, i) => `  ${row(each, amounts[i], widest, amountWidth)}\n`);
      return `${title}\n${rows.join('')}${notes.map((note) => `  (${note})\n`).join('')}`;
    })
    .join('\n');
}

function row({ name, arithmetic }: Line, amount: string, nameWidth: number, amountWidth: number): string {
  const given = `${name.padEnd(nameWidth)}  ${amount.padEnd(amountWidth)}`;
  return (arithmetic === '' ? given : `${given}  = ${arithmetic}`).trimEnd();
}
