package org.tutti.coordinator.message;

import org.tutti.base.Bytes;
import org.tutti.musig.keys.PublicKey;

import java.time.Duration;
import java.util.List;

/// What a requester wants to have signed, before author, salt and times are added.
///
/// @param keys of all signers, the requester's among them, in any order if they are sorted
/// @param psbt the transaction; empty for raw messages, which most signers refuse
public record InvitationDraft(
        List<PublicKey> keys,
        KeyOrder keyOrder,
        List<RequestedMessage> messages,
        Bytes psbt,
        Description forPeople,
        ElectionMethod election,
        int birthday,
        Duration lifetime) {
    public InvitationDraft {
        keys = List.copyOf(keys);
        messages = List.copyOf(messages);
    }

    /// What people read. Programs trust none of it.
    ///
    /// @param amount in satoshis
    /// @param type such as `spend`, at most 32 characters
    /// @param description at most 1,000 characters
    /// @param purpose at most 64 characters
    public record Description(long amount, String type, String description, String purpose) {
        public static final int MAX_TYPE = 32;
        public static final int MAX_DESCRIPTION = 1_000;
        public static final int MAX_PURPOSE = 64;
    }
}
