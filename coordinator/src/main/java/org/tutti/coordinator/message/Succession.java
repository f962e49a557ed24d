package org.tutti.coordinator.message;

import org.tutti.base.Bytes;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.musig.schnorr.TaggedHash;

/// A member of a group signs, with its key in that group, which group follows it. Alone it proves
/// little: the next group is there when all members of both, and those who leave, have said that
/// they hold everything.
///
/// @param previous id of the descriptor that is followed, 32 bytes
/// @param descriptor id of the one that follows it, 32 bytes
/// @param signature by the author's key in the previous group over [#message]
public record Succession(
        Header header, Bytes previous, Bytes descriptor, SchnorrSignature signature, Bytes envelope)
        implements Statement {
    public Succession {
        previous.requireLength(32, "descriptor id");
        descriptor.requireLength(32, "descriptor id");
    }

    /// What the signature signs.
    ///
    /// @param previous id of the descriptor that is followed
    /// @param descriptor id of the one that follows it
    public static Bytes message(Bytes previous, Bytes descriptor) {
        return TaggedHash.of("tutti/group-succession", previous, descriptor);
    }
}
