package dev.tidemark.bench;

import java.nio.file.Files;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.EmitStrategy;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Suppressed;
import org.apache.kafka.streams.kstream.Suppressed.BufferConfig;
import org.apache.kafka.streams.kstream.TimeWindowedKStream;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.WindowStore;

/** Averages over event time windows, one final result a window, exactly once. */
public final class KafkaStreamsJob {
    private static final Serde<String> STRING = Serdes.String();
    private static final Serde<byte[]> BYTES = Serdes.ByteArray();
    private static final Serde<Trade> TRADE = Serdes.serdeFrom(
            (topic, trade) -> {
                throw new UnsupportedOperationException("trades are only read");
            },
            (topic, bytes) -> Trade.parse(bytes));
    private static final Serde<Figures> FIGURES = Serdes.serdeFrom(
            (topic, figures) -> figures == null ? null : figures.toBytes(),
            (topic, bytes) -> bytes == null ? null : Figures.of(bytes));

    public static void main(String[] args) throws Exception {
        JobArguments job = JobArguments.of(args);
        KafkaStreams streams = new KafkaStreams(topology(job), settings(job));
        streams.setUncaughtExceptionHandler(error -> {
            error.printStackTrace();
            Runtime.getRuntime().halt(1);
            return null;
        });
        Runtime.getRuntime().addShutdownHook(new Thread(streams::close));
        streams.start();
    }

    /**
     * A backlog goes fastest through the record cache and suppression, for onWindowClose takes no cache and writes
     * every update to the changelog. A result is soonest there with onWindowClose.
     */
    private static Topology topology(JobArguments job) {
        TimeWindows windows = TimeWindows.ofSizeAndGrace(job.size(), job.delay()).advanceBy(job.slide());
        StreamsBuilder builder = new StreamsBuilder();
        TimeWindowedKStream<String, Trade> trades = builder.stream(
                        job.input(),
                        Consumed.with(STRING, TRADE)
                                .withTimestampExtractor((record, before) -> ((Trade) record.value()).timeMs))
                .groupByKey(Grouped.with(STRING, TRADE))
                .windowedBy(windows);
        if (job.forLatency()) trades = trades.emitStrategy(EmitStrategy.onWindowClose());
        KTable<Windowed<String>, Figures> averages =
                trades.aggregate(Figures::new, (symbol, trade, figures) -> figures.add(trade), store(job));
        if (!job.forLatency()) {
            averages = averages.suppress(Suppressed.untilWindowCloses(BufferConfig.unbounded()));
        }
        averages.toStream()
                .map((window, figures) -> KeyValue.pair(
                        window.key(),
                        figures.toJson(window.key(), window.window().start(), window.window().end())))
                .to(job.output(), Produced.with(STRING, BYTES));
        return builder.build();
    }

    private static Materialized<String, Figures, WindowStore<Bytes, byte[]>> store(JobArguments job) {
        return Materialized.<String, Figures>as(Stores.inMemoryWindowStore(
                        "averages", job.size().plus(job.delay()), job.size(), false))
                .withKeySerde(STRING)
                .withValueSerde(FIGURES);
    }

    private static Properties settings(JobArguments job) throws Exception {
        Properties settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, job.name());
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, job.bootstrapServers());
        settings.put(StreamsConfig.STATE_DIR_CONFIG, Files.createTempDirectory("kafka-streams-").toString());
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 2);
        settings.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 1);
        settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, job.forLatency() ? 10 : 500);
        settings.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 128L << 20);
        settings.put(StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG, 10_000);
        settings.put(StreamsConfig.InternalConfig.EMIT_INTERVAL_MS_KSTREAMS_WINDOWED_AGGREGATION, 0L);
        settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
        settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_POLL_RECORDS_CONFIG), 10_000);
        settings.put(StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG), job.forLatency() ? 0 : 20);
        settings.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), 256 << 10);
        return settings;
    }
}
