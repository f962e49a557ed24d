package org.tutti.coordinator.service;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.peerscore.PeerScores;
import org.tutti.musig.schnorr.TaggedHash;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/// Whom this node does not listen to: who has sent [#FORGED] statements that nobody honest sends
/// within some hours, and whoever comes from the same address, because new ids cost nothing. Never
/// a member, and never the loopback address, from which programs of this machine come.
///
/// What is held against an address is kept with what is held against peers, bounded, on disk and
/// decaying as that is: as the peer whose id is a hash of the address. Nobody has a key for it.
///
/// Safe for all threads.
final class Bans {
    /// Hostile statements until nothing more is taken.
    static final int FORGED = 10;

    private static final double PENALTY = PeerScores.MAX_PENALTY / FORGED;

    /// A little has decayed from the first to the last.
    private static final double BANNED = PENALTY * (FORGED - 0.5);

    private static final String TAG = "tutti/coordinator/address";
    private static final byte[] SHA_256_MULTIHASH = {0x12, 32};

    private static final int IP4_BYTES = 4;

    /// Whoever has one IPv6 address mostly has all that begin alike.
    private static final int IP6_PREFIX_BYTES = 8;

    private final PeerScores scores;
    private final Function<PeerId, List<Multiaddr>> addressesOf;
    private final Predicate<PeerId> members;
    private final Told told;

    /// Told who is not listened to from now on.
    @FunctionalInterface
    interface Told {
        /// @param addresses those that are not listened to from now on, whoever comes from there
        void blocked(PeerId peer, String code, List<String> addresses);
    }

    /// Of peers alone, without telling.
    Bans(PeerScores scores) {
        this(scores, _ -> List.of(), _ -> false, (_, _, _) -> {});
    }

    /// @param addressesOf where the connections of a peer come from
    /// @param members who is listened to whatever it does
    Bans(
            PeerScores scores,
            Function<PeerId, List<Multiaddr>> addressesOf,
            Predicate<PeerId> members,
            Told told) {
        this.scores = scores;
        this.addressesOf = addressesOf;
        this.members = members;
        this.told = told;
    }

    boolean isBanned(PeerId peer) {
        return !members.test(peer)
                && (isReached(peer)
                        || sources(peer).stream().anyMatch(source -> isReached(source.id())));
    }

    private boolean isReached(PeerId id) {
        return scores.score(id) <= -BANNED;
    }

    /// A peer sent something that nobody honest sends.
    synchronized void punish(PeerId peer, String code) {
        if (members.test(peer)) {
            scores.penalize(peer, code, PENALTY);
            return;
        }
        List<String> addresses = new ArrayList<>();
        for (Source source : sources(peer)) {
            if (punishAlone(source.id(), code)) {
                addresses.add(source.text());
            }
        }
        if (punishAlone(peer, code) || !addresses.isEmpty()) {
            told.blocked(peer, code, addresses);
        }
    }

    /// @return whether that was the last
    private boolean punishAlone(PeerId id, String code) {
        boolean before = isReached(id);
        scores.penalize(id, code, PENALTY);
        return !before && isReached(id);
    }

    /// Where a peer comes from.
    ///
    /// @param id that stands for it among peers
    private record Source(PeerId id, String text) {}

    private List<Source> sources(PeerId peer) {
        return addressesOf.apply(peer).stream()
                .flatMap(address -> source(address).stream())
                .distinct()
                .toList();
    }

    private static Optional<Source> source(Multiaddr address) {
        if (address.components().isEmpty()) {
            return Optional.empty();
        }
        Multiaddr.Component first = address.components().getFirst();
        byte[] bytes = first.value().toArray();
        return switch (first.protocol()) {
            case IP4, IP6 -> source(bytes);
            default -> Optional.empty();
        };
    }

    private static Optional<Source> source(byte[] bytes) {
        try {
            InetAddress address = InetAddress.getByAddress(bytes);
            if (address.isLoopbackAddress()) {
                return Optional.empty();
            }
            // Also of one that was an IPv4 address within an IPv6 one.
            byte[] raw = address.getAddress();
            byte[] counted = raw.length == IP4_BYTES ? raw : Arrays.copyOf(raw, IP6_PREFIX_BYTES);
            Bytes digest = TaggedHash.of(TAG, counted);
            byte[] id = Bytes.concat(Bytes.of(SHA_256_MULTIHASH), digest).toArray();
            return Optional.of(new Source(PeerId.fromBytes(id), address.getHostAddress()));
        } catch (UnknownHostException e) {
            return Optional.empty(); // Of another length.
        }
    }
}
