package dev.tidemark.bench;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.AggregateFunction;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.ExecutionOptions;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.windowing.ProcessWindowFunction;
import org.apache.flink.streaming.api.windowing.assigners.SlidingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Averages over event time windows, one final result a window, exactly once, in one JVM. */
public final class FlinkJob {
    public static void main(String[] args) throws Exception {
        JobArguments job = JobArguments.of(args);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(settings(job));
        env.fromSource(source(job), watermarks(job), "trades")
                .keyBy(trade -> trade.symbol)
                .window(SlidingEventTimeWindows.of(job.size(), job.slide()))
                .aggregate(new Average(), new ToResult())
                .sinkTo(sink(job));
        env.execute(job.name());
    }

    /** Results become visible at checkpoints: often for latency, once a second for a backlog. */
    private static Configuration settings(JobArguments job) {
        Configuration settings = new Configuration();
        settings.set(CoreOptions.DEFAULT_PARALLELISM, 2);
        settings.set(PipelineOptions.OBJECT_REUSE, true);
        settings.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(job.forLatency() ? 50 : 1_000));
        settings.set(PipelineOptions.AUTO_WATERMARK_INTERVAL, Duration.ofMillis(job.forLatency() ? 1 : 200));
        settings.set(ExecutionOptions.BUFFER_TIMEOUT, Duration.ofMillis(job.forLatency() ? 1 : 100));
        return settings;
    }

    private static KafkaSource<Trade> source(JobArguments job) {
        return KafkaSource.<Trade>builder()
                .setBootstrapServers(job.bootstrapServers())
                .setTopics(job.input())
                .setGroupId(job.name())
                .setStartingOffsets(OffsetsInitializer.earliest())
                .setDeserializer(new FromCsv())
                .setProperty("max.poll.records", "10000")
                .build();
    }

    private static WatermarkStrategy<Trade> watermarks(JobArguments job) {
        return WatermarkStrategy.<Trade>forBoundedOutOfOrderness(job.delay())
                .withTimestampAssigner((trade, before) -> trade.timeMs);
    }

    private static KafkaSink<Result> sink(JobArguments job) {
        String topic = job.output(); // the sink is serialized, and all that it holds
        return KafkaSink.<Result>builder()
                .setBootstrapServers(job.bootstrapServers())
                .setRecordSerializer((KafkaRecordSerializationSchema<Result>) (result, context, timestamp) ->
                        new ProducerRecord<>(topic, result.key(), result.value()))
                .setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE)
                .setTransactionalIdPrefix(job.name())
                .setProperty("transaction.timeout.ms", "60000")
                .build();
    }

    private static final class FromCsv implements KafkaRecordDeserializationSchema<Trade> {
        @Override
        public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<Trade> out) {
            out.collect(Trade.parse(record.value()));
        }

        @Override
        public TypeInformation<Trade> getProducedType() {
            return TypeInformation.of(Trade.class);
        }
    }

    private static final class Average implements AggregateFunction<Trade, Figures, Figures> {
        @Override
        public Figures createAccumulator() {
            return new Figures();
        }

        @Override
        public Figures add(Trade trade, Figures figures) {
            return figures.add(trade);
        }

        @Override
        public Figures merge(Figures one, Figures other) {
            return one.merge(other);
        }

        @Override
        public Figures getResult(Figures figures) {
            return figures;
        }
    }

    private static final class ToResult extends ProcessWindowFunction<Figures, Result, String, TimeWindow> {
        @Override
        public void process(String symbol, Context context, Iterable<Figures> one, Collector<Result> out) {
            TimeWindow window = context.window();
            byte[] json = one.iterator().next().toJson(symbol, window.getStart(), window.getEnd());
            out.collect(new Result(symbol.getBytes(StandardCharsets.ISO_8859_1), json));
        }
    }

    public record Result(byte[] key, byte[] value) {}
}
