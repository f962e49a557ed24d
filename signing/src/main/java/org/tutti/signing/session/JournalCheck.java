package org.tutti.signing.session;

import org.tutti.base.Bytes;
import org.tutti.signing.blame.Evidence;
import org.tutti.signing.group.Member;
import org.tutti.signing.journal.JournalHead;
import org.tutti.signing.wire.Contribution;
import org.tutti.signing.wire.Inbound.Statement;

import java.util.List;
import java.util.Optional;

/// SAFETY 3: a journal that went backwards is seen by those who remember more of it.
final class JournalCheck {
    private JournalCheck() {}

    /// Holds the head in a statement, if it has one, against another told for the same count; ends
    /// the session if they differ.
    ///
    /// @return whether they do
    static boolean contradicts(SessionState state, Statement statement) {
        return switch (statement.contribution().body()) {
            case Contribution.Ready ready -> contradicts(state, statement, ready.head());
            case Contribution.Nonces nonces -> contradicts(state, statement, nonces.head());
            case Contribution.Partials _,
                    Contribution.Refuse _,
                    Contribution.Abort _,
                    Contribution.NonceSet _,
                    Contribution.Final _,
                    Contribution.RetransmissionRequest _ ->
                    false;
        };
    }

    /// Holds a told head against what is remembered of its author's journal; ends the session if it
    /// does not fit.
    ///
    /// @param floor fewest entries that the author must have had when it made this statement
    /// @return whether it fits
    static boolean fits(SessionState state, Statement statement, JournalHead head, long floor) {
        Member author = statement.author();
        if (contradicts(state, statement, head)) {
            return false;
        }
        if (head.count() < floor) {
            String reason = author + "'s journal has " + head.count() + " entries and had " + floor;
            state.abort(AbortCode.JOURNAL_WENT_BACK, List.of(author), reason);
            return false;
        }
        return true;
    }

    private static boolean contradicts(SessionState state, Statement statement, JournalHead head) {
        Member author = statement.author();
        Bytes other = state.context.heads.observe(author.index(), head, statement.envelope());
        if (other == null) {
            return false;
        }
        state.abort(
                AbortCode.JOURNAL_WENT_BACK,
                author,
                author + " told another journal of " + head.count() + " entries before",
                other.isEmpty()
                        ? Optional.empty()
                        : state.evidenceBuilder.build(
                                Evidence.Kind.JOURNAL_FORK,
                                author.index(),
                                List.of(),
                                other,
                                statement.envelope()));
        return true;
    }
}
