package org.tutti.coordinator.advert;

import org.tutti.coordinator.message.TransactionType;
import org.tutti.libp2p.kad.TopicResult;

import java.util.Map;

/// How a search ended.
///
/// @param found how many signers were told
/// @param end why
/// @param listings what each topic's listing in the DHT came to: where one ended at a bound, or
///   look-ups failed, there may be signers that were not found
public record SearchResult(int found, End end, Map<TransactionType, TopicResult.Listed> listings) {
    public SearchResult {
        listings = Map.copyOf(listings);
    }

    /// Why a search ended.
    public enum End {
        /// Everybody was asked.
        COMPLETE,
        /// As many were found as were wanted.
        RESULTS,
        /// The time was over.
        TIME
    }
}
