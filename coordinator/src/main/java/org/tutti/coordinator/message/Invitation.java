package org.tutti.coordinator.message;

import org.tutti.base.Bytes;
import org.tutti.musig.keys.PublicKey;

import java.util.List;
import java.util.Optional;

/// A request to sign, to signers who have agreed to nothing yet: it reserves nothing and spends no
/// attempt while it waits, for up to 14 days. When all have joined, a request of `signing` is made
/// from it that lives minutes and names its id.
///
/// Everything in it is a claim of its requester: each signer recomputes messages, amounts and
/// destinations from the transaction.
///
/// @param id commits to every field
/// @param keys all signers' keys, in the order in which they are aggregated; the requester's, who
///   is the header's key, is one of them
/// @param messages 1 to the limit; all are signed in one session
/// @param amount in satoshis, for people
/// @param type such as `spend` or `swap`, for people
/// @param psbt the transaction's hash and length; none for raw messages
/// @param birthday height of a block before which there are no coins of these keys; 0 if none is
///   named
public record Invitation(
        RequestId id,
        Header header,
        List<PublicKey> keys,
        KeyOrder keyOrder,
        List<RequestedMessage> messages,
        long amount,
        String type,
        String description,
        String purpose,
        Optional<PsbtReference> psbt,
        ElectionMethod election,
        int birthday,
        Bytes envelope)
        implements Statement {
    public Invitation {
        keys = List.copyOf(keys);
        messages = List.copyOf(messages);
    }

    /// A transaction that travels beside the request.
    ///
    /// @param hash its SHA-256, 32 bytes
    /// @param length in bytes
    public record PsbtReference(Bytes hash, int length) {
        public PsbtReference {
            hash.requireLength(32, "hash of a PSBT");
        }
    }

    /// The key of who asks.
    public PublicKey requester() {
        return header.key();
    }

    @Override
    public String toString() {
        return "request " + id.brief() + " of " + keys.size() + " keys";
    }
}
