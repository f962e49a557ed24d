package org.tutti.coordinator.approval;

import org.tutti.signing.approval.Hold;
import org.tutti.signing.request.MessageToSign;

import java.util.List;

/// What a [RequestPolicy] says.
public sealed interface Judgement {
    /// What the request really does, recomputed: lines for people.
    List<String> summary();

    /// Join it.
    ///
    /// @param messages as recomputed; the request's are compared with them
    /// @param hold what its session holds
    record Approved(List<MessageToSign> messages, Hold hold, List<String> summary)
            implements Judgement {
        public Approved {
            messages = List.copyOf(messages);
            summary = List.copyOf(summary);
        }
    }

    /// The rules allow it, and a person decides.
    record AskPerson(List<MessageToSign> messages, Hold hold, List<String> summary)
            implements Judgement {
        public AskPerson {
            messages = List.copyOf(messages);
            summary = List.copyOf(summary);
        }
    }

    /// Do not.
    ///
    /// @param code upper-case word for programs
    /// @param reason one sentence for people; it is sent to the others
    record Refused(String code, String reason) implements Judgement {
        @Override
        public List<String> summary() {
            return List.of();
        }
    }
}
