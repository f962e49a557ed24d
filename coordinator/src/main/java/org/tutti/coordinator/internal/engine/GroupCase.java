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
import org.tutti.coordinator.message.Proposal;
import org.tutti.coordinator.message.Seal;
import org.tutti.coordinator.message.Statement;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.musig.keys.PublicKey;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/// What a node knows of one proposal.
final class GroupCase {
    /// What a proposal or a statement takes in memory beside its envelope, as it is read.
    private static final int OVERHEAD = 1_024;

    final Proposal proposal;
    final boolean own;
    final Map<PublicKey, Consent> consents = new LinkedHashMap<>();
    final Map<PublicKey, Seal> seals = new LinkedHashMap<>();
    final Map<PublicKey, Held> helds = new LinkedHashMap<>();

    /// Members whose seal is of this descriptor, by their group keys.
    final Set<PublicKey> verified = new HashSet<>();

    /// What is known of each other member's knowledge.
    final Map<PeerId, Link> links = new HashMap<>();

    /// What ended it, for those who have not heard of it.
    final List<Bytes> ending = new ArrayList<>();

    /// Members who signed another descriptor, and since when this node knows.
    final Map<PublicKey, Instant> differing = new LinkedHashMap<>();

    Optional<GroupFailure> failure = Optional.empty();
    @Nullable GroupDescriptor descriptor; // when all have consented
    boolean sealing; // a signature of the descriptor was asked for
    boolean formed;
    long bytes;

    /// What another member has, as far as it said.
    static final class Link {
        final Set<Bytes> has = new HashSet<>();
        boolean hasProposal;
        Instant retry = Instant.MIN;
        int failures;

        /// Its connection was lost: what was under way may be lost too.
        void reset() {
            has.clear();
            hasProposal = false;
            retry = Instant.MIN;
            failures = 0;
        }
    }

    GroupCase(Proposal proposal, PublicKey self) {
        this.proposal = proposal;
        this.own = proposal.proposer().equals(self);
        this.bytes = size(proposal.envelope());
        for (Proposal.Member member : proposal.members()) {
            if (!member.key().equals(self)) {
                links.put(member.peer(), new Link());
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
        return own || consents.containsKey(self);
    }

    /// What members are told: all statements, or what ended it.
    List<Bytes> statements() {
        if (isOver()) {
            return List.copyOf(ending);
        }
        List<Bytes> all = new ArrayList<>();
        consents.values().forEach(consent -> all.add(consent.envelope()));
        seals.values().forEach(seal -> all.add(seal.envelope()));
        helds.values().forEach(held -> all.add(held.envelope()));
        return all;
    }

    /// Everything that was said, in the order in which it is understood.
    List<Bytes> everything() {
        List<Bytes> all = new ArrayList<>();
        consents.values().forEach(consent -> all.add(consent.envelope()));
        seals.values().forEach(seal -> all.add(seal.envelope()));
        helds.values().forEach(held -> all.add(held.envelope()));
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
            return GroupPhase.FORMED;
        }
        if (helds.containsKey(self)) {
            return GroupPhase.HELD;
        }
        if (descriptor != null) {
            return GroupPhase.SEALING;
        }
        return consents.containsKey(self) ? GroupPhase.CONSENTED : GroupPhase.PROPOSED;
    }

    GroupView view(PublicKey self, Predicate<PeerId> connected) {
        List<GroupView.MemberView> views = new ArrayList<>();
        for (Proposal.Member member : proposal.members()) {
            Optional<Consent> consent = Optional.ofNullable(consents.get(member.key()));
            boolean isSelf = member.key().equals(self);
            views.add(
                    new GroupView.MemberView(
                            member.key(),
                            member.peer(),
                            isSelf,
                            isSelf || connected.test(member.peer()),
                            // The keys are the members' secret until the group is there.
                            formed ? consent.map(Consent::groupKey) : Optional.<GroupKey>empty(),
                            consent.map(Consent::policy),
                            seals.containsKey(member.key()),
                            helds.containsKey(member.key())));
        }
        return new GroupView(
                proposal,
                own,
                phase(self),
                views,
                // Nobody learns an address before all hold all signatures.
                formed ? Optional.ofNullable(descriptor) : Optional.empty(),
                failure);
    }
}
