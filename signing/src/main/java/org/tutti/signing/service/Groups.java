package org.tutti.signing.service;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.signing.group.Member;
import org.tutti.signing.group.SignerGroup;
import org.tutti.signing.internal.wire.GroupTable;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The groups in which this node takes part now. Readers see one state of it or the next; whoever
/// changes it holds the service's lock.
final class Groups implements GroupTable {
    private record State(Map<Bytes, SigningGroup> byId, Map<PeerId, List<SigningGroup>> byPeer) {
        static State of(Map<Bytes, SigningGroup> groups) {
            Map<PeerId, List<SigningGroup>> byPeer = new HashMap<>();
            for (SigningGroup group : groups.values()) {
                for (Member member : group.group().members()) {
                    byPeer.computeIfAbsent(member.peerId(), _ -> new ArrayList<>()).add(group);
                }
            }
            return new State(Collections.unmodifiableMap(groups), byPeer);
        }
    }

    private volatile State state = State.of(Map.of()); // each state is never changed

    void add(SigningGroup group) {
        Map<Bytes, SigningGroup> next = new LinkedHashMap<>(state.byId);
        next.put(group.group().id(), group);
        state = State.of(next);
    }

    void remove(SigningGroup group) {
        Map<Bytes, SigningGroup> next = new LinkedHashMap<>(state.byId);
        next.remove(group.group().id());
        state = State.of(next);
    }

    /// In the order in which they were added.
    Collection<SigningGroup> all() {
        return state.byId.values();
    }

    Optional<SigningGroup> get(Bytes id) {
        return Optional.ofNullable(state.byId.get(id));
    }

    /// The groups of which the peer is a member.
    List<SigningGroup> with(PeerId peer) {
        return state.byPeer.getOrDefault(peer, List.of());
    }

    @Override
    public Optional<SignerGroup> find(Bytes id) {
        return get(id).map(SigningGroup::group);
    }

    @Override
    public boolean hasMember(PeerId peer) {
        return state.byPeer.containsKey(peer);
    }
}
