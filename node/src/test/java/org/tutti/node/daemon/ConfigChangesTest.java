package org.tutti.node.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.node.config.ConfigReader;
import org.tutti.node.config.NodeConfig;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

class ConfigChangesTest {
    private static final String FILE =
            """
            data = "a"
            network = "regtest"
            [bitcoin]
            peers = ["127.0.0.1:1"]
            [policy]
            max_amount_sat = 1000
            max_fee_sat = 100
            any_destination = true
            [[members]]
            peer_id = "12D3KooWN6zPJfRAR5b3iNuLyCMoqSLAK6sgxj5sa8CWbCc5VVZM"
            signing_key = "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
            address = "/ip4/127.0.0.1/tcp/7001"
            [[members]]
            peer_id = "12D3KooWB2LU1ZjHVZBx1ydzE8duNV7ULDk3stzkpWHmUZtKjijW"
            signing_key = "02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5"
            address = "/ip4/127.0.0.1/tcp/7002"
            """;

    @TempDir Path folder;

    private ConfigChanges changes(String from, String to) throws Exception {
        return ConfigChanges.between(read(FILE), read(FILE.replace(from, to)));
    }

    private NodeConfig read(String toml) throws Exception {
        return ConfigReader.read(Files.writeString(folder.resolve("a.toml"), toml));
    }

    @Test
    void theSameChangesNothing() throws Exception {
        ConfigChanges changes = changes("", "");
        assertThat(changes.used()).isEmpty();
        assertThat(changes.needRestart()).isEmpty();
    }

    @Test
    void policyAndAliasesAreUsedAtOnce() throws Exception {
        assertThat(changes("= 1000", "= 1001").used())
                .containsExactly("policy.max_amount_sat = 1001");
        assertThat(changes("= 100\n", "= 101\n").used())
                .containsExactly("policy.max_fee_sat = 101");
        String nobody = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
        assertThat(changes("any_destination = true", "destinations = [\"" + nobody + "\"]").used())
                .containsExactly("policy.destinations = [" + nobody + "]");
        assertThat(
                        changes(
                                        "[[members]]\npeer_id = \"12D3KooWN6",
                                        "[[members]]\nalias = \"Al\"\npeer_id = \"12D3KooWN6")
                                .used())
                .singleElement()
                .asString()
                .startsWith("members.alias of 12D3KooWN6")
                .endsWith(" = Al");
    }

    @Test
    void bitcoinPeersAndTheLogAreUsedAtOnce() throws Exception {
        assertThat(changes(":1\"", ":2\"").used()).containsExactly("bitcoin.peers = [127.0.0.1:2]");
        assertThat(changes("[policy]", "[log]\nlevel = \"debug\"\n[policy]").used())
                .containsExactly("log");
    }

    /// A limit cannot begin in the middle of a day in which nothing was counted.
    @Test
    void anotherLimitForTheDayIsUsedAtOnceAndTheFirstAfterARestart() throws Exception {
        String limited = FILE.replace("max_fee_sat", "max_amount_per_day_sat = 9\nmax_fee_sat");
        ConfigChanges changes =
                ConfigChanges.between(
                        read(limited), read(limited.replace("day_sat = 9", "day_sat = 8")));
        assertThat(changes.used()).containsExactly("policy.max_amount_per_day_sat = 8");
        assertThat(changes.needRestart()).isEmpty();
        assertThat(ConfigChanges.between(read(limited), read(FILE)).needRestart())
                .containsExactly("policy.max_amount_per_day_sat");
    }

    @Test
    void theRestNeedsARestart() throws Exception {
        for (List<String> change :
                List.of(
                        List.of("network", "network = \"regtest\"", "network = \"signet\""),
                        List.of("data", "\"a\"", "\"b\""),
                        List.of("listen", "network", "listen = \"/ip4/0.0.0.0/tcp/1\"\nnetwork"),
                        List.of("birthday", "network", "birthday = 5\nnetwork"),
                        List.of("birthday", "network", "birthday = 2026-11-30\nnetwork"),
                        List.of("epoch", "network", "epoch = 5\nnetwork"),
                        List.of(
                                "allow_mainnet_signing",
                                "network",
                                "allow_mainnet_signing = true\nnetwork"),
                        List.of(
                                "policy.max_amount_per_day_sat",
                                "max_fee_sat",
                                "max_amount_per_day_sat = 9\nmax_fee_sat"),
                        List.of("members", "7002", "7003"))) {
            ConfigChanges changes = changes(change.get(1), change.get(2));
            assertThat(changes.needRestart()).containsExactly(change.getFirst());
            assertThat(changes.used()).isEmpty();
        }
    }

    @Test
    void whoMayConnectIsUsedAtOnceAndWhereItListensIsNot() throws Exception {
        String carol = "12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA";
        ConfigChanges allowed =
                changes("data = \"a\"", "data = \"a\"\nallow = [\"" + carol + "\"]");
        assertThat(allowed.used()).containsExactly("allow = [" + carol + "]");
        assertThat(allowed.needRestart()).isEmpty();
        assertThat(
                        changes(
                                        "data = \"a\"",
                                        """
                                        data = "a"
                                        listen = "/ip4/127.0.0.1/tcp/1"
                                        announce = "/ip4/192.0.2.1/tcp/1"
                                        limits.max_connections = 9\
                                        """)
                                .needRestart())
                .containsExactly("listen", "announce", "limits");
    }
}
