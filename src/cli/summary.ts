import type { RunCounts } from '../pipeline/local-run.ts';

/** `919 trades, 1,957 windows, none late, none dead-lettered; 0.04 s, 22,975 trades/s`. */
export function summaryText(
  { trades, windows, updates, late, deadLetters }: RunCounts,
  seconds: number,
  { keepsLate, keepsDeadLetters }: { readonly keepsLate: boolean; readonly keepsDeadLetters: boolean },
): string {
  const parts = [
    `${count(trades)} trades`,
    `${count(windows)} windows`,
    ...(updates > 0 ? [`${count(updates)} updates`] : []),
    `${count(late)} late${late > 0 && !keepsLate ? ' (--late FILE keeps them)' : ''}`,
    `${count(deadLetters)} dead-lettered${deadLetters > 0 && !keepsDeadLetters ? ' (--dead-letters FILE keeps them)' : ''}`,
  ];
  const empty = trades + late + deadLetters === 0 ? '\nThe input holds no trades.' : '';
  return `${parts.join(', ')}; ${seconds.toFixed(2)} s, ${count(trades / seconds)} trades/s${empty}`;
}

/** The same for programs, in one line. */
export function summaryJson(counts: RunCounts, seconds: number, interrupted: boolean): string {
  const tradesPerSecond = Math.round(counts.trades / seconds);
  return JSON.stringify({ ...counts, seconds: Number(seconds.toFixed(3)), tradesPerSecond, interrupted });
}

function count(value: number): string {
  return value === 0 ? 'none' : Math.round(value).toLocaleString('en');
}
