package org.tutti.signing.approval;

import org.tutti.signing.request.MessageToSign;

import java.util.List;

/// What an [Approval] says.
public sealed interface Decision {
    /// Yes, to exactly these messages.
    record Approved(List<MessageToSign> messages) implements Decision {
        public Approved {
            messages = List.copyOf(messages);
        }
    }

    /// No.
    ///
    /// @param code upper-case word that programs understand, such as `AMOUNT_ABOVE_LIMIT`; at most
    ///   64 characters
    /// @param reason one sentence for people; it is sent to the others, so no secrets; at most 512
    ///   characters
    record Refused(String code, String reason) implements Decision {}
}
