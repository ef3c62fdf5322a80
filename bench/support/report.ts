import Table from 'cli-table3';

/** How figures are printed: a table for people, Markdown for the docs, JSON lines for programs. */
export type Form = 'table' | 'markdown' | 'json';

export interface Column<Row> {
  readonly title: string;
  readonly text: (row: Row) => string;
}

/** Prints rows in the form that is wanted; as JSON every row with all that it holds. */
export function report<Row extends object>(
  form: Form,
  title: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
): void {
  if (form === 'json') {
    for (const row of rows) console.log(JSON.stringify({ benchmark: title, ...row }));
    return;
  }
  const cells = rows.map((row) => columns.map(({ text }) => text(row)));
  const titles = columns.map((column) => column.title);
  if (form === 'markdown') {
    const line = (texts: readonly string[]): string => `| ${texts.join(' | ')} |`;
    console.log(`**${title}**\n`);
    console.log([titles, titles.map(() => '---'), ...cells].map(line).join('\n'), '\n');
    return;
  }
  const table = new Table({ head: titles, style: { head: [], border: [] } });
  table.push(...cells);
  console.log(`${title}\n${table.toString()}`);
}
