package org.tutti.coordinator.message;

import org.tutti.base.Bytes;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.musig.schnorr.TaggedHash;

import java.nio.charset.StandardCharsets;

/// A member agrees to a proposal, with a key that it made for this group alone: whoever knows the
/// keys that members are found by finds no group on the chain.
///
/// @param groupKey with where it comes from
/// @param policyHash of the next, 32 bytes
/// @param policy by which rules it will sign, in words; empty: it signs nothing by itself
/// @param proof by the group key over [#proofMessage]: it is the member's, and made for this
///   proposal
public record Consent(
        Header header,
        GroupKey groupKey,
        Bytes policyHash,
        String policy,
        SchnorrSignature proof,
        Bytes envelope)
        implements Statement {
    public static final int MAX_POLICY = 1_000;

    public Consent {
        policyHash.requireLength(32, "hash of a policy");
    }

    /// What the proof signs.
    ///
    /// @param member the key that identifies it
    public static Bytes proofMessage(ProposalId proposal, PublicKey member, Bytes groupKey) {
        return TaggedHash.of("tutti/group-key", proposal.bytes(), member.bytes(), groupKey);
    }

    /// The hash of a policy's words.
    public static Bytes policyHash(String policy) {
        return TaggedHash.of("tutti/group-policy", policy.getBytes(StandardCharsets.UTF_8));
    }
}
