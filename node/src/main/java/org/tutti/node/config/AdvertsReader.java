package org.tutti.node.config;

import org.tutti.coordinator.message.Advert;
import org.tutti.coordinator.message.AdvertDraft;
import org.tutti.coordinator.message.AdvertTerms;
import org.tutti.coordinator.message.AmountRange;
import org.tutti.coordinator.message.TransactionType;
import org.tutti.coordinator.message.Vouch;
import org.tutti.node.config.NodeConfig.AdvertsConfig;

import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Reads what `[requests]` says of adverts, `[requests.advertise]` among it.
final class AdvertsReader {
    private static final int MAX_VOUCHERS = 100;

    private AdvertsReader() {}

    static AdvertsConfig read(TomlSection requests) throws ConfigException {
        int types = TransactionType.values().length;
        Set<TransactionType> watch =
                requests.isThere("watch")
                        ? Set.copyOf(requests.list("watch", types, AdvertsReader::type))
                        : EnumSet.allOf(TransactionType.class);
        return new AdvertsConfig(
                requests.isThere("advertise")
                        ? Optional.of(draft(requests.section("advertise")))
                        : Optional.empty(),
                watch,
                Set.copyOf(requests.list("vouchers", MAX_VOUCHERS, ConfigReader::signingKey)));
    }

    private static TransactionType type(String text) {
        return TransactionType.ofWord(text)
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                "not one of spend, swap, coinjoin, custody, escrow, channel,"
                                        + " custom"));
    }

    private static AdvertDraft draft(TomlSection advert) throws ConfigException {
        List<TransactionType> types =
                advert
                        .oneOrMore("types", TransactionType.values().length, AdvertsReader::type)
                        .stream()
                        .sorted()
                        .distinct()
                        .toList();
        AmountRange amounts = amounts(advert);
        AdvertTerms.Fee fee =
                new AdvertTerms.Fee(
                        number(advert, "fee_sat", ConfigReader.MAX_SAT),
                        (int) number(advert, "fee_ppm", 1_000_000));
        Duration response =
                Duration.ofSeconds(
                        number(
                                advert,
                                "response_seconds",
                                AdvertTerms.MAX_RESPONSE_TIME.toSeconds()));
        AdvertTerms.Demands demands =
                new AdvertTerms.Demands(
                        (int) number(advert, "min_reputation", Integer.MAX_VALUE),
                        advert.flag("verified_only", false));
        Duration lifetime =
                Duration.ofSeconds(
                        advert.optionalInteger(
                                        "lifetime_seconds", 60, Advert.MAX_LIFETIME.toSeconds())
                                .orElse(AdvertDraft.DEFAULT_LIFETIME.toSeconds()));
        List<Vouch> vouches = advert.list("vouches", Vouch.MAX, Vouch::parse);
        String customType = text(advert, "custom_type");
        String purpose = text(advert, "purpose");
        String nickname = text(advert, "nickname");
        String description = text(advert, "description");
        advert.refuseUnknown();
        try {
            return new AdvertDraft(
                    new AdvertTerms(
                            types,
                            customType,
                            amounts,
                            purpose,
                            nickname,
                            description,
                            fee,
                            response,
                            demands),
                    vouches,
                    lifetime);
        } catch (IllegalArgumentException e) {
            throw advert.error("types", String.valueOf(e.getMessage()));
        }
    }

    private static AmountRange amounts(TomlSection advert) throws ConfigException {
        long min = number(advert, "min_amount_sat", ConfigReader.MAX_SAT);
        long max = number(advert, "max_amount_sat", ConfigReader.MAX_SAT);
        if (max > 0 && max < min) {
            throw advert.error("max_amount_sat", "less than min_amount_sat");
        }
        return new AmountRange(min, max);
    }

    private static long number(TomlSection advert, String key, long max) throws ConfigException {
        return advert.optionalInteger(key, 0, max).orElse(0);
    }

    private static String text(TomlSection advert, String key) throws ConfigException {
        return advert.optionalString(key).orElse("");
    }
}
