package org.tutti.node.daemon;

import org.tutti.base.Bytes;
import org.tutti.signing.service.GroupStatus;
import org.tutti.signing.service.SigningGroup;
import org.tutti.signing.session.LiveSession;
import org.tutti.signing.session.MemberState;
import org.tutti.signing.session.RecoveryStatus;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Whether all members mean the same group and the same address: a member with a mistyped key, or
/// with a program that derives another address, must be noticed before anybody pays to it.
///
/// Threads: any number at once.
interface GroupAgreement {
    /// Waits until all members have agreed once, at any time.
    ///
    /// @return whether they have
    boolean await(Duration timeout);

    /// What is known of each member; empty while the node stops.
    List<MemberState> members();

    /// How far this node is, if its journal was lost.
    Optional<RecoveryStatus> recovery();

    /// The sessions that have not ended; empty while the node stops.
    List<LiveSession> sessions();

    /// As the signing service knows it.
    static GroupAgreement of(SigningGroup signing) {
        return new GroupAgreement() {
            @Override
            public boolean await(Duration timeout) {
                try {
                    return signing.awaitAgreed(timeout);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return false;
                }
            }

            @Override
            public List<MemberState> members() {
                return status().map(GroupStatus::members).orElse(List.of());
            }

            @Override
            public Optional<RecoveryStatus> recovery() {
                return status().flatMap(GroupStatus::recovery);
            }

            @Override
            public List<LiveSession> sessions() {
                return status().map(GroupStatus::live).orElse(List.of());
            }

            private Optional<GroupStatus> status() {
                try {
                    return Optional.of(signing.status());
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return Optional.empty();
                } catch (IllegalStateException e) {
                    return Optional.empty();
                }
            }
        };
    }

    /// What the members agree on: the text of the address.
    static Bytes terms(Setup setup) {
        return Bytes.wrap(setup.wallet().address().text().getBytes(StandardCharsets.US_ASCII));
    }

    /// A member's terms for people: what is not printable ASCII is replaced.
    static String text(Bytes terms) {
        return new String(terms.toArray(), StandardCharsets.US_ASCII).replaceAll("[^ -~]", "?");
    }
}
