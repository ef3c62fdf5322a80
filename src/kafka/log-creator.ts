import { logLevel } from 'kafkajs';
import type { LogEntry, logCreator as LogCreator } from 'kafkajs';

/** Where this folder's logs go; pino and most others fit as they are. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

type Level = keyof Logger;

/**
 * kafkajs's logs on `logger`, at the level they deserve: kafkajs calls every refused request and every lost
 * connection an ERROR, although it retries them itself and throws what it could not repair to us.
 */
export function kafkajsLogs(logger: Logger): LogCreator {
  return () => (entry) => {
    const fields = Object.entries(entry.log).filter(([name]) => !OWN_FIELDS.has(name));
    logger[levelOf(entry)]({ part: entry.namespace, ...Object.fromEntries(fields) }, entry.log.message);
  };
}

/** What kafkajs adds to each entry and a logger knows by itself. */
const OWN_FIELDS = new Set(['message', 'timestamp', 'logger']);

/** The first rule whose text the message contains decides; what none knows keeps its level. */
const RULES: readonly (readonly [text: RegExp, level: Level])[] = [
  [/^Response \w+\(key/, 'debug'], // the one who asked gets the error
  [/^Connection (error|timeout)/, 'debug'], // likewise
  [/^Failed to (connect to|send messages)/, 'debug'], // followed by a retry
  [/^The group is rebalancing/, 'debug'],
  [/^(Pausing|Resuming) fetching/, 'debug'],
  [/^(Starting|Stopped|consumer not running)/, 'debug'],
  [/^The coordinator is not aware of this member/, 'warn'], // it joins again
  [/^Restarting the consumer in/, 'warn'],
];

function levelOf({ label, level, log }: LogEntry): Level {
  const rule = RULES.find(([text]) => text.test(log.message));
  if (rule) return rule[1];
  const retried = 'retryCount' in log && !log.message.startsWith('Crash');
  if (level === logLevel.ERROR && retried) return 'debug';
  const own = label.toLowerCase();
  return own === 'error' || own === 'warn' || own === 'info' ? own : 'debug';
}
