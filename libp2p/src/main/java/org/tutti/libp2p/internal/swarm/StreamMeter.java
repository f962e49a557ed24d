package org.tutti.libp2p.internal.swarm;

/// Counts the bytes of one stream. One thread calls `read` and one `wrote` at a time, any thread
/// `closed`.
interface StreamMeter {
    /// Where nobody hears of it.
    StreamMeter NONE =
            new StreamMeter() {
                @Override
                public void read(int count) {}

                @Override
                public void wrote(int count) {}

                @Override
                public void closed() {}
            };

    /// @param count bytes; -1 at the end of the stream
    void read(int count);

    void wrote(int count);

    /// Only the first call counts.
    void closed();
}
