package org.tutti.lightclient.sync;

import java.time.Duration;

/// How patient and how greedy the client is. [#DEFAULTS] are for a node; tests shorten the times.
///
/// @param handshake how long `version` and `verack` may take
/// @param blockDeadline how long a peer may take for a block that we asked for
/// @param pollHeaders time between two questions for headers when nothing else happens. btcd
///   answers none while its tip is older than a day, so that silence here is no fault
/// @param pingAfter silence after which a peer is asked whether it is there
/// @param pingDeadline how long it may take to answer
/// @param firstBackoff wait before the second attempt to connect
/// @param maxBackoff longest wait between attempts
/// @param misbehaviourPause wait after a peer misbehaved
public record SyncSettings(
        Duration handshake,
        Duration blockDeadline,
        Duration pollHeaders,
        Duration pingAfter,
        Duration pingDeadline,
        Duration firstBackoff,
        Duration maxBackoff,
        Duration misbehaviourPause) {
    public static final SyncSettings DEFAULTS =
            new SyncSettings(
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(20),
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(60),
                    Duration.ofSeconds(20),
                    Duration.ofMillis(200),
                    Duration.ofSeconds(10),
                    Duration.ofMinutes(10));
}
