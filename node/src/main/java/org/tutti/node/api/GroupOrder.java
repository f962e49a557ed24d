package org.tutti.node.api;

import java.util.List;
import java.util.Optional;

/// A group to be proposed.
///
/// @param name for people, 1 to 64 plain characters
/// @param members all, this node perhaps among them (it is one unless it leaves): keys of 66 hex
///   digits, names of `[requests.contacts]`, or `KEY@PEER`, which names the peer of a key that is
///   not known here
/// @param fixed whether it has one address for ever instead of many (default: many)
/// @param birthday height of a block before which it has no coins (default: this node's tip)
/// @param policy by which rules this node will sign, in words (default: none, a person decides)
/// @param expirySeconds how long members have to consent, up to 14 days (default: one day)
/// @param after the group of this node's that it follows, by the id of its descriptor or proposal,
///   or at least 8 digits of it: whoever is in that and not among the members leaves (default:
///   none)
/// @param leaves whether this node is one that leaves (default: no)
public record GroupOrder(
        String name,
        List<String> members,
        Optional<Boolean> fixed,
        Optional<Long> birthday,
        Optional<String> policy,
        Optional<Long> expirySeconds,
        Optional<String> after,
        Optional<Boolean> leaves) {
    public static final long DEFAULT_EXPIRY_SECONDS = 86_400;
    public static final long MAX_EXPIRY_SECONDS = 14 * 86_400;

    public GroupOrder {
        members = List.copyOf(members);
    }
}
