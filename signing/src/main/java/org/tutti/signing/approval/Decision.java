package org.tutti.signing.approval;

import org.tutti.signing.request.MessageToSign;

import java.util.List;

/// The answer of an [Approval].
public sealed interface Decision {
    /// Yes, to exactly these messages.
    ///
    /// @param hold what the session holds from this node's Ready on
    /// @param stepwise whether this node's user takes each [org.tutti.signing.session.Step] of an
    ///   attempt; otherwise they follow by themselves. Not remembered across restarts once partial
    ///   signatures have left, since no approval is asked then
    record Approved(List<MessageToSign> messages, Hold hold, boolean stepwise) implements Decision {
        public Approved {
            messages = List.copyOf(messages);
        }

        /// Yes, and what follows does so by itself.
        public Approved(List<MessageToSign> messages, Hold hold) {
            this(messages, hold, false);
        }

        /// Yes, and nothing is held.
        public Approved(List<MessageToSign> messages) {
            this(messages, Hold.NONE);
        }
    }

    /// No.
    ///
    /// @param code upper-case word for programs, such as `AMOUNT_ABOVE_LIMIT`; at most 64
    ///   characters
    /// @param reason one sentence for people, at most 512 characters; it is sent to the other
    ///   signers, so it must not contain secrets
    record Refused(String code, String reason) implements Decision {}
}
