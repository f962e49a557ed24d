package org.tutti.node.config;

import org.tutti.base.PlainText;
import org.tutti.bitcoin.network.Network;
import org.tutti.coordinator.message.InvitationDraft;
import org.tutti.musig.keys.PublicKey;
import org.tutti.node.config.NodeConfig.RequestsConfig;
import org.tutti.node.config.NodeConfig.RequestsConfig.Mode;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// Reads the `[requests]` table.
final class RequestsReader {
    /// Most types.
    static final int MAX_TYPES = 32;

    /// Most keys that may ask, and most that have a name.
    static final int MAX_KEYS = 1_000;

    private RequestsReader() {}

    /// @param isThere whether the file has the table
    /// @return nothing if it has not, or if it is not enabled
    static Optional<RequestsConfig> read(TomlSection requests, boolean isThere, Network network)
            throws ConfigException {
        boolean enabled = requests.flag("enabled", isThere);
        Mode mode = mode(requests);
        RequestsConfig config =
                new RequestsConfig(
                        mode,
                        requests.optionalInteger("max_amount_sat", 0, ConfigReader.MAX_SAT),
                        requests.optionalInteger("max_amount_per_day_sat", 0, ConfigReader.MAX_SAT),
                        requests.optionalInteger("max_fee_sat", 0, ConfigReader.MAX_SAT),
                        requests.list("types", MAX_TYPES, RequestsReader::type),
                        requests.list("requesters", MAX_KEYS, ConfigReader::signingKey),
                        requests.list(
                                "destinations",
                                ConfigReader.MAX_DESTINATIONS,
                                text -> ConfigReader.address(text, network)),
                        requests.flag("any_destination", false),
                        requests.flag("raw", false),
                        requests.flag("step_by_step", false),
                        contacts(requests.section("contacts")),
                        AdvertsReader.read(requests));
        requests.refuseUnknown();
        if (!enabled) {
            return Optional.empty();
        }
        if (config.anyDestination() && !config.destinations().isEmpty()) {
            throw requests.error(
                    "any_destination", "true, and destinations are named: write one of the two");
        }
        if (mode == Mode.RULES) {
            requireRules(requests, config);
        }
        return Optional.of(config);
    }

    /// What nobody looks at has limits that somebody wrote.
    private static void requireRules(TomlSection requests, RequestsConfig config)
            throws ConfigException {
        require(requests, "max_amount_sat", config.maxAmountSat());
        require(requests, "max_fee_sat", config.maxFeeSat());
        if (!config.anyDestination() && config.destinations().isEmpty()) {
            throw requests.error(
                    "destinations",
                    "none, so that nothing could ever be paid: name some, or write any_destination"
                            + " = true");
        }
    }

    private static void require(TomlSection requests, String key, OptionalLong value)
            throws ConfigException {
        if (value.isEmpty()) {
            throw requests.missing(key);
        }
    }

    private static Mode mode(TomlSection requests) throws ConfigException {
        return requests.optionalString("mode").isEmpty()
                ? Mode.ASK
                : requests.parsed(
                        "mode",
                        text ->
                                switch (text) {
                                    case "ask" -> Mode.ASK;
                                    case "rules" -> Mode.RULES;
                                    default ->
                                            throw new IllegalArgumentException(
                                                    "not one of ask, rules");
                                });
    }

    private static String type(String text) {
        if (text.isBlank()
                || text.length() > InvitationDraft.Description.MAX_TYPE
                || !PlainText.isPlain(text)) {
            throw new IllegalArgumentException(
                    "1 to "
                            + InvitationDraft.Description.MAX_TYPE
                            + " characters of plain text, without line breaks");
        }
        return text;
    }

    private static Map<String, PublicKey> contacts(TomlSection contacts) throws ConfigException {
        Map<String, PublicKey> byName = contacts.map(MAX_KEYS, ConfigReader::signingKey);
        Map<PublicKey, String> byKey = new HashMap<>();
        for (String name : byName.keySet().stream().sorted().toList()) {
            try {
                ConfigReader.alias(name);
            } catch (IllegalArgumentException e) {
                throw contacts.error(name, "a name is " + e.getMessage());
            }
            if (ContactNames.isKey(name)) {
                throw contacts.error(name, "a name that looks like a key");
            }
            String other = byKey.putIfAbsent(byName.get(name), name);
            if (other != null) {
                throw contacts.error(name, "the same key as " + other);
            }
        }
        return byName;
    }
}
