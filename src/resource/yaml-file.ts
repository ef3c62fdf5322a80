import {
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type Document,
  type YAMLError,
} from 'yaml';
import type { Finding } from './check.ts';
import type { Path } from './path.ts';

/** A YAML 1.2 file (which JSON is, too) as a plain value, with the place of everything in it. */
export interface YamlFile {
  readonly value: unknown;
  /** What is wrong with the file as YAML; `offset` counts characters from its start. */
  readonly faults: readonly (Finding & { readonly offset: number })[];
  /** Whether the file has no meaning at all until the faults are gone. */
  readonly unreadable: boolean;
  /** Where the value or key of a finding begins; where it is missing, the key of the nearest mapping around it. */
  readonly offsetOf: (finding: Finding) => number;
  /** Whether the file itself holds something at the path. */
  readonly has: (path: Path) => boolean;
  /** `12:14`, both counted from 1. */
  readonly lineAndColumn: (offset: number) => string;
}

export function readYaml(text: string): YamlFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
  const places = placesIn(document);
  const syntax = [...document.errors, ...document.warnings];
  const faults = oncePerLine(syntax, lines).map((error) => faultOf(error, places));
  const isBroken = syntax.some(({ code }) => code !== 'DUPLICATE_KEY');
  const aliases = isBroken ? [] : aliasFaults(document);
  const plain = isBroken || aliases.length > 0 ? undefined : toPlain(document);
  const byPath = new Map(places.map((place) => [JSON.stringify(place.path), place]));
  const placeOf = (path: Path) => byPath.get(JSON.stringify(path));

  return {
    value: plain?.value,
    faults: [...faults, ...aliases, ...(plain?.faults ?? [])],
    unreadable: plain?.value === undefined,
    offsetOf: ({ path, isAboutKey = false }) => {
      for (let length = path.length; length > 0; length--) {
        const place = placeOf(path.slice(0, length));
        if (place) return length === path.length && !isAboutKey ? place.valueOffset : place.keyOffset;
      }
      return placeOf([])?.keyOffset ?? 0;
    },
    has: (path) => placeOf(path) !== undefined,
    lineAndColumn: (offset) => {
      const { line, col } = lines.linePos(offset);
      return `${Math.max(1, line)}:${Math.max(1, col)}`;
    },
  };
}

interface Place {
  readonly path: Path;
  readonly keyOffset: number;
  /** A mapping or list in lines of its own is best shown by its key. */
  readonly valueOffset: number;
}

/** Every key and list item of the file. What an alias stands for has no place of its own here. */
function placesIn(document: Document.Parsed): Place[] {
  const places: Place[] = [];
  const note = (path: Path, node: unknown, keyOffset: number | undefined): void => {
    const start = startOf(node);
    const inLines = isCollection(node) && node.flow !== true;
    const keyAt = keyOffset ?? start ?? 0;
    places.push({ path, keyOffset: keyAt, valueOffset: inLines ? keyAt : (start ?? keyAt) });
    if (isMap(node)) {
      for (const { key, value } of node.items) {
        if (isScalar(key)) note([...path, String(key.value)], value, startOf(key));
      }
    } else if (isSeq(node)) {
      for (const [index, item] of node.items.entries()) note([...path, index], item, startOf(item));
    }
  };
  note([], document.contents, undefined);
  return places;
}

function startOf(node: unknown): number | undefined {
  if (isPair(node)) return startOf(node.key);
  return isScalar(node) || isCollection(node) || isAlias(node) ? node.range?.[0] : undefined;
}

/** One slip often confuses the parser several times over. */
function oncePerLine(errors: readonly YAMLError[], lines: LineCounter): YAMLError[] {
  const byLine = new Map<number, YAMLError>();
  for (const error of errors) {
    const { line } = lines.linePos(error.pos[0]);
    if (!byLine.has(line)) byLine.set(line, error);
  }
  return [...byLine.values()];
}

function faultOf({ code, message, pos }: YAMLError, places: readonly Place[]) {
  const path =
    code === 'DUPLICATE_KEY' ? (places.find(({ keyOffset }) => keyOffset === pos[0])?.path ?? []) : [];
  return { path, offset: pos[0], message: WORDS[code] ?? `the YAML breaks off here: ${message}` };
}

const WORDS: Partial<Record<YAMLError['code'], string>> = {
  DUPLICATE_KEY: 'stands twice in the same mapping: keep one',
  TAB_AS_INDENT: 'a tab cannot indent YAML: put spaces in its place',
  MULTIPLE_DOCS: 'a second document (---) begins here: put each pipeline into a file of its own',
  BAD_INDENT:
    'the indentation does not fit: begin all keys of a mapping in the same column, and close every [ and { that is open',
  BLOCK_AS_IMPLICIT_KEY: 'a second "key: value" on one line: put a text with a colon into quotes',
  BAD_SCALAR_START: 'a text cannot begin with this character: put it into quotes',
  NON_STRING_KEY: 'a key must be a text such as name',
  TAG_RESOLVE_FAILED: 'this !tag is not known: leave it out',
  RESOURCE_EXHAUSTION: 'the nesting is too deep: a pipeline file is a few levels deep',
};

function aliasFaults(document: Document.Parsed) {
  const faults: { path: Path; offset: number; message: string }[] = [];
  visit(document, {
    Alias(_, alias) {
      if (alias.resolve(document) !== undefined) return;
      const message = `*${alias.source} stands for nothing: mark a value with &${alias.source} before it`;
      faults.push({ path: [], offset: alias.range?.[0] ?? 0, message });
    },
  });
  return faults;
}

/** Aliases within aliases can make a small file fill the memory; yaml refuses those beyond its `maxAliasCount`. */
function toPlain(document: Document.Parsed) {
  try {
    return { value: document.toJS() as unknown, faults: [] };
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    const message = 'the aliases (*name) multiply beyond measure: write the values out';
    return { value: undefined, faults: [{ path: [], offset: 0, message }] };
  }
}
