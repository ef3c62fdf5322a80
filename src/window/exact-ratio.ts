import { LIMB } from './accumulator.ts';

/**
 * `dividend / (divisor * factor)` for non-negative integers, dividend and divisor in two limbs each, correctly
 * rounded to the nearest double. NaN for 0 / 0.
 * One division of two exact doubles is correctly rounded by IEEE 754; beyond 2^53 integers take over.
 */
export function ratio(
  low: number,
  high: number,
  divisorLow: number,
  divisorHigh: number,
  factor: number,
): number {
  const product = divisorLow * factor;
  if (high === 0 && divisorHigh === 0 && product <= Number.MAX_SAFE_INTEGER) return low / product;
  return ratioOfIntegers(integer(low, high), integer(divisorLow, divisorHigh) * BigInt(factor));
}

function integer(low: number, high: number): bigint {
  return BigInt(high) * BigInt(LIMB) + BigInt(low);
}

/**
 * Scales the quotient to at least 64 bits and keeps a sticky bit for what the division leaves over; then the
 * one rounding that counts is `Number()`'s, to nearest, ties to even.
 */
function ratioOfIntegers(numerator: bigint, divisor: bigint): number {
  if (divisor === 0n) return NaN;
  if (numerator === 0n) return 0;
  const shift = Math.max(0, 64 - (bitLength(numerator) - bitLength(divisor)));
  const scaled = numerator << BigInt(shift);
  const sticky = scaled % divisor === 0n ? 0n : 1n;
  return Number(((scaled / divisor) << 1n) | sticky) / 2 ** (shift + 1);
}

function bitLength(value: bigint): number {
  return value.toString(2).length;
}
