package org.tutti.signing.group;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.swarm.ConnectionGater;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.musig.KeyAggContext;
import org.tutti.musig.schnorr.TaggedHash;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The fixed set of signers of one epoch, in BIP327 KeySort order of their signing keys, or for raw
/// messages in an order that was agreed on.
public final class SignerGroup {
    /// Fewest members.
    public static final int MIN_MEMBERS = 2;

    /// Most members.
    public static final int MAX_MEMBERS = 1000;

    private final Bytes network;
    private final long epoch;
    private final List<Member> members;
    private final Map<PeerId, Member> byPeer;
    private final Bytes id;
    private final KeyAggContext aggregate;

    private SignerGroup(Bytes network, long epoch, List<Member> members) {
        this.network = network;
        this.epoch = epoch;
        this.members = List.copyOf(members);
        ByteBuffer name = ByteBuffer.allocate(32 + 8 + 33 * members.size());
        name.put(network.toArray()).putLong(epoch);
        members.forEach(member -> name.put(member.signingKey().bytes().toArray()));
        this.id = TaggedHash.of("tutti/group", name.array());
        this.byPeer = new HashMap<>();
        for (Member member : members) {
            byPeer.put(member.peerId(), member);
        }
        this.aggregate = KeyAggContext.of(signingKeys());
    }

    /// One member as configured, before the group assigns its index.
    public record Candidate(PeerId peerId, PublicKey signingKey, List<Multiaddr> addresses) {
        public Candidate {
            addresses = List.copyOf(addresses);
        }
    }

    /// Sorts the candidates into a group.
    ///
    /// @param network 32 bytes that name the chain that its signatures are for; a signature hash
    ///   names none (SAFETY 15)
    /// @param epoch number of this set of signers; sessions of another epoch are refused
    /// @throws GroupException if there are too few or too many, or two share a signing key (SAFETY
    ///   16) or peer id
    /// @throws IllegalArgumentException if the network has not 32 bytes
    public static SignerGroup of(Bytes network, long epoch, List<Candidate> candidates)
            throws GroupException {
        List<Candidate> sorted = new ArrayList<>(candidates);
        sorted.sort(Comparator.comparing(c -> c.signingKey().bytes()));
        return inOrder(network, epoch, sorted);
    }

    /// As [#of], with the keys in the order of the candidates: they are aggregated in that order
    /// (BIP327 does not sort), which gives another aggregate key than any other order. For raw
    /// messages: whatever has an address has sorted keys.
    public static SignerGroup inOrder(Bytes network, long epoch, List<Candidate> candidates)
            throws GroupException {
        network.requireLength(32, "network");
        if (candidates.size() < MIN_MEMBERS) {
            throw new GroupException(
                    GroupException.Code.TOO_FEW_MEMBERS,
                    "a group has at least " + MIN_MEMBERS + " members");
        }
        if (candidates.size() > MAX_MEMBERS) {
            throw new GroupException(
                    GroupException.Code.TOO_MANY_MEMBERS,
                    "a group has at most " + MAX_MEMBERS + " members");
        }
        Set<Bytes> keys = new HashSet<>();
        Set<PeerId> peers = new HashSet<>();
        List<Member> members = new ArrayList<>();
        for (Candidate candidate : candidates) {
            // Keys that differ in parity alone are one key: whoever has its secret can sign for
            // both.
            if (!keys.add(candidate.signingKey().xOnly().bytes())) {
                throw new GroupException(
                        GroupException.Code.DUPLICATE_SIGNING_KEY,
                        "two members have the signing key " + candidate.signingKey().bytes());
            }
            if (!peers.add(candidate.peerId())) {
                throw new GroupException(
                        GroupException.Code.DUPLICATE_PEER_ID,
                        "two members have the peer id " + candidate.peerId());
            }
            members.add(
                    new Member(
                            members.size(),
                            candidate.peerId(),
                            candidate.signingKey(),
                            candidate.addresses()));
        }
        return new SignerGroup(network, epoch, members);
    }

    /// Identifies this set of signers on this network: tagged hash `tutti/group` of the network (32
    /// bytes), the epoch (8 bytes, big-endian) and the signing keys in group order.
    public Bytes id() {
        return id;
    }

    /// 32 bytes that name the chain.
    public Bytes network() {
        return network;
    }

    public long epoch() {
        return epoch;
    }

    /// In group order; a member's position is its index.
    public List<Member> members() {
        return members;
    }

    public int size() {
        return members.size();
    }

    /// @throws IndexOutOfBoundsException if there is no such member
    public Member member(int index) {
        return members.get(index);
    }

    public Optional<Member> member(PeerId peer) {
        return Optional.ofNullable(byPeer.get(peer));
    }

    /// Allows connections of members only (SAFETY 21).
    public ConnectionGater gater() {
        return ConnectionGater.peers(byPeer::containsKey);
    }

    /// The signing keys in group order: the input of BIP327 KeyAgg.
    public List<PublicKey> signingKeys() {
        return members.stream().map(Member::signingKey).toList();
    }

    /// The aggregate of the signing keys, without tweaks: computed once, at 17 µs per key, however
    /// often an engine of the group is started.
    public KeyAggContext aggregate() {
        return aggregate;
    }

    @Override
    public String toString() {
        return "group of " + members.size() + ", epoch " + epoch;
    }
}
