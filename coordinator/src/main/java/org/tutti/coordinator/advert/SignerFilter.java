package org.tutti.coordinator.advert;

import org.tutti.coordinator.message.AmountRange;
import org.tutti.coordinator.message.TransactionType;

import java.util.Set;

/// Which signers are looked for.
///
/// @param types of any of these; none: of all
/// @param purpose the advert's is the same, whatever its case; empty: any
/// @param amounts which its advert covers
/// @param minReputation 0: any; otherwise an unknown reputation is not enough
/// @param verifiedOnly only those for whom a key vouches that the operator named
/// @param maxResults 1 to [#MAX_RESULTS]
public record SignerFilter(
        Set<TransactionType> types,
        String purpose,
        AmountRange amounts,
        int minReputation,
        boolean verifiedOnly,
        int maxResults) {
    public static final int MAX_RESULTS = 10_000;

    public SignerFilter {
        types = Set.copyOf(types);
        if (minReputation < 0 || maxResults < 1 || maxResults > MAX_RESULTS) {
            throw new IllegalArgumentException(
                    "a reputation of " + minReputation + " or " + maxResults + " results");
        }
    }

    /// Whoever co-signs one of these types; none: anybody.
    public static SignerFilter of(Set<TransactionType> types) {
        return new SignerFilter(types, "", AmountRange.ANY, 0, false, 1_000);
    }

    /// Whether a signer answers it.
    public boolean matches(FoundSigner signer) {
        var terms = signer.advert().terms();
        return (types.isEmpty() || terms.types().stream().anyMatch(types::contains))
                && (purpose.isEmpty() || purpose.equalsIgnoreCase(terms.purpose()))
                && terms.amounts().covers(amounts)
                && (minReputation == 0 || signer.reputation().orElse(-1) >= minReputation)
                && (!verifiedOnly || signer.verified());
    }
}
