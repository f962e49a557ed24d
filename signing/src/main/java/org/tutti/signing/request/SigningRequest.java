package org.tutti.signing.request;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;

import java.time.Instant;
import java.util.List;

/// A decoded request to sign. Everything in it is a claim of its requester: each signer's
/// `Approval` rebuilds the messages from the context and its own knowledge (SAFETY 14).
///
/// The session id commits to all of it (SAFETY 15) because it is a hash of the payload as received.
///
/// @param sessionId tagged hash of `payload`
/// @param group who is asked
/// @param requester who asks; the author of the envelope
/// @param salt 32 random bytes, so that equal requests are different sessions
/// @param created by the requester's clock
/// @param expires the session ends at this time
/// @param messages 1 to the limit
/// @param purpose short word such as `payment`
/// @param context what the signers' approvals need to rebuild the messages; opaque here
/// @param idempotencyKey names the operation among the requester's; empty if it has none
/// @param payload the protobuf bytes that were signed
public record SigningRequest(
        SessionId sessionId,
        RequestGroup group,
        PeerId requester,
        Bytes salt,
        Instant created,
        Instant expires,
        List<MessageToSign> messages,
        String purpose,
        Bytes context,
        Bytes idempotencyKey,
        Bytes payload) {
    public SigningRequest {
        messages = List.copyOf(messages);
        salt.requireLength(32, "salt");
    }

    /// The bytes of the requester's peer id (a multihash), for those who know no libp2p.
    public Bytes requesterId() {
        return requester.multihash();
    }

    /// Compressed signing keys in group order, 33 bytes each.
    public List<Bytes> keys() {
        return group.keys();
    }

    @Override
    public String toString() {
        return "request "
                + sessionId.brief()
                + " ("
                + purpose
                + ", "
                + messages.size()
                + " messages)";
    }
}
