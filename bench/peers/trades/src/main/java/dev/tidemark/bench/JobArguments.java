package dev.tidemark.bench;

import java.time.Duration;

/** The command line that every peer understands. */
public record JobArguments(
        String bootstrapServers,
        String name,
        String input,
        String output,
        Duration size,
        Duration slide,
        Duration delay,
        boolean forLatency) {

    public static JobArguments of(String[] args) {
        if (args.length != 8) {
            throw new IllegalArgumentException(
                    "SERVERS NAME INPUT OUTPUT SIZE_MS SLIDE_MS DELAY_MS throughput|latency");
        }
        return new JobArguments(
                args[0], args[1], args[2], args[3], ms(args[4]), ms(args[5]), ms(args[6]), args[7].equals("latency"));
    }

    private static Duration ms(String text) {
        return Duration.ofMillis(Long.parseLong(text));
    }
}
