package org.tutti.signing.session;

import org.tutti.base.Bytes;
import org.tutti.signing.group.Member;

import java.util.Optional;

/// What a node knows of a member of its group, or of itself.
///
/// @param greeted whether it has said hello to this process
/// @param agreed whether it has agreed to the group's terms, at any time
/// @param copied whether two processes with its identity are there: nothing is signed until one is
///   gone
/// @param otherTerms what it takes the terms to be, if they are not this node's
/// @param otherGroup id of the group that it said hello for, if it has done so for none of this
///   node's groups: network, epoch or a key differ in its configuration
/// @param newJournal id of the journal that it asks to go on with, because the one before was lost;
///   nothing is signed until it does
/// @param consented whether this node has consented to that
public record MemberState(
        Member member,
        boolean greeted,
        boolean agreed,
        boolean copied,
        Optional<Bytes> otherTerms,
        Optional<Bytes> otherGroup,
        Optional<Bytes> newJournal,
        boolean consented) {}
