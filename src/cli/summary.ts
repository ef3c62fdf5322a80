import type { RunCounts } from '../pipeline/local-run.ts';

/**
 * `919 trades, 1,957 windows, none late, none dead-lettered; 0.04 s, 22,975 trades/s`. The rate is told of an input with
 * an end, which is read as fast as can be; one without comes at a pace of its own.
 */
export function summaryText(
  { trades, windows, updates, late, deadLetters }: RunCounts,
  seconds: number,
  { keepsLate, keepsDeadLetters }: { readonly keepsLate: boolean; readonly keepsDeadLetters: boolean },
  hasEnd: boolean,
): string {
  const parts = [
    counted(trades, 'trade'),
    counted(windows, 'window'),
    ...(updates > 0 ? [counted(updates, 'update')] : []),
    `${count(late)} late${late > 0 && !keepsLate ? ' (--late FILE keeps them)' : ''}`,
    `${count(deadLetters)} dead-lettered${deadLetters > 0 && !keepsDeadLetters ? ' (--dead-letters FILE keeps them)' : ''}`,
  ];
  const empty = trades + late + deadLetters === 0 ? '\nThe input holds no trades.' : '';
  const rate = hasEnd && trades > 0 ? `, ${count(trades / seconds)} trades/s` : '';
  return `${parts.join(', ')}; ${seconds.toFixed(2)} s${rate}${empty}`;
}

/** The same for programs, in one line. */
export function summaryJson(counts: RunCounts, seconds: number, interrupted: boolean): string {
  const tradesPerSecond = Math.round(counts.trades / seconds);
  return JSON.stringify({ ...counts, seconds: Number(seconds.toFixed(3)), tradesPerSecond, interrupted });
}

function counted(value: number, what: string): string {
  if (value === 0) return `no ${what}s`;
  return `${count(value)} ${what}${value === 1 ? '' : 's'}`;
}

function count(value: number): string {
  return value === 0 ? 'none' : Math.round(value).toLocaleString('en');
}
