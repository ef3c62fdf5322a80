package dev.tidemark.bench;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** What a window gathers: a sum in whole cents, which does not drift, a count, and the lowest and highest price. */
public class Figures {
    public static final int BYTES = 4 * Long.BYTES;

    public long cents;
    public long count;
    public long min = Long.MAX_VALUE;
    public long max;

    public Figures() {}

    public Figures add(Trade trade) {
        cents += trade.priceCents;
        count++;
        min = Math.min(min, trade.priceCents);
        max = Math.max(max, trade.priceCents);
        return this;
    }

    public Figures merge(Figures other) {
        cents += other.cents;
        count += other.count;
        min = Math.min(min, other.min);
        max = Math.max(max, other.max);
        return this;
    }

    public byte[] toBytes() {
        return ByteBuffer.allocate(BYTES).putLong(cents).putLong(count).putLong(min).putLong(max).array();
    }

    public static Figures of(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        Figures figures = new Figures();
        figures.cents = buffer.getLong();
        figures.count = buffer.getLong();
        figures.min = buffer.getLong();
        figures.max = buffer.getLong();
        return figures;
    }

    /** The result record's value. */
    public byte[] toJson(String symbol, long startMs, long endMs) {
        String json = "{\"start\":" + startMs + ",\"end\":" + endMs + ",\"stockName\":\"" + symbol
                + "\",\"price\":" + cents / (count * 100.0) + ",\"minPrice\":" + min / 100.0
                + ",\"maxPrice\":" + max / 100.0 + ",\"count\":" + count + "}";
        return json.getBytes(StandardCharsets.ISO_8859_1);
    }
}
