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
    private boolean sentSinceCredit;

    /// Bytes that we sent, less what each credit since is worth at least.
    private long uncredited;

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

    /// We have sent so many bytes.
    void sent(int length) {
        sendWindow -= length;
        sentSinceCredit = true;
        uncredited += length;
    }

    /// The remote gives us credit.
    ///
    /// @return whether it is for what we sent: the first since we last did so, or one for a part.
    ///   Others give it once half a window has been read, also long after it arrived
    boolean credited() {
        boolean due = sentSinceCredit || uncredited >= UselessFrames.MIN_CREDIT_BYTES;
        sentSinceCredit = false;
        uncredited = Math.max(0, uncredited - UselessFrames.MIN_CREDIT_BYTES);
        return due;
    }

    /// How many more frames of credit the remote may send for what we sent.
    long creditsDue() {
        return Math.ceilDiv(uncredited, UselessFrames.MIN_CREDIT_BYTES);
    }
}
