package org.tutti.coordinator.internal.wire;

import org.tutti.base.Bytes;
import org.tutti.coordinator.inbox.SealedDelivery;
import org.tutti.coordinator.message.ReceiptCode;

import java.util.List;

/// What a peer answers to a [Question]; a delivery to a fetch, a greeting to a greeting.
public sealed interface Answer
        permits Question.Greeting,
                Question.Delivery,
                Answer.Receipts,
                Answer.Inbox,
                Answer.Group,
                Answer.AdvertsTaken,
                Answer.Found {
    /// @param statements envelopes that the other may not have
    record Receipt(ReceiptCode code, List<Bytes> statements) {
        public Receipt {
            statements = List.copyOf(statements);
        }
    }

    /// One for each delivery, in their order.
    record Receipts(List<Receipt> all) implements Answer {
        public Receipts {
            all = List.copyOf(all);
        }
    }

    /// What is kept for a recipient.
    record Inbox(List<SealedDelivery> entries) implements Answer {
        public Inbox {
            entries = List.copyOf(entries);
        }
    }

    /// What became of a proposal that was handed over.
    record Group(Receipt receipt) implements Answer {}

    /// The adverts were looked at.
    record AdvertsTaken() implements Answer {}

    /// Adverts, by ascending keys.
    ///
    /// @param envelopes at most [ExchangeCodec#MAX_ADVERTS]
    /// @param more whether there are others above
    record Found(List<Bytes> envelopes, boolean more) implements Answer {
        public Found {
            envelopes = List.copyOf(envelopes);
        }
    }
}
