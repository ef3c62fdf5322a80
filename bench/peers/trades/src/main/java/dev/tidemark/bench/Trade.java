package dev.tidemark.bench;

/** A trade, its fields read from the bytes of {@code symbol,side,price,quantity,timeMs,readable time}. */
public class Trade {
    public String symbol;
    public long priceCents;
    public long timeMs;

    public Trade() {}

    /** Prices have two decimals. */
    public static Trade parse(byte[] csv) {
        Trade trade = new Trade();
        int at = 0;
        while (csv[at] != ',') at++;
        trade.symbol = new String(csv, 0, 0, at);
        while (csv[++at] != ',') {}
        long cents = 0;
        while (csv[++at] != ',') if (csv[at] != '.') cents = cents * 10 + csv[at] - '0';
        trade.priceCents = cents;
        while (csv[++at] != ',') {}
        long timeMs = 0;
        while (csv[++at] != ',') timeMs = timeMs * 10 + csv[at] - '0';
        trade.timeMs = timeMs;
        return trade;
    }
}
