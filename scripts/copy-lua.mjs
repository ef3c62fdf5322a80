// Copies the Redis scripts beside the compiled code, which reads them at run time; tsc copies TypeScript only.
import { cpSync } from 'node:fs';

cpSync(new URL('../src/redis/lua/', import.meta.url), new URL('../dist/src/redis/lua/', import.meta.url), {
  recursive: true,
});
