package org.tutti.signing.service;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.musig.keys.SecretKey;
import org.tutti.signing.approval.Approval;
import org.tutti.signing.approval.HoldListener;
import org.tutti.signing.group.SignerGroup;
import org.tutti.signing.internal.wire.Terms;
import org.tutti.signing.session.SessionEvent;
import org.tutti.signing.session.SessionTimeouts;

import java.util.List;
import java.util.function.Consumer;

/// How a node takes part in one group.
///
/// @param signingKey the member's signing key. The caller closes it, after the group was dropped or
///   the service closed
/// @param terms what all members must agree on besides keys, network and epoch, such as the group's
///   address: opaque, at most 256 bytes. Each signs it with its signing key when it connects;
///   nothing is signed with a member that says something else
/// @param holdListener told what becomes of the holds, on the service's event loop: it must not
///   wait for the service
/// @param relays none where all members are connected to each other. Otherwise those who pass on
///   what the members say to each other: the first that this node reaches gives its messages on,
///   and from any of them it takes others'. All members name the same, whom each is connected to,
///   and who are connected to all; see [SigningService#relayBy]
/// @param listener receives every event of the group, in order, on a thread of its own
public record GroupParticipation(
        SignerGroup group,
        SecretKey signingKey,
        Approval approval,
        Bytes terms,
        SessionTimeouts timeouts,
        HoldListener holdListener,
        List<PeerId> relays,
        Consumer<? super SessionEvent> listener) {
    /// @throws IllegalArgumentException if the terms are too long, or a relay is no member
    public GroupParticipation {
        Terms.requireShort(terms);
        relays = List.copyOf(relays);
        for (PeerId relay : relays) {
            if (group.member(relay).isEmpty()) {
                throw new IllegalArgumentException(relay + " is not a member, and no relay");
            }
        }
    }

    /// Without terms and listeners, with the usual timeouts.
    public static GroupParticipation of(
            SignerGroup group, SecretKey signingKey, Approval approval) {
        return new GroupParticipation(
                group,
                signingKey,
                approval,
                Bytes.EMPTY,
                SessionTimeouts.DEFAULT,
                HoldListener.none(),
                List.of(),
                _ -> {});
    }

    public GroupParticipation withTerms(Bytes value) {
        return new GroupParticipation(
                group, signingKey, approval, value, timeouts, holdListener, relays, listener);
    }

    public GroupParticipation withTimeouts(SessionTimeouts value) {
        return new GroupParticipation(
                group, signingKey, approval, terms, value, holdListener, relays, listener);
    }

    public GroupParticipation withHoldListener(HoldListener value) {
        return new GroupParticipation(
                group, signingKey, approval, terms, timeouts, value, relays, listener);
    }

    public GroupParticipation withListener(Consumer<? super SessionEvent> value) {
        return new GroupParticipation(
                group, signingKey, approval, terms, timeouts, holdListener, relays, value);
    }

    /// @param value members
    public GroupParticipation withRelays(List<PeerId> value) {
        return new GroupParticipation(
                group, signingKey, approval, terms, timeouts, holdListener, value, listener);
    }

    @Override
    public String toString() {
        return "participation in " + group;
    }
}
