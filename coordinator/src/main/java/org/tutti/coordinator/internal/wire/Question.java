package org.tutti.coordinator.internal.wire;

import org.tutti.base.Bytes;
import org.tutti.coordinator.message.ProposalId;
import org.tutti.coordinator.message.RequestId;
import org.tutti.coordinator.message.TransactionType;
import org.tutti.musig.keys.PublicKey;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What one peer asks of another on a stream of its own. Nothing in it is verified yet.
public sealed interface Question {
    /// Who can be asked through its author.
    ///
    /// @param contact envelope
    record Greeting(Optional<Bytes> contact) implements Question, Answer {}

    /// A request, or only what is new about it.
    ///
    /// @param request envelope
    /// @param psbt empty where there is none, or only statements are new
    /// @param statements envelopes
    record Delivery(RequestId id, Optional<Bytes> request, Bytes psbt, List<Bytes> statements)
            implements Answer {
        public Delivery {
            statements = List.copyOf(statements);
        }

        /// About how long it is on the wire.
        public int length() {
            return 64
                    + request.map(Bytes::length).orElse(0)
                    + psbt.length()
                    + statements.stream().mapToInt(s -> s.length() + 4).sum();
        }
    }

    /// Several at once, at most [ExchangeCodec#MAX_DELIVERIES]: what is waiting for a peer goes
    /// together.
    record Deliveries(List<Delivery> all) implements Question {
        public Deliveries {
            all = List.copyOf(all);
        }
    }

    /// The transaction of a request.
    record Fetch(RequestId id) implements Question {}

    /// What is kept for a recipient.
    ///
    /// @param known what it has already
    record InboxQuery(PublicKey recipient, Set<RequestId> known) implements Question {
        public InboxQuery {
            known = Set.copyOf(known);
        }
    }

    /// A proposal of a group, or only what is new about it.
    ///
    /// @param proposal envelope
    /// @param statements envelopes
    /// @param previous encoding of the descriptor that it follows, for whoever was not in that
    ///   group
    record Group(
            ProposalId id,
            Optional<Bytes> proposal,
            List<Bytes> statements,
            Optional<Bytes> previous)
            implements Question {
        public Group {
            statements = List.copyOf(statements);
        }
    }

    /// Adverts, and what takes some back.
    ///
    /// @param envelopes at most [ExchangeCodec#MAX_ADVERTS]
    record Adverts(List<Bytes> envelopes) implements Question {
        public Adverts {
            envelopes = List.copyOf(envelopes);
        }
    }

    /// The adverts that the other knows.
    ///
    /// @param types of any of these; none: of all
    /// @param after by keys above this one
    record Find(Set<TransactionType> types, Optional<PublicKey> after) implements Question {
        public Find {
            types = Set.copyOf(types);
        }
    }
}
