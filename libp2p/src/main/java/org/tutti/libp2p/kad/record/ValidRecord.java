package org.tutti.libp2p.kad.record;

import org.tutti.libp2p.identity.PeerId;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/// What a validator says of a record that it found valid.
///
/// @param expires from then on it is not valid, nor served
/// @param rememberedUntil until then a replica keeps it, to refuse what is older; at or after
///   `expires`
/// @param author who made it, if the record proves that
/// @param sequence rises with each record of its key, and every record with a lower one expires
///   before `rememberedUntil`; empty if the namespace has no such thing
public record ValidRecord(
        Instant expires, Instant rememberedUntil, Optional<PeerId> author, OptionalLong sequence) {
    public ValidRecord {
        if (rememberedUntil.isBefore(expires)) {
            throw new IllegalArgumentException(
                    "remembered until " + rememberedUntil + ", expires " + expires);
        }
    }
}
