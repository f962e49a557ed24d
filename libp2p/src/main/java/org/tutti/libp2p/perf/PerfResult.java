package org.tutti.libp2p.perf;

import java.time.Duration;

/// What was measured.
///
/// @param uploadTime from the open stream until the first byte, or the end, came back: the peer
///   answers only when it has read all, so the bytes have arrived, and a round trip is part of it
/// @param downloadTime from then until the end
public record PerfResult(
        long uploadBytes, long downloadBytes, Duration uploadTime, Duration downloadTime) {

    public double uploadBytesPerSecond() {
        return perSecond((double) uploadBytes, uploadTime);
    }

    public double downloadBytesPerSecond() {
        return perSecond((double) downloadBytes, downloadTime);
    }

    /// Both directions, over the time that they took one after the other.
    public double bytesPerSecond() {
        return perSecond((double) uploadBytes + downloadBytes, uploadTime.plus(downloadTime));
    }

    /// A time that the clock does not resolve counts as a nanosecond.
    private static double perSecond(double bytes, Duration time) {
        return bytes * 1e9 / Math.max(1, time.toNanos());
    }
}
