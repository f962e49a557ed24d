package org.tutti.libp2p.peerstore;

import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.internal.files.DamagedException;
import org.tutti.libp2p.multiaddr.Multiaddr;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// The message in a file of stored peers, behind a checksum that is right: peers, or damage that is
/// named. What is read is written again as it was read.
public final class StoredPeersFuzz {
    private static final Multiaddr HERE = Multiaddr.parse("/ip4/127.0.0.1/tcp/4001");

    private StoredPeersFuzz() {}

    /// Jazzer tries an input.
    public static void fuzzerTestOneInput(byte[] input) {
        List<StoredPeer> peers;
        try {
            peers = FilePeerStorage.decode(input);
        } catch (DamagedException e) {
            return;
        }
        try {
            byte[] again = FilePeerStorage.encode(peers, FilePeerStorage.MAX_LENGTH);
            if (!FilePeerStorage.decode(again).equals(peers)) {
                throw new IllegalStateException("read again as something else");
            }
        } catch (DamagedException e) {
            throw new IllegalStateException("written damaged", e);
        }
    }

    static List<byte[]> seeds() {
        PrivateKey key = Keys.generate(KeyType.ED25519, new SecureRandom());
        Instant then = Instant.parse("2026-01-02T03:04:05Z");
        StoredPeer peer =
                new StoredPeer(
                        key.publicKey().peerId(),
                        List.of(new StoredPeer.Address(HERE, then)),
                        Optional.of(
                                new StoredPeer.Signed(
                                        new PeerRecord(key.publicKey().peerId(), 1, List.of(HERE))
                                                .seal(key),
                                        then)));
        return List.of(FilePeerStorage.encode(List.of(peer), FilePeerStorage.MAX_LENGTH));
    }
}
