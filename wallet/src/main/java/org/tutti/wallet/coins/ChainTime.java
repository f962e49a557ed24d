package org.tutti.wallet.coins;

import org.tutti.bitcoin.block.BlockHeader;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;

/// The chain's own time: the median of the times in its last eleven headers (BIP113), which no
/// single miner sets.
///
/// Threads: the chain's listener writes, approvals read. One lock guards all fields.
public final class ChainTime {
    private static final int SPAN = 11;

    /// How many headers are remembered, so that a reorganisation leaves enough of them.
    private static final int MAX_HEADERS = 200;

    private final Deque<Long> times = new ArrayDeque<>();

    /// Takes the header of the next block.
    public synchronized void connect(BlockHeader header) {
        if (times.size() >= MAX_HEADERS) {
            times.removeFirst();
        }
        times.addLast(header.time());
    }

    /// Takes the last header back.
    public synchronized void disconnect() {
        times.pollLast();
    }

    /// The median, or [Instant#MIN] while fewer than eleven headers are known.
    public synchronized Instant median() {
        if (times.size() < SPAN) {
            return Instant.MIN;
        }
        long median =
                times.stream()
                        .skip(times.size() - SPAN)
                        .sorted()
                        .skip(SPAN / 2)
                        .findFirst()
                        .orElseThrow();
        return Instant.ofEpochSecond(median);
    }
}
