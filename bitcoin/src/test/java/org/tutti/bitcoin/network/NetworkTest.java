package org.tutti.bitcoin.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.Vectors;
import org.tutti.bitcoin.address.Address;
import org.tutti.bitcoin.block.BlockCheck;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.block.ProofOfWork;
import org.tutti.bitcoin.script.Script;

import tools.jackson.databind.JsonNode;

import java.math.BigInteger;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

class NetworkTest {
    private static JsonNode vector(String name) {
        return Vectors.json("network-params/networks.json").get(name);
    }

    private static List<Network> networks() {
        return Network.all();
    }

    @ParameterizedTest
    @MethodSource("networks")
    void everyConstantIsThatOfBitcoinCore(Network network) {
        JsonNode expected = vector(network.coreName());
        assertThat(network.magic()).isEqualTo(Vectors.hex(expected.get("magic")));
        assertThat(network.defaultPort()).isEqualTo(expected.get("port").asInt());
        AddressPrefixes prefixes = network.prefixes();
        assertThat(prefixes.hrp()).isEqualTo(expected.get("hrp").asString());
        assertThat(prefixes.p2pkh()).isEqualTo(expected.get("p2pkh").asInt());
        assertThat(prefixes.p2sh()).isEqualTo(expected.get("p2sh").asInt());
        assertThat(prefixes.wif()).isEqualTo(expected.get("wif").asInt());
        assertThat(network.keyVersions().publicVersion())
                .isEqualTo(Vectors.hex(expected.get("xpub")));
        assertThat(network.keyVersions().privateVersion())
                .isEqualTo(Vectors.hex(expected.get("xprv")));
        assertThat(network.difficulty())
                .isEqualTo(
                        new Difficulty(
                                Long.parseLong(expected.get("pow_limit_bits").asString(), 16),
                                rules(expected),
                                new BigInteger(expected.get("minimum_chain_work").asString(), 16)));
        assertThat(network.softForks())
                .isEqualTo(
                        new SoftForks(
                                expected.get("bip34_height").asInt(),
                                expected.get("bip65_height").asInt(),
                                expected.get("bip66_height").asInt(),
                                expected.get("csv_height").asInt(),
                                expected.get("segwit_height").asInt()));
        assertThat(network.signetChallenge())
                .isEqualTo(
                        Optional.ofNullable(expected.get("signet_challenge"))
                                .map(node -> Script.of(Vectors.hex(node))));
    }

    private static Set<RetargetRule> rules(JsonNode expected) {
        Set<RetargetRule> rules = EnumSet.noneOf(RetargetRule.class);
        if (expected.get("no_retarget").asBoolean()) {
            rules.add(RetargetRule.NEVER);
        }
        if (expected.get("min_difficulty_20min_rule").asBoolean()) {
            rules.add(RetargetRule.MINIMUM_AFTER_20_MINUTES);
        }
        if (expected.get("bip94").asBoolean()) {
            rules.add(RetargetRule.FIRST_BLOCK_OF_PERIOD);
            rules.add(RetargetRule.NO_TIME_WARP);
        }
        return rules;
    }

    @ParameterizedTest
    @MethodSource("networks")
    void theGenesisBlockIsTheNetworksOwn(Network network) throws Exception {
        JsonNode expected = vector(network.coreName());
        assertThat(network.genesis().serialize())
                .isEqualTo(Vectors.hex(expected.get("genesis_block_hex")));
        BlockHeader header = network.genesisHeader();
        assertThat(BlockHeader.parse(Vectors.hex(expected.get("genesis_header_hex"))))
                .isEqualTo(header);
        assertThat(network.genesisHash()).hasToString(expected.get("genesis_hash").asString());
        assertThat(ProofOfWork.isMet(header.hash(), header.bits(), network.difficulty().limit()))
                .isTrue();
        assertThat(BlockCheck.fault(network.genesis(), true)).isEqualTo(Optional.empty());
    }

    @ParameterizedTest
    @MethodSource("networks")
    void aNetworkIsFoundByItsName(Network network) {
        assertThat(Network.byName(network.name())).contains(network);
        assertThat(network).hasToString(network.name());
        assertThat(network.toBuilder().build()).isEqualTo(network);
    }

    @Test
    void theNamesAreThoseOfConfigurationFiles() {
        assertThat(Network.all().stream().map(Network::name))
                .containsExactly("mainnet", "testnet3", "testnet4", "signet", "regtest");
        assertThat(Network.byName("main")).isEmpty();
        assertThat(Network.byName("REGTEST")).isEmpty();
    }

    @Test
    void theMagicOfASignetFollowsFromItsChallenge() {
        JsonNode example = vector("signet_magic_example_bip325");
        Script challenge = Script.of(Vectors.hex(example.get("challenge")));
        Network signet = Network.signet(challenge);
        assertThat(signet.magic()).isEqualTo(Vectors.hex(example.get("message_start")));
        Network other = Network.signet(Script.fromHex("51"));
        assertThat(other.magic()).isNotEqualTo(Network.SIGNET.magic());
        assertThat(other.genesis()).isEqualTo(Network.SIGNET.genesis());
        assertThat(other.signetChallenge()).contains(Script.fromHex("51"));
        assertThat(other.difficulty().minimumChainWork()).isZero();
        assertThat(other).isNotEqualTo(Network.SIGNET);
    }

    /// Computed with Python's hashlib from the constants in `vectors/network-params`.
    @ParameterizedTest
    @CsvSource({
        "mainnet, d73562b50945b3d34b1204a62fa562f6f6fba7e2fbc5d35021c2df2f34cc1e33",
        "testnet3, eafd31ca5263d5e702cc831fde6265da67d66127c697b3192a032c66e2231e9f",
        "testnet4, 43d42ae7b6800bf21156a6f56cdd25cb6f9c87febc4c3a50b1b2e5df412cb0db",
        "signet, 05b3cc6ce74e86bfba659c466431d1660d4db83916e0d139e8f71e98d39f097e",
        "regtest, a1f9571cafbebcdee4baf2e2f85ffebb292bc4cabc567dba1ddf30e5e17f1027"
    })
    void theIdIsTheTaggedHashOfGenesisAndChallenge(String name, String id) {
        assertThat(Network.byName(name).orElseThrow().id()).isEqualTo(Bytes.fromHex(id));
    }

    @Test
    void noTwoNetworksHaveOneId() {
        Network own = Network.signet(Script.fromHex("51"));
        Network other = Network.signet(Script.fromHex("52"));
        assertThat(own.id())
                .isEqualTo(
                        Bytes.fromHex(
                                "e945320cc240606f2ce573129e48bf030effc9cd73baf4a664ad80ec2d331490"));
        Stream<Network> all = Stream.concat(Network.all().stream(), Stream.of(own, other));
        assertThat(all.map(Network::id)).hasSize(7).doesNotHaveDuplicates();
    }

    @Test
    void anotherNameOrMagicDoesNotMakeAnotherId() {
        Network renamed =
                Network.MAINNET.toBuilder()
                        .name("regtest", "regtest")
                        .peers(Network.REGTEST.magic(), 18444)
                        .build();
        assertThat(renamed.id()).isEqualTo(Network.MAINNET.id());
    }

    @Test
    void aNetworkThatNobodyKnowsHasAddressesOfItsOwn() throws Exception {
        Network own =
                Network.REGTEST.toBuilder()
                        .name("rehearsal", "rehearsal")
                        .prefixes(new AddressPrefixes("reh", 1, 2, 3))
                        .build();
        Script script = Script.p2tr(Bytes.fromHex("11".repeat(32)));
        Address address = Address.of(script, own);
        assertThat(address.text()).startsWith("reh1p");
        assertThat(Address.parse(address.text(), own)).isEqualTo(address);
        Address base58 = Address.of(Script.p2pkh(Bytes.fromHex("11".repeat(20))), own);
        assertThat(Address.parse(base58.text(), own)).isEqualTo(base58);
    }

    @Test
    void valuesOutOfTheirRangeAreRefused() {
        Network.Builder builder = Network.REGTEST.toBuilder();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.peers(Bytes.fromHex("0102"), 1).build());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.peers(Bytes.fromHex("01020304"), 0).build());
        assertThatIllegalArgumentException().isThrownBy(() -> new AddressPrefixes("", 0, 0, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new AddressPrefixes("x", 256, 0, 0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Difficulty(0, Set.of(), BigInteger.ZERO));
    }
}
