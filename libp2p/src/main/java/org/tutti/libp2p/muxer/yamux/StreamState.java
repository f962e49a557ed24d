package org.tutti.libp2p.muxer.yamux;

/// What the engine knows of one stream. All counts are bytes.
final class StreamState {
    final int id;
    final boolean inbound;

    /// SYN of a stream of ours, or ACK of the remote's, not sent yet: rides on the next frame.
    int pendingFlags;

    /// Whether the remote acknowledged a stream of ours, or we one of the remote's.
    boolean acknowledged;

    /// Whether data of the remote's reached the application, or was there for it to read.
    boolean delivered;

    /// Whether we have sent data since the remote last gave us credit.
    boolean sentSinceCredit;

    /// How much we may send.
    long sendWindow = YamuxConfig.INITIAL_WINDOW;

    /// How much the remote may still send.
    long receiveCredit = YamuxConfig.INITIAL_WINDOW;

    /// How much the remote may send at most before we read.
    long receiveWindow = YamuxConfig.INITIAL_WINDOW;

    /// Read by the application since the last window update.
    long consumed;

    /// Once we read no more: how many bytes may still come that were on their way.
    long lateBytes;

    /// When the last window update went out.
    long updatedAt;

    boolean localEnded;
    boolean remoteEnded;
    boolean readClosed;

    StreamState(int id, boolean inbound, long now) {
        this.id = id;
        this.inbound = inbound;
        this.pendingFlags = inbound ? Header.ACK : Header.SYN;
        this.updatedAt = now;
    }

    int takePendingFlags() {
        int flags = pendingFlags;
        pendingFlags = 0;
        return flags;
    }
}
