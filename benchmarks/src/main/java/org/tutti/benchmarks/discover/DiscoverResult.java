package org.tutti.benchmarks.discover;

import org.tutti.benchmarks.Machine;

import java.util.Locale;

/// What one run measured.
///
/// @param adverts timed by gossip
/// @param gossipP50Millis from the call that advertises to the event `SignerDiscovered` or
///   `SignerUpdated` of a node two hops away, which has verified the advert
/// @param requestP50Millis from the call that announces to the event `RequestReceived` of the later
///   of two signers, each two hops away
/// @param servers of the DHT
/// @param seekers fresh hosts that looked for the signer, one after the other
/// @param dhtP50Millis from the first server's identify to the verified advert
public record DiscoverResult(
        int adverts,
        double gossipP50Millis,
        double gossipP99Millis,
        double requestP50Millis,
        double requestP99Millis,
        int servers,
        int seekers,
        double dhtP50Millis,
        double dhtMaxMillis,
        Machine machine) {
    /// One line.
    public String json() {
        return String.format(
                Locale.ROOT,
                "{\"adverts\":%d,\"gossipP50Millis\":%.3f,\"gossipP99Millis\":%.3f,"
                        + "\"requestP50Millis\":%.3f,\"requestP99Millis\":%.3f,\"servers\":%d,\"seekers\":%d,\"dhtP50Millis\":%.3f,\"dhtMaxMillis\":%.3f,\"machine\":%s}",
                adverts,
                gossipP50Millis,
                gossipP99Millis,
                requestP50Millis,
                requestP99Millis,
                servers,
                seekers,
                dhtP50Millis,
                dhtMaxMillis,
                machine.json());
    }

    /// For people.
    public String table() {
        return String.format(
                Locale.ROOT,
                "%s%n%n%d adverts by gossip, advertise → verified two hops away%n"
                        + "  p50                  %9.2f ms%n"
                        + "  p99                  %9.2f ms%n"
                        + "as many requests by gossip, announce → at two signers two hops away%n"
                        + "  p50                  %9.2f ms%n"
                        + "  p99                  %9.2f ms%n"
                        + "%d fresh hosts and %d servers of a DHT, identify → verified advert%n"
                        + "  p50                  %9.2f ms%n"
                        + "  most                 %9.2f ms%n",
                machine.line(),
                adverts,
                gossipP50Millis,
                gossipP99Millis,
                requestP50Millis,
                requestP99Millis,
                seekers,
                servers,
                dhtP50Millis,
                dhtMaxMillis);
    }
}
