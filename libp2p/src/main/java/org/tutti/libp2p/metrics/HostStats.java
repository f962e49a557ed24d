package org.tutti.libp2p.metrics;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/// What a host counts, at one moment.
///
/// @param connections open now
/// @param streams open now on these, in both directions; a stream that ends is counted until the
///   muxer has forgotten it
/// @param bytesIn received since the host was built, on connections that could carry streams: all
///   bytes of the transport, handshakes, encryption and frames included
/// @param bytesOut sent likewise
/// @param refused connections and streams refused since the host was built, by reason: a code of
///   `InboundRefused`, or the name of the limit that was reached; in alphabetical order
public record HostStats(
        int connections, int streams, long bytesIn, long bytesOut, Map<String, Long> refused) {
    public HostStats {
        refused = Collections.unmodifiableMap(new TreeMap<>(refused));
    }

    /// How many connections and streams were refused, for any reason.
    public long refusedInAll() {
        return refused.values().stream().mapToLong(Long::longValue).sum();
    }
}
