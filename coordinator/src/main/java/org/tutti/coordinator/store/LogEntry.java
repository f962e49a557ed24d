package org.tutti.coordinator.store;

import org.tutti.base.Bytes;
import org.tutti.coordinator.message.ProposalId;
import org.tutti.coordinator.message.RequestId;

import java.time.Instant;
import java.util.List;

/// An entry of the log.
public sealed interface LogEntry {
    /// A request that this node made or took, with its transaction.
    record Taken(Bytes request, Bytes psbt) implements LogEntry {}

    /// A join, refusal or withdrawal, this node's own too.
    record Said(Bytes statement) implements LogEntry {}

    /// Whom a key speaks through.
    record Known(Bytes contact) implements LogEntry {}

    /// All signatures, 64 bytes each.
    record Signed(RequestId request, List<Bytes> signatures) implements LogEntry {
        public Signed {
            signatures = List.copyOf(signatures);
        }
    }

    /// Nothing of the request goes on here any more.
    ///
    /// @param until when the request would have expired: until then it is not taken again
    /// @param code why, at most 64 characters
    record Over(RequestId request, Instant until, String code) implements LogEntry {}

    /// A proposal of a group that this node made or took.
    record GroupTaken(Bytes proposal) implements LogEntry {}

    /// What a member, perhaps this node, said about a proposal.
    record GroupSaid(Bytes statement) implements LogEntry {}

    /// The group that a proposal follows, in which this node was not.
    ///
    /// @param descriptor its encoding
    record GroupPrevious(ProposalId proposal, Bytes descriptor) implements LogEntry {}

    /// A proposal that will never be a group.
    ///
    /// @param code why, at most 64 characters
    /// @param culprits members' keys, 33 bytes each
    record GroupEnded(
            ProposalId proposal, String code, String reason, List<Bytes> culprits, Instant at)
            implements LogEntry {
        public GroupEnded {
            culprits = List.copyOf(culprits);
        }
    }
}
