package org.tutti.libp2p.muxer.yamux;

import org.tutti.base.TokenBucket;

/// One budget over all frames of a remote that bring the application nothing: streams that are
/// opened and reset, streams above the bounds, data for streams that have ended, empty data, window
/// updates that nobody waits for, pings. Some are honest; endless ones only keep us busy.
///
/// What was on its way when *we* ended a stream is not the remote's fault: as many bytes as it was
/// allowed to send are free. Nor is credit for what we sent, which comes when it is read: after the
/// last byte, and after the end of the stream. A pure engine; not safe for threads.
final class UselessFrames {
    /// A ping is answered, so it costs more than a frame that is dropped.
    private static final int PING_COST = 4;

    /// What a frame counts at least against the bytes that are free, so that they are not used up
    /// one byte at a time.
    static final int MIN_LATE_BYTES = 256;

    /// The most that is free at a time: as much as one stream may have on its way.
    private static final long MAX_LATE_BYTES = 16L << 20;

    /// What a frame of credit is worth at least: an eighth of what others wait for before they send
    /// one, half a window.
    static final int MIN_CREDIT_BYTES = 16_384;

    /// Frames of credit for streams that have ended, at a time: those of the windows of 1,024.
    private static final int MAX_LATE_CREDITS =
            1_024 * (YamuxConfig.INITIAL_WINDOW / MIN_CREDIT_BYTES);

    private final TokenBucket frames;
    private long lateBytes;
    private long lateCredits;

    /// @param burst at once
    /// @param perSecond how many more each second
    UselessFrames(int burst, int perSecond, long now) {
        this.frames = new TokenBucket(burst, perSecond, now);
    }

    /// A frame that brought nothing.
    ///
    /// @return false if it is one too many
    boolean spend(long now) {
        return frames.take(now);
    }

    /// A ping that we did not ask for.
    ///
    /// @return false if it is one too many
    boolean spendPing(long now) {
        return frames.take(PING_COST, now);
    }

    /// We ended a stream, or refused it, on which the remote may send so many bytes until it knows.
    void expectLate(long bytes) {
        lateBytes = Math.min(MAX_LATE_BYTES, lateBytes + bytes);
    }

    /// Data for a stream that is no longer there.
    ///
    /// @return false if it is one frame too many
    boolean spendLate(int length, long now) {
        long cost = Math.max(length, MIN_LATE_BYTES);
        if (length > 0 && cost <= lateBytes) {
            lateBytes -= cost;
            return true;
        }
        return spend(now);
    }

    /// A stream has ended for whose bytes so many frames of credit may come yet.
    void expectLateCredits(long count) {
        lateCredits = Math.min(MAX_LATE_CREDITS, lateCredits + count);
    }

    /// Credit for a stream that is no longer there.
    ///
    /// @return false if it is one frame too many
    boolean spendLateCredit(long now) {
        if (lateCredits > 0) {
            lateCredits--;
            return true;
        }
        return spend(now);
    }
}
