package org.tutti.signing.service;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.base.TokenBucket;
import org.tutti.libp2p.identity.EnvelopeException;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.identity.SignedEnvelope;
import org.tutti.signing.group.Member;
import org.tutti.signing.group.SignerGroup;
import org.tutti.signing.internal.wire.RelayFrame;
import org.tutti.signing.internal.wire.WireException;
import org.tutti.signing.session.DropReason;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeSet;

/// Which way the messages of one group go: directly to each member, or, in a large group, through
/// relays, which are members of it. Decides who gets what from whom, what this node passes on if it
/// is a relay, and what it believes of one. Sends nothing itself, and has no clock.
///
/// A message goes directly if its sender or its receiver is a relay. Otherwise it goes through the
/// first relay that this node reaches and that reaches the receiver. Over a relay goes only what
/// this node has signed: what a relay gives it from a member is signed by that member, so that
/// nobody has a relay repeat what others said.
///
/// Safe for all threads; calls nobody under its lock.
final class GroupWay {
    /// How often a relay may have this node tell a member everything again, at once and in a
    /// second: each is a signature, and all that the member may have missed.
    static final int OPENED_AT_ONCE = 16;

    static final int OPENED_PER_SECOND = 1;

    /// A frame and whom it is for.
    ///
    /// @param frame an envelope, or a [RelayFrame]
    /// @param everyConnection on each connection with the receiver's identity, not on its link
    ///   alone
    record Parcel(List<PeerId> to, Bytes frame, boolean everyConnection) {
        Parcel {
            to = List.copyOf(to);
        }
    }

    /// What follows when a stream was opened, or the relays are others.
    ///
    /// @param greet indices of members that are reached now, and whom everything is told again
    /// @param notices to be sent first
    record Reached(List<Integer> greet, List<Parcel> notices) {
        Reached {
            greet = List.copyOf(greet);
            notices = List.copyOf(notices);
        }
    }

    private final SignerGroup group;
    private final int self;

    /// Guarded by this object, like what follows.
    private List<Integer> relays;

    /// To whom this node has a stream open.
    private final BitSet open = new BitSet();

    /// Whom each relay reaches, as it says.
    private final Map<Integer, BitSet> reachable = new HashMap<>();

    private final @Nullable TokenBucket[] opened;

    /// @param self index of this node
    /// @param relays none where all are connected to all
    /// @throws IllegalArgumentException if one is not a member
    GroupWay(SignerGroup group, int self, List<PeerId> relays) {
        this.group = group;
        this.self = self;
        this.relays = indices(relays);
        this.opened = new TokenBucket[group.size()];
    }

    private List<Integer> indices(List<PeerId> peers) {
        return peers.stream()
                .map(peer ->
                        group.member(peer)
                                .orElseThrow(() ->
                                        new IllegalArgumentException(peer + " is not a member"))
                                .index())
                .distinct()
                .toList();
    }

    /// Whether relays stand between members.
    synchronized boolean isRelayed() {
        return !relays.isEmpty();
    }

    /// Whether this node passes messages on.
    synchronized boolean isRelay() {
        return relays.contains(self);
    }

    /// Whether a link to this peer is needed.
    synchronized boolean needsLink(PeerId peer) {
        return group.member(peer)
                .filter(member -> member.index() != self && isDirect(member.index()))
                .isPresent();
    }

    private boolean isDirect(int member) {
        return relays.isEmpty() || relays.contains(self) || relays.contains(member);
    }

    /// Whether a stream to this member is open, as was said here.
    synchronized boolean isOpen(int member) {
        return open.get(member);
    }

    /// The members that this node's messages reach now.
    synchronized List<Member> reached() {
        return group.members().stream()
                .filter(member -> member.index() != self)
                .filter(member ->
                        isDirect(member.index())
                                ? open.get(member.index())
                                : relayTo(member.index()).isPresent())
                .toList();
    }

    private OptionalInt relayTo(int member) {
        return relays.stream()
                .mapToInt(relay -> relay)
                .filter(relay -> open.get(relay) && reaches(relay, member))
                .findFirst();
    }

    private boolean reaches(int relay, int member) {
        BitSet known = reachable.get(relay);
        return known != null && known.get(member);
    }

    private PeerId peer(int member) {
        return group.member(member).peerId();
    }

    // --- to others

    /// To one member; nothing where no relay reaches it, or what others signed would go over one.
    ///
    /// @param everyConnection on each connection with its identity
    synchronized Optional<Parcel> send(int member, Bytes envelope, boolean everyConnection) {
        if (isDirect(member)) {
            return Optional.of(new Parcel(List.of(peer(member)), envelope, everyConnection));
        }
        OptionalInt relay = relayTo(member);
        return relay.isPresent() && isOwn(envelope)
                ? Optional.of(through(relay.getAsInt(), member, envelope, everyConnection))
                : Optional.empty();
    }

    private Parcel through(int relay, int member, Bytes envelope, boolean everyConnection) {
        RelayFrame.Forward forward =
                new RelayFrame.Forward(
                        group.id(), OptionalInt.of(member), everyConnection, envelope);
        return new Parcel(List.of(peer(relay)), forward.encode(), false);
    }

    private boolean isOwn(Bytes envelope) {
        try {
            return SignedEnvelope.decode(envelope).signer().equals(peer(self));
        } catch (EnvelopeException e) {
            throw new IllegalArgumentException("not an envelope", e);
        }
    }

    /// To all other members: over relays one frame for all that the first one reaches.
    synchronized List<Parcel> broadcast(Bytes envelope) {
        if (relays.isEmpty() || relays.contains(self)) {
            return List.of(new Parcel(others(), envelope, false));
        }
        List<Parcel> parcels = new ArrayList<>();
        TreeSet<Integer> left = new TreeSet<>();
        group.members().forEach(member -> left.add(member.index()));
        left.remove(self);
        boolean own = isOwn(envelope);
        for (int relay : relays) {
            if (!own || !open.get(relay)) {
                continue;
            }
            if (parcels.isEmpty()) {
                RelayFrame.Forward forward =
                        new RelayFrame.Forward(group.id(), OptionalInt.empty(), false, envelope);
                parcels.add(new Parcel(List.of(peer(relay)), forward.encode(), false));
                left.remove(relay);
                left.removeIf(member -> reaches(relay, member));
            }
        }
        for (int member : left) {
            send(member, envelope, false).ifPresent(parcels::add);
        }
        return parcels;
    }

    private List<PeerId> others() {
        return group.members().stream()
                .filter(member -> member.index() != self)
                .map(Member::peerId)
                .toList();
    }

    // --- streams of this node

    /// A stream to this member was opened.
    synchronized Reached linkOpened(int member) {
        open.set(member);
        List<Integer> greet = new ArrayList<>();
        List<Parcel> notices = new ArrayList<>();
        if (isDirect(member)) {
            greet.add(member);
        }
        if (relays.contains(member)) {
            through(member).forEach(greet::add);
        }
        if (relays.contains(self)) {
            notices.add(list(member));
            tellOthers(member, List.of(member), List.of()).ifPresent(notices::add);
        }
        return new Reached(greet, notices);
    }

    /// Whom this relay reaches, but for those to whom messages go directly.
    private List<Integer> through(int relay) {
        BitSet known = reachable.get(relay);
        return known == null
                ? List.of()
                : known.stream()
                        .filter(member -> member != self && !isDirect(member))
                        .boxed()
                        .toList();
    }

    /// The stream to this member is used no more.
    synchronized List<Parcel> linkClosed(int member) {
        open.clear(member);
        return relays.contains(self)
                ? tellOthers(member, List.of(), List.of(member)).stream().toList()
                : List.of();
    }

    private Optional<Parcel> tellOthers(int member, List<Integer> opened, List<Integer> closed) {
        List<PeerId> to =
                open.stream().filter(other -> other != member).mapToObj(this::peer).toList();
        return to.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        new Parcel(
                                to,
                                new RelayFrame.Reachable(group.id(), false, opened, closed)
                                        .encode(),
                                false));
    }

    /// Whom this relay reaches, for a member that begins to listen.
    private Parcel list(int member) {
        List<Integer> all = open.stream().filter(other -> other != member).boxed().toList();
        return new Parcel(
                List.of(peer(member)),
                new RelayFrame.Reachable(group.id(), true, all, List.of()).encode(),
                false);
    }

    /// What a member that has said hello to this node is told: it may have begun to take part after
    /// its stream was opened.
    synchronized Optional<Parcel> heardHello(int member) {
        return relays.contains(self) ? Optional.of(list(member)) : Optional.empty();
    }

    /// The relays are others from now on. What the former ones still pass on is refused.
    ///
    /// @throws IllegalArgumentException if there is none, or one is not a member
    synchronized Reached relayBy(List<PeerId> peers) {
        if (peers.isEmpty() || relays.isEmpty()) {
            throw new IllegalArgumentException("a group has relays for its life, or none");
        }
        List<Integer> next = indices(peers);
        boolean begins = next.contains(self) && !relays.contains(self);
        List<Integer> added = next.stream().filter(relay -> !relays.contains(relay)).toList();
        relays = next;
        reachable.keySet().retainAll(next);
        List<Integer> greet = new ArrayList<>();
        List<Parcel> notices = new ArrayList<>();
        if (begins) {
            open.stream().forEach(member -> notices.add(list(member)));
        }
        open.stream().filter(member -> begins || added.contains(member)).forEach(greet::add);
        return new Reached(greet, notices);
    }

    // --- as a relay

    /// Where this node, as a relay, sends what a member gives it. The caller has verified that the
    /// member has signed the envelope, which is passed on as it is.
    ///
    /// @param sender index of the member
    /// @throws WireException with `NOT_THE_RELAY` if this node is none, `MALFORMED` if it is for
    ///   nobody, or for the sender or this node itself
    synchronized Parcel forward(int sender, RelayFrame.Forward forward) throws WireException {
        requireRelay();
        List<PeerId> to;
        if (forward.to().isEmpty()) {
            to = open.stream().filter(other -> other != sender).mapToObj(this::peer).toList();
        } else {
            int receiver = forward.to().getAsInt();
            if (!isMember(receiver) || receiver == sender || receiver == self) {
                throw new WireException(
                        DropReason.MALFORMED, "to be passed on to signer " + receiver);
            }
            to = List.of(peer(receiver));
        }
        RelayFrame.Relayed relayed = new RelayFrame.Relayed(group.id(), sender, forward.envelope());
        return new Parcel(to, relayed.encode(), forward.everyConnection() && to.size() == 1);
    }

    /// @throws WireException with `NOT_THE_RELAY` if this node is none
    synchronized void requireRelay() throws WireException {
        if (!relays.contains(self)) {
            throw new WireException(DropReason.NOT_THE_RELAY, "this node is not the relay");
        }
    }

    private boolean isMember(int index) {
        return index >= 0 && index < group.size();
    }

    // --- from a relay

    /// Who is said to have given a relay what it passes on.
    ///
    /// @param relay index of the stream's peer
    /// @throws WireException with `NOT_THE_RELAY` if that is none, `MALFORMED` if it names itself,
    ///   this node or nobody
    synchronized Member from(int relay, RelayFrame.Relayed relayed) throws WireException {
        requireRelay(relay);
        int from = relayed.from();
        if (!isMember(from) || from == self || from == relay) {
            throw new WireException(DropReason.MALFORMED, "passed on from signer " + from);
        }
        return group.member(from);
    }

    private void requireRelay(int member) throws WireException {
        if (!relays.contains(member) || member == self) {
            throw new WireException(
                    DropReason.NOT_THE_RELAY, group.member(member) + " is not a relay");
        }
    }

    /// A relay says whom it reaches.
    ///
    /// @param relay index of the stream's peer
    /// @param now nanoseconds since some fixed moment
    /// @return indices of the members that are reached now, and whom everything is told again
    /// @throws WireException with `NOT_THE_RELAY` if that is none, `MALFORMED` if it names who is
    ///   no member
    synchronized List<Integer> told(int relay, RelayFrame.Reachable said, long now)
            throws WireException {
        requireRelay(relay);
        for (List<Integer> list : List.of(said.opened(), said.closed())) {
            if (list.size() > group.size() || !list.stream().allMatch(this::isMember)) {
                throw new WireException(DropReason.MALFORMED, "a relay names no members");
            }
        }
        BitSet known = reachable.computeIfAbsent(relay, _ -> new BitSet());
        BitSet before = (BitSet) known.clone();
        if (said.all()) {
            known.clear();
        }
        said.opened().forEach(known::set);
        said.closed().forEach(known::clear);
        List<Integer> greet = new ArrayList<>();
        for (int member : new TreeSet<>(said.opened())) {
            boolean news = !said.all() || !before.get(member);
            if (news
                    && member != self
                    && !isDirect(member)
                    && open.get(relay)
                    && known.get(member)
                    && mayOpen(member, now)) {
                greet.add(member);
            }
        }
        return greet;
    }

    private boolean mayOpen(int member, long now) {
        TokenBucket bucket = opened[member];
        if (bucket == null) {
            bucket = new TokenBucket(OPENED_AT_ONCE, OPENED_PER_SECOND, now);
            opened[member] = bucket;
        }
        return bucket.take(now);
    }

    @Override
    public synchronized String toString() {
        return "way of " + group + (relays.isEmpty() ? "" : " through " + relays);
    }
}
