package org.tutti.coordinator.message;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.musig.keys.PublicKey;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// A proposal to become a lasting group. With n-of-n, any member can freeze the money of the group,
/// by not signing: whoever consents should know the others, or lose little.
///
/// @param id commits to every field
/// @param name for people, 1 to [#MAX_NAME] plain characters
/// @param members [#MIN_MEMBERS] to [#MAX_MEMBERS], ascending by key; the proposer is one
/// @param epoch 1 for a new group
/// @param birthday height of a block before which the group has no coins
/// @param previous the descriptor that it follows; none in epoch 1
/// @param leaving members of the previous group who are none of this one, as they are reached now;
///   ascending by key
public record Proposal(
        ProposalId id,
        Header header,
        String name,
        List<Member> members,
        int epoch,
        int birthday,
        GroupForm form,
        Optional<Bytes> previous,
        List<Member> leaving,
        Bytes envelope)
        implements Statement {
    public static final int MIN_MEMBERS = 2;
    public static final int MAX_MEMBERS = 100;

    /// Most members together with those who leave.
    public static final int MAX_PARTICIPANTS = 100;

    public static final int MAX_NAME = 64;

    /// The largest, envelope included: a hundred members take 8 KB.
    public static final int MAX_BYTES = 12_288;

    public Proposal {
        members = List.copyOf(members);
        leaving = List.copyOf(leaving);
    }

    /// A member as it is proposed.
    ///
    /// @param key identifies it; it is in no address, and what it signs names no coin
    /// @param peer through which it speaks
    public record Member(PublicKey key, PeerId peer) {}

    /// The key of who proposes.
    public PublicKey proposer() {
        return header.key();
    }

    /// The member with this key.
    public Optional<Member> member(PublicKey key) {
        return members.stream().filter(m -> m.key().equals(key)).findFirst();
    }

    /// Everybody whose word is needed: the members, and those who leave.
    public List<Member> participants() {
        return leaving.isEmpty()
                ? members
                : Stream.concat(members.stream(), leaving.stream()).toList();
    }

    /// Who takes part, as a member or as one who leaves, with this key.
    public Optional<Member> participant(PublicKey key) {
        return participants().stream().filter(m -> m.key().equals(key)).findFirst();
    }

    /// Whether somebody who takes part speaks through this peer: nobody else is told what is said
    /// about it.
    public boolean hasPeer(PeerId peer) {
        return participants().stream().anyMatch(m -> m.peer().equals(peer));
    }

    /// Whether somebody's statement about this proposal counts: by one who takes part, through its
    /// peer.
    public boolean admits(Statement statement) {
        Statement.Header by = statement.header();
        return by.subject().filter(id.bytes()::equals).isPresent()
                && participant(by.key()).filter(m -> m.peer().equals(by.author())).isPresent();
    }

    @Override
    public String toString() {
        return "proposal " + id.brief() + " of " + members.size() + " members";
    }
}
