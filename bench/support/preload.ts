import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { kafkaClassPath } from '../../test/support/kafka-broker.ts';
import { csvLine, FIRST_TRADE_MS, marketTrades, symbolName, type MarketFile } from './market-file.ts';

/**
 * Writes a market's trades to a topic, keyed by symbol, in the market's order within each partition. The last trades,
 * one a symbol, come `delayMs` after everything that is to close: a watermark that follows the highest event time
 * closes the same windows in every job. Returns that watermark: windows that end by it are closed, others are not.
 * The writer is Kafka's own console producer.
 */
export async function preload(
  brokers: readonly string[],
  topic: string,
  market: MarketFile,
  delayMs: number,
): Promise<number> {
  const lastSecondMs = FIRST_TRADE_MS + Math.ceil(market.trades / market.perSecond) * 1000;
  const watermarkMs = lastSecondMs + CLOSED_AFTER_LAST_MS;
  const producer = spawn('java', [
    ...['-Xmx512m', '-XX:+UseSerialGC', '-cp', kafkaClassPath(), 'org.apache.kafka.tools.ConsoleProducer'],
    ...['--bootstrap-server', brokers.join(','), '--topic', topic, '--compression-codec', 'none'],
    ...['--reader-property', 'parse.key=true', '--reader-property', 'key.separator=:'],
    ...['--batch-size', '262144', '--command-property', 'linger.ms=20'],
    ...['--command-property', 'buffer.memory=67108864', '--command-property', 'max.request.size=2097152'],
  ]);
  let errors = '';
  producer.stdout.resume();
  producer.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const ended = once(producer, 'close') as Promise<[number | null]>;
  const write = async (text: string): Promise<void> => {
    if (!producer.stdin.write(text, 'latin1')) await Promise.race([once(producer.stdin, 'drain'), ended]);
  };
  let text = '';
  for (const trade of marketTrades(market)) {
    text += `${symbolName(trade.symbol)}:${csvLine(trade)}${UTC}\n`;
    if (text.length < 1_000_000) continue;
    await write(text);
    text = '';
  }
  for (let symbol = 0; symbol < market.symbols; symbol++) {
    const last = { symbol, priceCents: 10_000, quantity: 1, timeMs: watermarkMs + delayMs };
    text += `${symbolName(symbol)}:${csvLine(last)}${UTC}\n`;
  }
  await write(text);
  producer.stdin.end();
  const [code] = await ended;
  if (code !== 0) throw new Error(`Kafka's console producer ended with ${String(code)}:\n${errors}`);
  return watermarkMs;
}

/** Windows of 3 s close as a whole; half a second more, so that no job's rounding of the watermark matters. */
const CLOSED_AFTER_LAST_MS = 2_500;

/** Brings a value to the 67 bytes that the predecessor's have on average. */
const UTC = ' +0000';
