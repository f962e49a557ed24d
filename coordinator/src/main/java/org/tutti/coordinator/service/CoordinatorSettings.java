package org.tutti.coordinator.service;

import org.tutti.coordinator.group.GroupLimits;
import org.tutti.coordinator.message.MessageLimits;
import org.tutti.coordinator.message.RequestLimits;
import org.tutti.signing.session.SessionTimeouts;

import java.time.Duration;

/// The bounds and times of a coordinator.
///
/// @param groups of groups
/// @param sessionLifetime how long one session of a request may take in all
/// @param sessions how long each phase of an attempt may take
/// @param tick how often it is looked what is due
/// @param inboxInterval how often a node looks whether something was left for it
/// @param findFirst how long after the start, and after each failure, an unknown signer is looked
///   for; doubled
/// @param findMost the longest of these pauses
/// @param gossipBurst requests of one key that gossip carries at once
/// @param gossipInterval one more after this time
/// @param contactLifetime how long a contact of this node's counts; renewed after half of it
public record CoordinatorSettings(
        MessageLimits messages,
        RequestLimits limits,
        GroupLimits groups,
        Duration sessionLifetime,
        SessionTimeouts sessions,
        Duration tick,
        Duration inboxInterval,
        Duration findFirst,
        Duration findMost,
        int gossipBurst,
        Duration gossipInterval,
        Duration contactLifetime) {
    public static final CoordinatorSettings DEFAULT =
            new CoordinatorSettings(
                    MessageLimits.DEFAULT,
                    RequestLimits.DEFAULT,
                    GroupLimits.DEFAULT,
                    Duration.ofMinutes(10),
                    SessionTimeouts.DEFAULT,
                    Duration.ofMillis(250),
                    Duration.ofMinutes(5),
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(30),
                    4,
                    Duration.ofSeconds(30),
                    Duration.ofDays(15));
}
