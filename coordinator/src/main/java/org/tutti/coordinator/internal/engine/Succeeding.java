package org.tutti.coordinator.internal.engine;

import org.tutti.coordinator.group.GroupDescriptor;
import org.tutti.coordinator.message.Consent;
import org.tutti.coordinator.message.Proposal;
import org.tutti.coordinator.message.Succession;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.schnorr.Schnorr;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/// What has to be right of a group that follows another, and of what its members sign.
final class Succeeding {
    private Succeeding() {}

    /// What is wrong with a proposal to follow a group.
    ///
    /// @param previous whose id the proposal names
    static Optional<String> fault(Proposal proposal, GroupDescriptor previous) {
        if (!previous.network().equals(proposal.header().network())) {
            return Optional.of("the group that it follows is of another network");
        }
        if (proposal.epoch() - 1 != previous.epoch()) {
            return Optional.of(
                    "epoch " + proposal.epoch() + " does not follow epoch " + previous.epoch());
        }
        if (previous.member(proposal.proposer()).isEmpty()) {
            return Optional.of("its proposer is not in the group that it follows");
        }
        Set<PublicKey> named = new HashSet<>();
        proposal.leaving().forEach(member -> named.add(member.key()));
        Set<PublicKey> leaving = new HashSet<>();
        previous.members().stream()
                .map(GroupDescriptor.Member::key)
                .filter(key -> proposal.member(key).isEmpty())
                .forEach(leaving::add);
        // Else the word of one that it does not name would never be asked for.
        return named.equals(leaving)
                ? Optional.empty()
                : Optional.of("those who leave are others than it names");
    }

    /// Whether a key is one of the group that is followed, also by parity: a member makes a fresh
    /// one for each group.
    static boolean usesKeyOf(GroupDescriptor previous, Consent consent) {
        return previous.members().stream()
                .anyMatch(member ->
                        member.groupKey().key().xOnly().equals(consent.groupKey().key().xOnly()));
    }

    /// Whether a member's signature is by its key in the group that is followed, of that group and
    /// of the one that follows.
    ///
    /// @param member of the previous group, whose statement it is
    static boolean isSigned(GroupDescriptor previous, PublicKey member, Succession succession) {
        return previous.member(member)
                .filter(_ -> succession.previous().equals(previous.id()))
                .filter(yielding ->
                        Schnorr.verify(
                                yielding.groupKey().key().xOnly(),
                                Succession.message(succession.previous(), succession.descriptor())
                                        .toArray(),
                                succession.signature()))
                .isPresent();
    }
}
