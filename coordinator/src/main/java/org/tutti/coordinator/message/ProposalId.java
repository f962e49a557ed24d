package org.tutti.coordinator.message;

import org.tutti.base.Bytes;
import org.tutti.musig.schnorr.TaggedHash;

/// Name of a proposal: BIP340 tagged hash `tutti/proposal-id` of its body as it was signed, so that
/// it commits to every field.
///
/// @param bytes 32 bytes
public record ProposalId(Bytes bytes) {
    public static final int BYTES = 32;

    public ProposalId {
        bytes.requireLength(BYTES, "proposal id");
    }

    /// @param body as it was signed
    public static ProposalId of(Bytes body) {
        return new ProposalId(TaggedHash.of("tutti/proposal-id", body.toArray()));
    }

    /// The first eight hex digits, for people.
    public String brief() {
        return bytes.toHex().substring(0, 8);
    }

    @Override
    public String toString() {
        return bytes.toHex();
    }
}
