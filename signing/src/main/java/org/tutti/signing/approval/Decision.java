package org.tutti.signing.approval;

import org.tutti.signing.request.MessageToSign;

import java.util.List;

/// The answer of an [Approval].
public sealed interface Decision {
    /// Yes, to exactly these messages.
    record Approved(List<MessageToSign> messages) implements Decision {
        public Approved {
            messages = List.copyOf(messages);
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
