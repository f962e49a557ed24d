package org.tutti.bitcoin.network;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tutti.bitcoin.Vectors;
import org.tutti.bitcoin.block.BlockCheck;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.block.ProofOfWork;

import tools.jackson.databind.JsonNode;

import java.math.BigInteger;
import java.util.Optional;

class NetworkTest {
    @ParameterizedTest
    @EnumSource
    void everyConstantIsThatOfBitcoinCore(Network network) {
        JsonNode expected = Vectors.json("network-params/networks.json").get(network.coreName());
        assertThat(network.wire().magic()).isEqualTo(Vectors.hex(expected.get("magic")));
        assertThat(network.wire().defaultPort()).isEqualTo(expected.get("port").asInt());
        Network.Prefixes prefixes = network.prefixes();
        assertThat(prefixes.hrp()).isEqualTo(expected.get("hrp").asString());
        assertThat(prefixes.p2pkh()).isEqualTo(expected.get("p2pkh").asInt());
        assertThat(prefixes.p2sh()).isEqualTo(expected.get("p2sh").asInt());
        assertThat(prefixes.wif()).isEqualTo(expected.get("wif").asInt());
        assertThat(prefixes.xpub()).isEqualTo(Vectors.hex(expected.get("xpub")));
        assertThat(prefixes.xprv()).isEqualTo(Vectors.hex(expected.get("xprv")));
        assertThat(network.difficulty())
                .isEqualTo(
                        new Network.Difficulty(
                                Long.parseLong(expected.get("pow_limit_bits").asString(), 16),
                                expected.get("min_difficulty_20min_rule").asBoolean(),
                                expected.get("bip94").asBoolean(),
                                expected.get("no_retarget").asBoolean(),
                                new BigInteger(expected.get("minimum_chain_work").asString(), 16)));
        assertThat(network.heights())
                .isEqualTo(
                        new Network.Heights(
                                expected.get("bip34_height").asInt(),
                                expected.get("bip65_height").asInt(),
                                expected.get("bip66_height").asInt(),
                                expected.get("csv_height").asInt(),
                                expected.get("segwit_height").asInt()));
    }

    @ParameterizedTest
    @EnumSource
    void theGenesisBlockIsTheNetworksOwn(Network network) throws Exception {
        JsonNode expected = Vectors.json("network-params/networks.json").get(network.coreName());
        assertThat(network.genesis().serialize())
                .isEqualTo(Vectors.hex(expected.get("genesis_block_hex")));
        BlockHeader header = network.genesis().header();
        assertThat(BlockHeader.parse(Vectors.hex(expected.get("genesis_header_hex"))))
                .isEqualTo(header);
        assertThat(header.hash()).hasToString(expected.get("genesis_hash").asString());
        assertThat(ProofOfWork.isMet(header.hash(), header.bits(), network.difficulty().limit()))
                .isTrue();
        assertThat(BlockCheck.fault(network.genesis(), true)).isEqualTo(Optional.empty());
    }
}
