/** DuckDB as a process of its own, on one thread: `node peer-duckdb.ts PACKAGES INPUT OUTPUT`. */
import { createRequire } from 'node:module';
import { join } from 'node:path';

interface DuckDb {
  DuckDBInstance: {
    create(
      path: string,
      options: Record<string, string>,
    ): Promise<{ connect(): Promise<{ run(sql: string): Promise<unknown> }> }>;
  };
}

const [packages, input, output] = process.argv.slice(2);
const { DuckDBInstance } = createRequire(join(packages, 'package.json'))('@duckdb/node-api') as DuckDb;
const database = await DuckDBInstance.create(':memory:', { threads: '1' });
const connection = await database.connect();
await connection.run(`
  COPY (
    SELECT s * 1000 AS start, s * 1000 + 3000 AS "end", symbol AS stockName,
           avg(price) AS price, min(price) AS minPrice, max(price) AS maxPrice, count(*) AS count
    FROM (
      SELECT symbol, price, unnest([ts // 1000 - 2, ts // 1000 - 1, ts // 1000]) AS s
      FROM read_csv('${input}', header = false, columns = {
        'symbol': 'VARCHAR', 'side': 'VARCHAR', 'price': 'DOUBLE', 'quantity': 'BIGINT', 'ts': 'BIGINT', 'readable': 'VARCHAR'
      })
    )
    GROUP BY s, symbol ORDER BY s, symbol
  ) TO '${output}' (HEADER)`);
process.exit(0);
