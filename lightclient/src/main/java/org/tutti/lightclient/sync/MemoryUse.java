package org.tutti.lightclient.sync;

import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.lightclient.wire.P2pMessage;

/// About how much memory something takes: not what it took on the wire. Bounds are counted in it.
///
/// The numbers are those of a JVM with compressed references, rounded up.
final class MemoryUse {
    private static final int MESSAGE = 100;

    /// An inventory entry: item, hash, and its place in a list.
    private static final int ITEM = 80;

    /// A header: record, two hashes, and its place in a list.
    private static final int HEADER = 170;

    private static final int HASH = 56;
    private static final int TRANSACTION = 200;
    private static final int INPUT = 250;
    private static final int OUTPUT = 120;

    private MemoryUse() {}

    static long of(P2pMessage message) {
        return MESSAGE
                + switch (message) {
                    case P2pMessage.Inv inv -> (long) ITEM * inv.items().size();
                    case P2pMessage.GetData wanted -> (long) ITEM * wanted.items().size();
                    case P2pMessage.NotFound missing -> (long) ITEM * missing.items().size();
                    case P2pMessage.Headers headers -> (long) HEADER * headers.headers().size();
                    case P2pMessage.GetHeaders asked -> (long) HASH * asked.locator().size();
                    case P2pMessage.BlockMessage block -> block.block().length();
                    case P2pMessage.TxMessage tx -> of(tx.transaction());
                    case P2pMessage.Unknown unknown -> unknown.payload().length();
                    case P2pMessage.Version _,
                            P2pMessage.Verack _,
                            P2pMessage.Ping _,
                            P2pMessage.Pong _,
                            P2pMessage.SendHeaders _,
                            P2pMessage.FeeFilter _,
                            P2pMessage.Mempool _,
                            P2pMessage.GetAddr _,
                            P2pMessage.Reject _ ->
                            1_000L;
                };
    }

    static long of(Block block) {
        long sum = 0;
        for (Transaction transaction : block.transactions()) {
            sum += HASH + of(transaction);
        }
        return sum;
    }

    /// Objects, and the bytes in them: witnesses of many items lie as they were sent.
    private static long of(Transaction transaction) {
        return TRANSACTION
                + (long) INPUT * transaction.inputs().size()
                + (long) OUTPUT * transaction.outputs().size()
                + transaction.serializedLength();
    }

    /// Rounded up, at most `most`.
    static int kib(long bytes, int most) {
        return (int) Math.min(most, (bytes + 1023) / 1024);
    }
}
