package org.tutti.signing.internal.engine;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.signing.group.Member;
import org.tutti.signing.group.SignerGroup;
import org.tutti.signing.internal.wire.Terms;

import java.util.List;

/// Which members have agreed to the group's terms, each with its signing key, and whose differ.
///
/// An agreement is permanent once it is in the journal. A member that says something else later is
/// named, and nothing is signed with it.
final class GroupTerms {
    private final SignerGroup group;
    private final Bytes own;
    private final boolean[] agreed;
    private final @Nullable Bytes[] others;

    GroupTerms(SignerGroup group, Bytes own) {
        this.group = group;
        this.own = own;
        this.agreed = new boolean[group.size()];
        this.others = new Bytes[group.size()];
    }

    /// What this node takes the terms to be.
    Bytes own() {
        return own;
    }

    /// What a member says now, its signature verified.
    ///
    /// @return whether it agrees for the first time
    boolean said(int member, Terms terms) {
        if (!terms.text().equals(own)) {
            others[member] = terms.text();
            return false;
        }
        others[member] = null;
        boolean first = !agreed[member];
        agreed[member] = true;
        return first;
    }

    /// What the member says instead, if it differs.
    @Nullable Bytes other(int member) {
        return others[member];
    }

    boolean hasAgreed(int member) {
        return agreed[member];
    }

    /// The members that have not agreed.
    List<Member> missing() {
        return group.members().stream().filter(member -> !agreed[member.index()]).toList();
    }
}
