package org.tutti.signing.session;

import org.tutti.base.Bytes;
import org.tutti.signing.group.Member;

import java.util.List;

/// How far a node is whose journal was lost, and which signs nothing with its new one yet.
///
/// @param journal id of the new one, 16 bytes: what the others' operators consent to
/// @param consented the members that have consented
/// @param handedOver the members that have handed over what they remember
/// @param nobodyRemembers all have done both, and all have lost their journals: the operator has to
///   say that earlier payments are unknown
public record RecoveryStatus(
        Bytes journal, List<Member> consented, List<Member> handedOver, boolean nobodyRemembers) {
    public RecoveryStatus {
        consented = List.copyOf(consented);
        handedOver = List.copyOf(handedOver);
    }
}
