package org.tutti.coordinator.message;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.musig.keys.PublicKey;

import java.time.Instant;
import java.util.Optional;

/// Something that a signing key says through a peer: signed by the peer's identity over a libp2p
/// envelope, and by the key (BIP340) over the body within. So each statement also attests that the
/// key speaks through that peer, for what it is about and nothing else: its kind is in both
/// signatures, and what it belongs to in the body.
public sealed interface Statement
        permits Reachable,
                Invitation,
                Join,
                Refusal,
                Withdrawal,
                Retirement,
                Proposal,
                Consent,
                Seal,
                Held,
                Leave,
                Succession {
    /// What every statement says.
    Header header();

    /// As it was signed and is passed on: a libp2p signed envelope.
    Bytes envelope();

    /// What every statement says.
    ///
    /// @param network 32 bytes that name the chain
    /// @param subject id of the request or proposal that it belongs to (32 bytes); none for what
    ///   belongs to none
    /// @param author the peer that speaks
    /// @param key the signing key that speaks
    /// @param sequence Unix milliseconds when it was made; of two with one kind, key and subject
    ///   the higher counts
    /// @param notAfter from then on it no longer counts
    record Header(
            Bytes network,
            Optional<Bytes> subject,
            PeerId author,
            PublicKey key,
            long sequence,
            Instant notAfter) {
        public Header {
            network.requireLength(32, "network");
            subject.ifPresent(id -> id.requireLength(32, "subject"));
        }

        /// When it was made, by its author's clock.
        public Instant made() {
            return Instant.ofEpochMilli(sequence);
        }
    }
}
