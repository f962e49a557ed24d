package org.tutti.libp2p.peerscore;

import org.tutti.libp2p.identity.PeerId;

import java.time.Instant;

/// What is held against one peer.
///
/// @param points at the time `at`, above 0, at most [PeerScores#MAX_POINTS]; they decay from there
/// @param at when the last penalty came
/// @param code of the last penalty: 1 to [PeerScores#MAX_CODE_LENGTH] printable ASCII characters
public record StoredPeerScore(PeerId peer, double points, Instant at, String code) {
    public StoredPeerScore {
        if (!(points > 0 && points <= PeerScores.MAX_POINTS)) {
            throw new IllegalArgumentException(points + " points");
        }
        PeerScores.requireCode(code);
    }
}
