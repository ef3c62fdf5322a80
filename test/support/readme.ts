import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT } from './tidemark.ts';

export const README = readFileSync(join(PROJECT, 'README.md'), 'utf8');

/** The section whose commands need a Kafka and a Redis. */
export const ON_KAFKA = 'On your own Kafka';

/** The section under a heading of the second level, up to the next one. */
export function sectionOf(title: string): string {
  const start = README.indexOf(`## ${title}\n`);
  if (start === -1) throw new Error(`The README has no section "${title}".`);
  const end = README.indexOf('\n## ', start);
  return README.slice(start, end === -1 ? undefined : end);
}

/** The texts of fenced blocks in this language. */
export function blocksOf(text: string, language: string): string[] {
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)]
    .filter(([, is]) => is === language)
    .map(([, , block]) => block);
}
