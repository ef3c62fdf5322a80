import { InvalidArgumentError } from 'commander';
import { parseDuration } from '../resource/duration.ts';
import { NAMESPACE_NAME } from '../resource/cluster-names.ts';

/*
 * What the text of an option must be. Each throws commander's InvalidArgumentError, which becomes a line that names the
 * option and what was expected.
 */

export function wholeNumberFrom(least: number): (text: string) => number {
  return (text) => {
    if (/^\d{1,15}$/.test(text) && Number(text) >= least) return Number(text);
    throw new InvalidArgumentError(`A whole number from ${least} is expected, such as 100.`);
  };
}

export function aboveZero(text: string): number {
  if (Number(text) > 0 && Number.isFinite(Number(text))) return Number(text);
  throw new InvalidArgumentError('A number above zero is expected, such as 2.5.');
}

export function shareOf(text: string): number {
  if (text.trim() !== '' && Number(text) >= 0 && Number(text) <= 1) return Number(text);
  throw new InvalidArgumentError('A share from 0 to 1 is expected, such as 0.01.');
}

export function shareBelowOne(text: string): number {
  const share = shareOf(text);
  if (share < 1) return share;
  throw new InvalidArgumentError('A share below 1 is expected, such as 0.3.');
}

/** In ms. */
export function durationMs(text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined) return ms;
  throw new InvalidArgumentError('A duration is expected, such as 500ms, 30s or 7d.');
}

/** `a,b`; an option that is given twice names more. None, as in a variable that is set and empty, are all of them. */
export function namespaceNames(text: string, before: readonly string[] = []): readonly string[] {
  const names = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const odd = names.find((name) => !NAMESPACE_NAME.test(name));
  if (odd !== undefined)
    throw new InvalidArgumentError(`Names of namespaces are expected, such as trading,research; not ${odd}.`);
  return [...new Set([...before, ...names])];
}
