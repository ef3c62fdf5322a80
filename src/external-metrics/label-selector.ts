/** One condition of a label selector. An absent label fulfils `notin` (and so `!=`), as Kubernetes has it. */
export interface Requirement {
  readonly key: string;
  readonly operator: 'in' | 'notin' | 'exists' | 'absent';
  readonly values: readonly string[];
}

/** All of them must hold; none: everything is selected. */
export type LabelSelector = readonly Requirement[];

/** A selector's text is not of the grammar. The message says where. */
export class SelectorError extends Error {}

/**
 * Reads the text form of a selector: `a=b`, `a==b`, `a!=b`, `a in (b, c)`, `a notin (b)`, `a`, `!a`, joined by commas.
 * Comparisons of numbers (`a>1`), which no metric of ours has use for, are refused. Throws a SelectorError.
 */
export function parseSelector(text: string): LabelSelector {
  const tokens = new Tokens(text);
  if (tokens.next === END) return [];
  const requirements = [requirement(tokens)];
  while (tokens.next !== END) {
    tokens.take(',');
    requirements.push(requirement(tokens));
  }
  return requirements;
}

export function selects(selector: LabelSelector, labels: Readonly<Record<string, string>>): boolean {
  return selector.every(({ key, operator, values }) => {
    const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
    switch (operator) {
      case 'in':
        return value !== undefined && values.includes(value);
      case 'notin':
        return value === undefined || !values.includes(value);
      case 'exists':
        return value !== undefined;
      case 'absent':
        return value === undefined;
    }
  });
}

function requirement(tokens: Tokens): Requirement {
  if (tokens.next === '!') {
    tokens.take('!');
    return { key: keyOf(tokens), operator: 'absent', values: [] };
  }
  const key = keyOf(tokens);
  switch (tokens.next) {
    case '=':
    case '==':
      tokens.take();
      return { key, operator: 'in', values: [valueOf(tokens)] };
    case '!=':
      tokens.take();
      return { key, operator: 'notin', values: [valueOf(tokens)] };
    case 'in':
    case 'notin': {
      const operator = tokens.take() as 'in' | 'notin';
      return { key, operator, values: valuesOf(tokens) };
    }
    case ',':
    case END:
      return { key, operator: 'exists', values: [] };
    default:
      throw tokens.unexpected('one of =, ==, !=, in, notin, a comma or the end');
  }
}

function keyOf(tokens: Tokens): string {
  if (!KEY.test(tokens.next)) throw tokens.unexpected('the key of a label');
  return tokens.take();
}

function valuesOf(tokens: Tokens): string[] {
  tokens.take('(');
  const values = [valueOf(tokens)];
  while (tokens.next === ',') {
    tokens.take();
    values.push(valueOf(tokens));
  }
  tokens.take(')');
  return values;
}

/** Nothing at all is a value too: the empty one. */
function valueOf(tokens: Tokens): string {
  if (tokens.next === END || tokens.next === ',' || tokens.next === ')') return '';
  if (!VALUE.test(tokens.next)) throw tokens.unexpected('the value of a label');
  return tokens.take();
}

class Tokens {
  readonly #text: string;
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = text.match(TOKEN) ?? [];
  }

  /** Not taken yet; END after the last. */
  get next(): string {
    return this.#tokens[this.#at] ?? END;
  }

  take(wanted?: string): string {
    const token = this.next;
    if (wanted !== undefined && token !== wanted) throw this.unexpected(wanted);
    this.#at += 1;
    return token;
  }

  unexpected(wanted: string): SelectorError {
    const found = this.next === END ? 'the end' : `'${this.next}'`;
    return new SelectorError(`unable to parse '${this.#text}': expected ${wanted}, found ${found}`);
  }
}

const END = '';
/** Anything that is no word and no sign of the grammar is a token of its own, which nothing expects. */
const TOKEN = /==|!=|[=!,()]|[\w./-]+|[^\s]/g;
const KEY = /^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?$/;
const VALUE = /^[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?$/;
