package org.tutti.coordinator.message;

import org.tutti.base.Bytes;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.musig.schnorr.TaggedHash;

/// A member has made the group's descriptor from the proposal and all consents, and signs it with
/// its group key.
///
/// @param descriptor its id, 32 bytes
/// @param signature by the member's group key over [#message]
public record Seal(Header header, Bytes descriptor, SchnorrSignature signature, Bytes envelope)
        implements Statement {
    public Seal {
        descriptor.requireLength(32, "descriptor id");
    }

    /// What the signature signs.
    ///
    /// @param descriptor its id
    public static Bytes message(Bytes descriptor) {
        return TaggedHash.of("tutti/group-seal", descriptor);
    }
}
