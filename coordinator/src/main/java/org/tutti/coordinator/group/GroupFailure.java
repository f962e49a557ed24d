package org.tutti.coordinator.group;

import org.tutti.musig.keys.PublicKey;

import java.util.List;

/// Why a proposal became no group.
///
/// @param code what happened
/// @param reason one sentence for people; what a member gave as its reason is a member's word
/// @param culprits the members' keys, if it is anybody's doing
public record GroupFailure(Code code, String reason, List<PublicKey> culprits) {
    public GroupFailure {
        culprits = List.copyOf(culprits);
    }

    /// What happened.
    public enum Code {
        /// A member refused, perhaps after it had consented.
        REFUSED,
        /// The proposer took it back.
        WITHDRAWN,
        /// Not all had consented and signed in time.
        EXPIRED,
        /// A member gave a key without showing that it has the secret of it.
        ROGUE_KEY,
        /// Two members gave one key, perhaps with another parity.
        DUPLICATE_KEY,
        /// A member gave a key by which members are found.
        KNOWN_KEY,
        /// A member gave a key of another network.
        WRONG_NETWORK,
        /// A member gave a bare key where an extended one belongs, or the other way round.
        WRONG_FORM,
        /// A member consented twice, with different keys or rules.
        TWO_CONSENTS,
        /// A member signed another descriptor than the proposal and the consents make.
        DESCRIPTOR_DIFFERS,
        /// A member's signature of the descriptor is wrong.
        BAD_SEAL,
        /// The group that the proposal follows is not as it says, or its proposer was not in it.
        BAD_PREVIOUS,
        /// A member gave a key of the group that is followed.
        USED_KEY,
        /// A member's signature with its key of the group that is followed is wrong.
        BAD_SUCCESSION
    }
}
