package org.tutti.libp2p.security.noise;

import org.tutti.libp2p.security.HandshakeException;
import org.tutti.libp2p.security.HandshakeException.Code;

import java.util.List;
import java.util.Optional;

/// The muxer that two lists agree on (libp2p/specs connections/inlined-muxer-negotiation.md).
final class InlinedMuxerNegotiation {
    private InlinedMuxerNegotiation() {}

    /// "The multiplexer to use is determined by picking the first item from the initiator's list
    /// that both parties support."
    ///
    /// @return empty if one side sent no list: rust does not, and negotiates over multistream
    /// @throws HandshakeException "If there is no overlap […] the handshake MUST fail."
    static Optional<String> choose(List<String> ours, List<String> theirs, boolean initiator)
            throws HandshakeException {
        if (ours.isEmpty() || theirs.isEmpty()) {
            return Optional.empty();
        }
        List<String> first = initiator ? ours : theirs;
        List<String> second = initiator ? theirs : ours;
        for (String muxer : first) {
            if (second.contains(muxer)) {
                return Optional.of(muxer);
            }
        }
        throw new HandshakeException(Code.NO_COMMON_MUXER, "no stream muxer in common");
    }
}
