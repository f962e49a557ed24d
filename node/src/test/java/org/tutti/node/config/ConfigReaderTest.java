package org.tutti.node.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.bitcoin.network.Network;
import org.tutti.coordinator.message.AdvertTerms;
import org.tutti.coordinator.message.AmountRange;
import org.tutti.coordinator.message.TransactionType;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.lightclient.sync.Birthday;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

class ConfigReaderTest {
    private static final String ALICE = "12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA";
    private static final String BOB = "12D3KooWQYhTNQdmr3ArTeUHRYzFg94BKyTkoWBDWez9kSCVe2Xo";
    private static final String G =
            "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
    private static final String TWO_G =
            "02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5";

    /// Line numbers in the tests below count from here.
    private static final String GOOD =
            """
            data = "alice"
            listen = "/ip4/127.0.0.1/tcp/7001"
            network = "regtest"
            birthday = 5
            [bitcoin]
            peers = ["127.0.0.1:18444", "[::1]:18445"]
            [policy]
            max_amount_sat = 1000
            max_fee_sat = 100
            destinations = ["bcrt1p2zffkaxp5py4fdutfdsrt6t6tcrc5ks09rkfd428hlhf4n5q8tqq5az5cr"]
            [timeouts]
            nonces_seconds = 7
            [[members]]
            peer_id = "%s"
            signing_key = "%s"
            address = "/ip4/127.0.0.1/tcp/7001"
            [[members]]
            peer_id = "%s"
            signing_key = "%s"
            address = "/ip4/127.0.0.1/tcp/7002"
            """
                    .formatted(ALICE, G, BOB, TWO_G);

    @TempDir Path folder;

    @Test
    void aGoodFileIsRead() throws Exception {
        NodeConfig config = read(GOOD);
        assertThat(config.data()).contains(folder.toAbsolutePath().resolve("alice"));
        assertThat(config.connections().listen())
                .containsExactly(Multiaddr.parse("/ip4/127.0.0.1/tcp/7001"));
        assertThat(config.network()).isEqualTo(Network.REGTEST);
        assertThat(config.birthday()).isEqualTo(new Birthday.AtHeight(5));
        assertThat(config.epoch()).isEqualTo(1);
        assertThat(config.bitcoinPeers())
                .containsExactly(new HostPort("127.0.0.1", 18444), new HostPort("::1", 18445));
        assertThat(config.members()).hasSize(2);
        assertThat(config.members().getFirst().peerId().toString()).isEqualTo(ALICE);
        assertThat(config.members().getFirst().signingKey().bytes().toHex()).isEqualTo(G);
        assertThat(config.policy().maxAmountSat()).isEqualTo(1000);
        assertThat(config.policy().maxAmountPerDaySat()).isEmpty();
        assertThat(config.policy().anyDestination()).isFalse();
        assertThat(config.timeouts().readiness()).isEqualTo(Duration.ofSeconds(20));
        assertThat(config.timeouts().nonces()).isEqualTo(Duration.ofSeconds(7));
    }

    /// Of a node without a group; line numbers in the tests count from here.
    private static final String REQUESTS =
            """
            listen = "/ip4/127.0.0.1/tcp/7001"
            network = "regtest"
            [bitcoin]
            peers = ["127.0.0.1:18444"]
            [requests]
            mode = "rules"
            max_amount_sat = 1000
            max_fee_sat = 100
            types = ["spend"]
            requesters = ["%s"]
            any_destination = true
            [requests.contacts]
            alice = "%s"
            """
                    .formatted(G, G);

    @Test
    void aNodeThatTakesRequestsNeedsNoGroup() throws Exception {
        NodeConfig config = read(REQUESTS);
        assertThat(config.hasGroup()).isFalse();
        assertThat(config.policy()).isEqualTo(NodeConfig.PolicyConfig.NOTHING);
        // For groups that strangers form.
        String policy = "[policy]\nmax_amount_sat = 1\nmax_fee_sat = 2\nany_destination = true\n";
        assertThat(read(REQUESTS + policy).policy().maxFeeSat()).isEqualTo(2);
        NodeConfig.RequestsConfig requests = config.requests().orElseThrow();
        assertThat(requests.mode()).isEqualTo(NodeConfig.RequestsConfig.Mode.RULES);
        assertThat(requests.maxAmountSat()).hasValue(1000);
        assertThat(requests.maxAmountPerDaySat()).isEmpty();
        assertThat(requests.types()).containsExactly("spend");
        assertThat(requests.requesters()).hasSize(1);
        assertThat(requests.raw()).isFalse();
        assertThat(requests.contacts()).containsOnlyKeys("alice");
        assertThat(read(GOOD).requests()).isEmpty();
        assertThat(read(GOOD + "[requests]\n").requests().orElseThrow().mode())
                .isEqualTo(NodeConfig.RequestsConfig.Mode.ASK);
        assertThat(read(GOOD + "[requests]\nenabled = false\n").requests()).isEmpty();
    }

    private static final String ADVERT =
            """
            [requests.advertise]
            types = ["swap", "spend"]
            min_amount_sat = 1000
            max_amount_sat = 2000
            nickname = "alice"
            fee_ppm = 500
            verified_only = true
            """;

    @Test
    void whatANodeAdvertisesFromItsStartIsInItsConfiguration() throws Exception {
        NodeConfig.AdvertsConfig none = read(REQUESTS).requests().orElseThrow().adverts();
        assertThat(none.advertise()).isEmpty();
        assertThat(none.watch()).containsExactlyInAnyOrder(TransactionType.values());
        assertThat(none.vouchers()).isEmpty();
        NodeConfig.AdvertsConfig adverts =
                read(REQUESTS.replace(
                                        "any_destination",
                                        "vouchers = [\"" + G + "\"]\nwatch = []\nany_destination")
                                + ADVERT)
                        .requests()
                        .orElseThrow()
                        .adverts();
        AdvertTerms terms = adverts.advertise().orElseThrow().terms();
        assertThat(terms.types()).containsExactly(TransactionType.SPEND, TransactionType.SWAP);
        assertThat(terms.amounts()).isEqualTo(new AmountRange(1_000, 2_000));
        assertThat(terms.nickname()).isEqualTo("alice");
        assertThat(terms.demands().verifiedOnly()).isTrue();
        assertThat(adverts.watch()).isEmpty();
        assertThat(adverts.vouchers()).hasSize(1);
        refused(REQUESTS + ADVERT.replace("swap", "barter"), 15, "requests.advertise.types[0]", "");
        refused(
                REQUESTS + ADVERT.replace("2000", "999"),
                17,
                "requests.advertise.max_amount_sat",
                "less");
        refused(
                REQUESTS + ADVERT.replace("fee_ppm", "fee"),
                19,
                "requests.advertise.fee",
                "unknown key");
    }

    @Test
    void whatIsWrongWithRequestsIsSaidByItsLine() {
        refused(
                REQUESTS.replace("\"rules\"", "\"maybe\""),
                6,
                "requests.mode",
                "not one of ask, rules");
        refused(
                REQUESTS.replace("max_amount_sat = 1000\n", ""),
                5,
                "requests.max_amount_sat",
                "missing");
        refused(REQUESTS.replace("max_fee_sat = 100\n", ""), 5, "requests.max_fee_sat", "missing");
        refused(
                REQUESTS.replace("any_destination = true\n", ""),
                5,
                "requests.destinations",
                "none");
        refused(
                REQUESTS.replace("any_dest", "every_dest"),
                11,
                "requests.every_destination",
                "unknown key");
        refused(
                REQUESTS.replace("[\"spend\"]", "[\"\"]"),
                9,
                "requests.types[0]",
                "1 to 32 characters");
        refused(
                REQUESTS.replace("requesters = [\"02", "requesters = [\"09"),
                10,
                "requests.requesters[0]",
                "");
        refused(
                REQUESTS + "bob = \"" + G + "\"\n",
                14,
                "requests.contacts.bob",
                "the same key as alice");
        refused(
                REQUESTS.replace("alice", "\"" + TWO_G + "\""),
                13,
                "requests.contacts." + TWO_G,
                "a name");
        refused(REQUESTS.replace("listen", "announce"), 1, "listen", "nothing else says where");
        refused(REQUESTS + "[policy]\nmax_amount_sat = 1\n", 14, "policy.max_fee_sat", "missing");
        refused(
                REQUESTS.replace("[requests]", "[requests]\nenabled = false"),
                1,
                "members",
                "at least two");
    }

    @Test
    void theLogHasALevelForAllAndOneForParts() throws Exception {
        assertThat(read(GOOD).log()).isEqualTo(NodeConfig.LogConfig.DEFAULT);
        String log =
                """
                [log]
                level = "warn"
                pattern = "%message"
                [log.levels]
                "org.tutti.libp2p" = "debug"
                musig = "off"
                """;
        assertThat(read(GOOD + log).log())
                .isEqualTo(
                        new NodeConfig.LogConfig(
                                Level.WARNING,
                                Map.of("org.tutti.libp2p", Level.DEBUG, "musig", Level.OFF),
                                Optional.of("%message")));
        int first = (int) GOOD.lines().count() + 1;
        refused(GOOD + log.replace("warn", "loud"), first + 1, "log.level", "\"loud\": not one of");
        refused(GOOD + log.replace("%message", "a\\nb"), first + 2, "log.pattern", "plain text");
        refused(
                GOOD + log.replace("\"off\"", "7"),
                first + 5,
                "log.levels.musig",
                "text in quotes");
        refused(GOOD + log + "[log.other]\n", first + 6, "log.other", "unknown key");
    }

    @Test
    void aDaysLimitIsReadAndBounded() throws Exception {
        String day = GOOD.replace("max_fee_sat", "max_amount_per_day_sat = 5000\nmax_fee_sat");
        assertThat(read(day).policy().maxAmountPerDaySat()).hasValue(5000);
        refused(day.replace("= 5000", "= -1"), 9, "policy.max_amount_per_day_sat", "not between");
    }

    @Test
    void severalAddressesAreListenedOnAndAnnounced() throws Exception {
        String several =
                GOOD.replace(
                        "listen = \"/ip4/127.0.0.1/tcp/7001\"",
                        """
                        listen = ["/ip4/0.0.0.0/tcp/7001", "/ip6/::1/tcp/7001"]
                        announce = ["/dns4/alice.example/tcp/9001"]
                        allow = ["%s"]\
                        """
                                .formatted(ALICE));
        NodeConfig.ConnectionsConfig read = read(several).connections();
        assertThat(read.listen())
                .extracting(Multiaddr::toString)
                .containsExactly("/ip4/0.0.0.0/tcp/7001", "/ip6/::1/tcp/7001");
        assertThat(read.announce())
                .extracting(Multiaddr::toString)
                .containsExactly("/dns4/alice.example/tcp/9001");
        assertThat(read.allow()).extracting(PeerId::toString).containsExactly(ALICE);
        refused(
                several.replace("/ip6/::1/tcp/7001", "/ip6/::1/udp/7001"),
                2,
                "listen[1]",
                "only TCP");
        refused(
                several.replace("/dns4/alice.example", "/ip4/0.0.0.0"),
                3,
                "announce[0]",
                "nobody can dial this");
        refused(several.replace("tcp/9001", "tcp/9001/p2p/" + BOB), 3, "announce[0]", "leave out");
        refused(several.replace("allow = [\"12", "allow = [\"99"), 4, "allow[0]", "99");
        refused(several.replace("listen = [", "listen = [7, "), 2, "listen[0]", "text in quotes");
    }

    @Test
    void limitsAreReadAndBounded() throws Exception {
        assertThat(read(GOOD).connections().limits()).isEqualTo(NodeConfig.LimitsConfig.NONE);
        String good =
                GOOD.replace(
                        "[timeouts]\n",
                        """
                        [limits]
                        max_connections = 100
                        max_connections_per_host = 10
                        max_pending_connections = 64
                        receive_memory_mib = 64
                        receive_memory_per_host_mib = 8
                        [timeouts]
                        """);
        NodeConfig.LimitsConfig read = read(good).connections().limits();
        assertThat(read.maxConnections()).hasValue(100);
        assertThat(read.maxConnectionsPerHost()).hasValue(10);
        assertThat(read.maxPendingConnections()).hasValue(64);
        assertThat(read.receiveMemoryMib()).hasValue(64);
        assertThat(read.receiveMemoryPerHostMib()).hasValue(8);
        refused(
                good.replace("= 100\nmax_connections_per", "= 1\nmax_connections_per"),
                12,
                "limits.max_connections",
                "not between");
        refused(
                good.replace("_per_host = 10\n", "_per_host = 101\n"),
                13,
                "limits.max_connections_per_host",
                "more than max_connections, which is 100");
        refused(
                good.replace("memory_mib = 64", "memory_mib = 0"),
                15,
                "limits.receive_memory_mib",
                "not between");
        refused(
                good.replace("host_mib = 8", "host_mib = 65"),
                16,
                "limits.receive_memory_per_host_mib",
                "more than receive_memory_mib");
        refused(
                good.replace("max_pending_connections", "max_pending"),
                14,
                "limits.max_pending",
                "unknown key");
    }

    @Test
    void anAddressThatNoTransportServesIsNamed() {
        refused(
                GOOD.replace("listen = \"/ip4/127.0.0.1/tcp", "listen = \"/ip4/127.0.0.1/udp"),
                2,
                "listen",
                "only TCP");
        refused(
                GOOD.replace("/tcp/7002", "/udp/7002/quic-v1"),
                20,
                "members[1].address",
                "only TCP");
    }

    @Test
    void anUnknownKeyIsNamedWithItsLine() {
        refused(GOOD.replace("birthday = 5", "birthdy = 5"), 4, "birthdy", "unknown key");
        refused(
                GOOD.replace("max_fee_sat = 100", "max_fee_sats = 100"),
                7,
                "policy.max_fee_sat",
                "missing");
        refused(
                GOOD.replace("nonces_seconds", "nonce_seconds"),
                12,
                "timeouts.nonce_seconds",
                "unknown key");
        refused(GOOD + "nickname = \"bob\"\n", 21, "members[1].nickname", "unknown key");
    }

    @Test
    void aMissingKeyIsNamed() {
        refused(GOOD.replace("network = \"regtest\"\n", ""), 1, "network", "missing");
        refused(
                GOOD.replace("signing_key = \"" + TWO_G + "\"\n", ""),
                17,
                "members[1].signing_key",
                "missing");
        refused(
                GOOD.replace("peers = [\"127.0.0.1:18444\", \"[::1]:18445\"]\n", ""),
                5,
                "bitcoin.peers",
                "at least one");
    }

    @Test
    void aWrongTypeIsNamed() {
        refused(
                GOOD.replace("birthday = 5", "birthday = \"5\""),
                4,
                "birthday",
                "a height or a day");
        refused(GOOD.replace("\"regtest\"", "3"), 3, "network", "text in quotes");
        refused(
                GOOD.replace("max_fee_sat = 100", "max_fee_sat = 1.5"),
                9,
                "policy.max_fee_sat",
                "whole number");
        refused(
                GOOD.replace("[\"127.0.0.1:18444\", \"[::1]:18445\"]", "[\"127.0.0.1:18444\", 5]"),
                6,
                "bitcoin.peers[1]",
                "text in quotes");
    }

    @Test
    void aBirthdayMayBeADay() throws Exception {
        assertThat(read(GOOD.replace("birthday = 5", "birthday = 2026-11-30")).birthday())
                .isEqualTo(new Birthday.AtTime(Instant.parse("2026-11-30T00:00:00Z")));
        refused(
                GOOD.replace("birthday = 5", "birthday = 2008-12-31"),
                4,
                "birthday",
                "before the first block");
        refused(
                GOOD.replace("birthday = 5", "birthday = 2026-11-30T10:00:00Z"),
                4,
                "birthday",
                "a height or a day, as 2026-11-30, is needed");
    }

    @Test
    void aValueOutOfRangeIsNamed() {
        refused(GOOD.replace("birthday = 5", "birthday = -1"), 4, "birthday", "not between");
        refused(
                GOOD.replace("max_amount_sat = 1000", "max_amount_sat = 2100000000000001"),
                8,
                "policy.max_amount_sat",
                "not between");
        refused(
                GOOD.replace("nonces_seconds = 7", "nonces_seconds = 0"),
                12,
                "timeouts.nonces_seconds",
                "not between");
    }

    @Test
    void addressesAndKeysThatAreNoneAreNamed() {
        refused(GOOD.replace("\"regtest\"", "\"moonnet\""), 3, "network", "not one of");
        refused(GOOD.replace(BOB, "bob"), 18, "members[1].peer_id", "bob");
        refused(
                GOOD.replace(TWO_G, "02" + "00".repeat(32)),
                19,
                "members[1].signing_key",
                "not a compressed public key");
        refused(GOOD.replace(TWO_G, TWO_G.substring(2)), 19, "members[1].signing_key", "33 bytes");
        refused(GOOD.replace("tcp/7002", "tcp/70020"), 20, "members[1].address", "70020");
        refused(GOOD.replace("q5az5cr", "q5az5cq"), 10, "policy.destinations[0]", "bcrt1p2zff");
        refused(GOOD.replace(":18445", ":0"), 6, "bitcoin.peers[1]", "port");
    }

    @Test
    void anAddressOfAnotherNetworkIsNoDestination() {
        refused(GOOD.replace("\"regtest\"", "\"mainnet\""), 10, "policy.destinations[0]", "bcrt1p");
    }

    @Test
    void membersMustDiffer() {
        refused(GOOD.replace(BOB, ALICE), 18, "members[1].peer_id", "number 1");
        refused(GOOD.replace(TWO_G, G), 19, "members[1].signing_key", "number 1");
    }

    @Test
    void oneMemberIsNoGroup() {
        String one = GOOD.substring(0, GOOD.lastIndexOf("[[members]]"));
        refused(one, 13, "members", "at least two");
    }

    @Test
    void anAddressOfAnotherPeerIsRefused() {
        refused(
                GOOD.replace("tcp/7002", "tcp/7002/p2p/" + ALICE),
                20,
                "members[1].address",
                "another peer");
    }

    @Test
    void textThatIsNotTomlIsRefusedWithItsLine() {
        refused(GOOD.replace("birthday = 5", "birthday = = 5"), 4, "", "not TOML");
        refused(GOOD.replace("birthday = 5", "network = \"signet\""), 4, "", "not TOML");
    }

    @Test
    void aFileThatIsNotThereOrTooLongIsRefused() {
        assertThatThrownBy(() -> ConfigReader.read(folder.resolve("none.toml")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("none.toml: no such file");
        refused("#".repeat(ConfigReader.MAX_BYTES + 1), 0, "", "more than");
    }

    @Test
    void tooManyOfAnythingAreRefused() {
        String peers =
                String.join(
                        ", ",
                        java.util.Collections.nCopies(
                                ConfigReader.MAX_BITCOIN_PEERS + 1, "\"127.0.0.1:1\""));
        refused(
                GOOD.replace("\"127.0.0.1:18444\", \"[::1]:18445\"", peers),
                6,
                "bitcoin.peers",
                "at most");
        List<String> destinations =
                java.util.Collections.nCopies(ConfigReader.MAX_DESTINATIONS + 1, "\"x\"");
        refused(
                GOOD.replaceAll(
                        "destinations = .*",
                        "destinations = [" + String.join(",", destinations) + "]"),
                10,
                "policy.destinations",
                "at most");
    }

    @Test
    void anAliasIsShortPlainTextAndUnique() throws Exception {
        String alias = GOOD.replaceFirst("peer_id = ", "alias = \"Bob, Zürich\"\npeer_id = ");
        assertThat(read(alias).members())
                .extracting(NodeConfig.MemberConfig::alias)
                .contains(Optional.of("Bob, Zürich"))
                .contains(Optional.empty());
        for (String bad : List.of("", "  ", "a\\nb", "\\u001b[2J", "\\u202eb", "x".repeat(33))) {
            assertThatThrownBy(() ->
                            read(
                                    GOOD.replace(
                                            "peer_id = \"" + ALICE,
                                            "alias = \"" + bad + "\"\npeer_id = \"" + ALICE)))
                    .as(bad)
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("alias");
        }
        assertThatThrownBy(() -> read(GOOD.replace("peer_id = ", "alias = \"b\"\npeer_id = ")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("the same as in [[members]] number 1");
    }

    @Test
    void whatCannotBeMeantIsRefused() {
        refused(
                GOOD.replaceAll("destinations = .*", "destinations = []"),
                10,
                "policy.destinations",
                "nothing could ever be paid");
        refused(
                GOOD.replaceAll("(destinations = .*)", "$1\nany_destination = true"),
                11,
                "policy.any_destination",
                "write one of the two");
    }

    @Test
    void anAddressThatNobodyCanDialIsRefused() {
        for (String any : List.of("/ip4/0.0.0.0/tcp/7001", "/ip6/::/tcp/7001")) {
            assertThatThrownBy(() ->
                            read(
                                    GOOD.replaceFirst(
                                            "(\\naddress = )\"[^\"]*\"", "$1\"" + any + "\"")))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("nobody can dial this");
        }
    }

    @Test
    void keysThatDifferInTheirSignAreOneKey() {
        String key = GOOD.replaceAll("(?s).*?signing_key = \"0([23])([0-9a-f]{64})\".*", "$1$2");
        String twin = (key.charAt(0) == '2' ? "03" : "02") + key.substring(1);
        String other =
                GOOD.replaceFirst(
                        "(?s)(signing_key = .*?signing_key = )\"[0-9a-f]{66}\"",
                        "$1\"" + twin + "\"");
        assertThatThrownBy(() -> read(other))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("the same as in [[members]] number 1");
    }

    @Test
    @Timeout(30)
    void aFileWithoutEndIsRefused() {
        assertThatThrownBy(() -> ConfigReader.read(Path.of("/dev/zero")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("more than");
    }

    private NodeConfig read(String toml) throws ConfigException, IOException {
        Path file = folder.resolve("node.toml");
        Files.writeString(file, toml);
        return ConfigReader.read(file);
    }

    private void refused(String toml, int line, String key, String reason) {
        assertThatThrownBy(() -> read(toml))
                .isInstanceOfSatisfying(
                        ConfigException.class,
                        e -> {
                            assertThat(e.key()).isEqualTo(key);
                            assertThat(e.line()).isEqualTo(line);
                            assertThat(e.reason()).contains(reason);
                            assertThat(e.text())
                                    .startsWith(
                                            folder.resolve("node.toml")
                                                    + (line > 0 ? ":" + line : "")
                                                    + ": ");
                        });
    }
}
