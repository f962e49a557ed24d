package org.tutti.coordinator.message;

import org.tutti.base.PlainText;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;

/// What a signer says that it co-signs. Everything in it is a claim, for people and for filters.
///
/// @param types at least one, ascending, no two equal
/// @param customType what [TransactionType#CUSTOM] is, at most 32 characters; empty without it
/// @param amounts in satoshis
/// @param purpose one word or a few, which seekers compare, at most 64 characters
/// @param nickname at most 64 characters; anybody may take any
/// @param description at most 1,000 characters
/// @param fee what it asks for
/// @param responseTime how soon it says that it answers, in whole seconds; zero if it does not say
/// @param demands what it asks of whoever asks it
public record AdvertTerms(
        List<TransactionType> types,
        String customType,
        AmountRange amounts,
        String purpose,
        String nickname,
        String description,
        Fee fee,
        Duration responseTime,
        Demands demands) {
    public static final int MAX_CUSTOM_TYPE = 32;
    public static final int MAX_PURPOSE = 64;
    public static final int MAX_NICKNAME = 64;
    public static final int MAX_DESCRIPTION = 1_000;
    public static final Duration MAX_RESPONSE_TIME = Duration.ofDays(7);

    public AdvertTerms {
        types = List.copyOf(types);
        if (types.isEmpty() || !types.equals(types.stream().sorted().distinct().toList())) {
            throw new IllegalArgumentException(
                    "an advert needs types, in ascending order: " + types);
        }
        requireText(customType, MAX_CUSTOM_TYPE, "custom type");
        requireText(purpose, MAX_PURPOSE, "purpose");
        requireText(nickname, MAX_NICKNAME, "nickname");
        requireText(description, MAX_DESCRIPTION, "description");
        if (!customType.isEmpty() && !types.contains(TransactionType.CUSTOM)) {
            throw new IllegalArgumentException("a custom type without CUSTOM");
        }
        if (responseTime.isNegative()
                || responseTime.compareTo(MAX_RESPONSE_TIME) > 0
                || !responseTime.truncatedTo(ChronoUnit.SECONDS).equals(responseTime)) {
            throw new IllegalArgumentException("a response time of " + responseTime);
        }
    }

    private static void requireText(String text, int max, String what) {
        if (text.length() > max) {
            throw new IllegalArgumentException(
                    "a " + what + " of " + text.length() + " characters");
        }
        if (!PlainText.isPlain(text)) {
            throw new IllegalArgumentException(
                    "a " + what + " with characters that are not plain text");
        }
    }

    /// @param base satoshis of each transaction
    /// @param perMillion of the amount, besides: 0 to 1,000,000
    public record Fee(long base, int perMillion) {
        public static final Fee NONE = new Fee(0, 0);

        public Fee {
            if (base < 0
                    || base > AmountRange.MAX_AMOUNT
                    || perMillion < 0
                    || perMillion > 1_000_000) {
                throw new IllegalArgumentException("a fee of " + base + " and " + perMillion);
            }
        }
    }

    /// What a signer asks of whoever asks it, by its own measure.
    ///
    /// @param minReputation 0: none
    /// @param verifiedOnly only requesters for whom a key vouches that it trusts
    public record Demands(int minReputation, boolean verifiedOnly) {
        public static final Demands NONE = new Demands(0, false);

        public Demands {
            if (minReputation < 0) {
                throw new IllegalArgumentException("a reputation of " + minReputation);
            }
        }
    }

    /// Terms of some types, with nothing else said.
    public static AdvertTerms of(Collection<TransactionType> types) {
        return new AdvertTerms(
                types.stream().sorted().distinct().toList(),
                "",
                AmountRange.ANY,
                "",
                "",
                "",
                Fee.NONE,
                Duration.ZERO,
                Demands.NONE);
    }

    /// The same with another name and text for people.
    public AdvertTerms named(String newNickname, String newDescription) {
        return new AdvertTerms(
                types,
                customType,
                amounts,
                purpose,
                newNickname,
                newDescription,
                fee,
                responseTime,
                demands);
    }

    /// The same for other amounts.
    public AdvertTerms amounts(AmountRange range) {
        return new AdvertTerms(
                types,
                customType,
                range,
                purpose,
                nickname,
                description,
                fee,
                responseTime,
                demands);
    }

    /// The same for a purpose.
    public AdvertTerms purpose(String newPurpose) {
        return new AdvertTerms(
                types,
                customType,
                amounts,
                newPurpose,
                nickname,
                description,
                fee,
                responseTime,
                demands);
    }

    /// The same for a fee.
    public AdvertTerms fee(Fee newFee) {
        return new AdvertTerms(
                types,
                customType,
                amounts,
                purpose,
                nickname,
                description,
                newFee,
                responseTime,
                demands);
    }
}
