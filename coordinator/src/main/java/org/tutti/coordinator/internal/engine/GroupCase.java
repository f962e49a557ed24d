package org.tutti.coordinator.internal.engine;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.coordinator.group.GroupDescriptor;
import org.tutti.coordinator.group.GroupFailure;
import org.tutti.coordinator.group.GroupPhase;
import org.tutti.coordinator.group.GroupView;
import org.tutti.coordinator.message.Consent;
import org.tutti.coordinator.message.GroupKey;
import org.tutti.coordinator.message.Held;
import org.tutti.coordinator.message.Leave;
import org.tutti.coordinator.message.Proposal;
import org.tutti.coordinator.message.Seal;
import org.tutti.coordinator.message.Statement;
import org.tutti.coordinator.message.Succession;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.musig.keys.PublicKey;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// What a node knows of one proposal.
final class GroupCase {
    /// What a proposal or a statement takes in memory beside its envelope, as it is read.
    private static final int OVERHEAD = 1_024;

    final Proposal proposal;
    final boolean own;
    final Map<PublicKey, Consent> consents = new LinkedHashMap<>();
    final Map<PublicKey, Seal> seals = new LinkedHashMap<>();
    final Map<PublicKey, Held> helds = new LinkedHashMap<>();

    /// Of those who leave.
    final Map<PublicKey, Leave> leaves = new LinkedHashMap<>();

    final Map<PublicKey, Succession> successions = new LinkedHashMap<>();

    /// Members whose seal is of this descriptor, by their group keys.
    final Set<PublicKey> verified = new HashSet<>();

    /// Those of the previous group whose signature by their keys there is of this descriptor.
    final Set<PublicKey> yielded = new HashSet<>();

    /// What is known of each other's knowledge.
    final Map<PeerId, Link> links = new HashMap<>();

    /// What ended it, for those who have not heard of it.
    final List<Bytes> ending = new ArrayList<>();

    /// Members who signed another descriptor, and since when this node knows.
    final Map<PublicKey, Instant> differing = new LinkedHashMap<>();

    Optional<GroupFailure> failure = Optional.empty();
    @Nullable GroupDescriptor previous; // whom it follows, when that is here and was checked
    @Nullable GroupDescriptor descriptor; // when all have consented
    boolean sealing; // a signature of the descriptor was asked for
    boolean formed;
    long bytes;

    /// What another has, as far as it said.
    static final class Link {
        final PublicKey key;
        final Set<Bytes> has = new HashSet<>();
        boolean hasProposal;
        boolean hasPrevious;
        Instant retry = Instant.MIN;
        int failures;

        Link(PublicKey key) {
            this.key = key;
        }

        /// Its connection was lost: what was under way may be lost too.
        void reset() {
            has.clear();
            hasProposal = false;
            hasPrevious = false;
            retry = Instant.MIN;
            failures = 0;
        }
    }

    GroupCase(Proposal proposal, PublicKey self) {
        this.proposal = proposal;
        this.own = proposal.proposer().equals(self);
        this.bytes = size(proposal.envelope());
        for (Proposal.Member member : proposal.participants()) {
            if (!member.key().equals(self)) {
                links.put(member.peer(), new Link(member.key()));
            }
        }
    }

    /// About what an envelope and what was read of it take: the envelope twice, since others hold
    /// that they have it by its bytes.
    static long size(Bytes envelope) {
        return 2L * envelope.length() + OVERHEAD;
    }

    int members() {
        return proposal.members().size();
    }

    boolean isOver() {
        return failure.isPresent();
    }

    /// Whether this node has made up its mind: others' proposals that it has not are only kept.
    boolean isDecided(PublicKey self) {
        return own || hasAgreed(self);
    }

    /// Whether somebody has consented, or agreed to leave.
    boolean hasAgreed(PublicKey key) {
        return consents.containsKey(key) || leaves.containsKey(key);
    }

    int agreed() {
        return consents.size() + leaves.size();
    }

    boolean allAgreed() {
        return consents.size() == members() && leaves.size() == proposal.leaving().size();
    }

    /// Whether a member of the group that it follows has this key.
    boolean yields(PublicKey key) {
        return previous != null && previous.member(key).isPresent();
    }

    /// Whether all signatures that somebody gives are here.
    boolean hasSigned(PublicKey key) {
        return (seals.containsKey(key) || successions.containsKey(key))
                && (proposal.member(key).isEmpty() || seals.containsKey(key))
                && (!yields(key) || successions.containsKey(key));
    }

    /// In the order in which it is understood.
    private Stream<Statement> said() {
        return kinds().flatMap(map -> map.values().stream());
    }

    private Stream<Map<PublicKey, ? extends Statement>> kinds() {
        return Stream.of(consents, leaves, seals, successions, helds);
    }

    /// The same on each member, and understood in this order: each kind by its authors' keys.
    List<Bytes> recorded() {
        List<Bytes> all = new ArrayList<>();
        kinds().forEach(kind ->
                kind.values().stream()
                        .sorted(Comparator.comparing(one -> one.header().key().bytes()))
                        .forEach(one -> all.add(one.envelope())));
        return all;
    }

    /// What members are told: all statements, or what ended it.
    List<Bytes> statements() {
        if (isOver()) {
            return List.copyOf(ending);
        }
        List<Bytes> all = new ArrayList<>();
        said().forEach(one -> all.add(one.envelope()));
        return all;
    }

    /// Everything that was said, in the order in which it is understood.
    List<Bytes> everything() {
        List<Bytes> all = new ArrayList<>();
        said().forEach(one -> all.add(one.envelope()));
        ending.stream().filter(envelope -> !all.contains(envelope)).forEach(all::add);
        return all;
    }

    /// Whether somebody's statement is here.
    boolean has(Statement statement) {
        return statements().contains(statement.envelope());
    }

    GroupPhase phase(PublicKey self) {
        if (isOver()) {
            return GroupPhase.FAILED;
        }
        if (formed) {
            return proposal.member(self).isPresent() ? GroupPhase.FORMED : GroupPhase.LEFT;
        }
        if (helds.containsKey(self)) {
            return GroupPhase.HELD;
        }
        if (descriptor != null) {
            return GroupPhase.SEALING;
        }
        return hasAgreed(self) ? GroupPhase.CONSENTED : GroupPhase.PROPOSED;
    }

    /// @param successor of the group, if one is formed
    GroupView view(PublicKey self, Predicate<PeerId> connected, Optional<Bytes> successor) {
        // Nobody learns an address, nor a key, before all hold all signatures; who leaves never.
        boolean shown = formed && proposal.member(self).isPresent();
        return new GroupView(
                proposal,
                own,
                phase(self),
                views(proposal.members(), self, connected, shown),
                views(proposal.leaving(), self, connected, shown),
                shown ? Optional.ofNullable(descriptor) : Optional.empty(),
                successor,
                failure);
    }

    private List<GroupView.MemberView> views(
            List<Proposal.Member> members,
            PublicKey self,
            Predicate<PeerId> connected,
            boolean shown) {
        List<GroupView.MemberView> views = new ArrayList<>();
        for (Proposal.Member member : members) {
            Optional<Consent> consent = Optional.ofNullable(consents.get(member.key()));
            boolean isSelf = member.key().equals(self);
            views.add(
                    new GroupView.MemberView(
                            member.key(),
                            member.peer(),
                            isSelf,
                            isSelf || connected.test(member.peer()),
                            hasAgreed(member.key()),
                            shown ? consent.map(Consent::groupKey) : Optional.<GroupKey>empty(),
                            consent.map(Consent::policy),
                            hasSigned(member.key()),
                            helds.containsKey(member.key())));
        }
        return views;
    }
}
