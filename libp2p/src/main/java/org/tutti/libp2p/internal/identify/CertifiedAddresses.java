package org.tutti.libp2p.internal.identify;

import com.google.protobuf.ByteString;

import org.tutti.base.BoundedMap;
import org.tutti.libp2p.identity.EnvelopeException;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.identity.SignedEnvelope;
import org.tutti.libp2p.internal.peerstore.PeerStore;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.peerstore.PeerRecord;
import org.tutti.libp2p.protobuf.ProtobufBytes;

import java.util.List;
import java.util.Optional;

/// The latest signed peer record of each peer, so that one which comes again, as it does on every
/// new connection, is not verified again. Bounded: the peer that was seen least recently is
/// forgotten.
///
/// Safe for all threads; the lock guards `latest`, and signatures are verified outside it.
final class CertifiedAddresses {
    private record Certificate(ByteString envelope, long seq, List<Multiaddr> addresses) {}

    private final BoundedMap<PeerId, Certificate> latest;

    CertifiedAddresses(int maxPeers) {
        this.latest = new BoundedMap<>(maxPeers);
    }

    /// The addresses in a peer's record, or in a newer one that it sent before.
    ///
    /// @return empty if the record is malformed, of another peer, or not signed by the peer
    Optional<List<Multiaddr>> open(PeerId peer, ByteString envelope) {
        Optional<Certificate> known = known(peer);
        if (known.isPresent() && known.get().envelope.equals(envelope)) {
            return Optional.of(known.get().addresses);
        }
        PeerRecord record;
        try {
            record = PeerRecord.open(SignedEnvelope.decode(ProtobufBytes.fromProtobuf(envelope)));
        } catch (EnvelopeException e) {
            return Optional.empty();
        }
        if (!record.peerId().equals(peer)) {
            return Optional.empty();
        }
        return Optional.of(
                remember(
                        peer,
                        new Certificate(envelope, record.seq(), tidy(peer, record.addresses()))));
    }

    /// RFC/0003-routing-records.md: "peers MUST ignore records with a lower seq than the one they
    /// have".
    private synchronized List<Multiaddr> remember(PeerId peer, Certificate fresh) {
        Certificate before = latest.get(peer);
        if (before != null && Long.compareUnsigned(fresh.seq, before.seq) < 0) {
            return before.addresses;
        }
        latest.put(peer, fresh);
        return fresh.addresses;
    }

    private synchronized Optional<Certificate> known(PeerId peer) {
        return Optional.ofNullable(latest.get(peer));
    }

    /// As many addresses as we keep, without `/p2p`, without those that lead to another peer.
    static List<Multiaddr> tidy(PeerId peer, List<Multiaddr> addresses) {
        return addresses.stream()
                .filter(a -> a.peerId().map(peer::equals).orElse(true))
                .map(Multiaddr::withoutPeerId)
                .filter(a -> !a.isEmpty())
                .distinct()
                .limit(PeerStore.MAX_ADDRESSES)
                .toList();
    }
}
