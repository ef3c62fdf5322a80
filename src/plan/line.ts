/** One figure of a plan, and how it comes about. */
export interface Line {
  readonly name: string;
  /** The sum in figures, such as `200,000 trades/s / 410,000`; empty where it was given. */
  readonly arithmetic: string;
  readonly value: number;
  /** Empty for plain numbers. */
  readonly unit: string;
}

export interface Section {
  readonly title: string;
  readonly lines: readonly Line[];
  /** What the figures do not say. */
  readonly notes: readonly string[];
}

export function line(name: string, value: number, unit: string, arithmetic = ''): Line {
  return { name, arithmetic, value, unit };
}

/** A number as eyes read it: grouped, with as many decimals as say something. */
export function figure(value: number): string {
  const decimals = value === 0 || Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 1 ? 1 : 3;
  return value.toLocaleString('en-US', { maximumFractionDigits: decimals });
}
