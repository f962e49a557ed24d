package org.tutti.bitcoin.block;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.Vectors;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.tx.Transaction;

import tools.jackson.databind.JsonNode;

import java.util.List;
import java.util.Optional;

/// Every file of `vectors/blocks`.
class BlockVectorsTest {
    private static Block whole(Bytes bytes) throws Exception {
        Block block = Block.parse(bytes);
        assertThat(block.serialize()).isEqualTo(bytes);
        assertThat(BlockCheck.fault(block, true)).isEqualTo(Optional.empty());
        return block;
    }

    private static void assertWork(Block block, Network network) {
        BlockHeader header = block.header();
        assertThat(ProofOfWork.isMet(header.hash(), header.bits(), network.difficulty().limit()))
                .isTrue();
    }

    private static void chain(byte[] file, Network network) throws Exception {
        List<Bytes> blocks = Vectors.blocks(file);
        assertThat(blocks).isNotEmpty();
        BlockHash tip = null;
        for (Bytes bytes : blocks) {
            Block block = whole(bytes);
            assertWork(block, network);
            if (tip != null) {
                assertThat(block.header().previous()).isEqualTo(tip);
            }
            tip = block.hash();
        }
    }

    @Test
    void theFirstBlocksOfMainnetLinkAndHaveTheirRoots() throws Exception {
        chain(Vectors.gunzip("blocks/blocks1-256.gz"), Network.MAINNET);
        chain(Vectors.raw("blocks/first-100k-blocks.dat"), Network.MAINNET);
    }

    @Test
    void theTwoBranchesOfBtcdPartAtBlockTwo() throws Exception {
        List<Bytes> main = Vectors.blocks(Vectors.gunzip("blocks/blk_0_to_4.dat.gz"));
        BlockHash fork = whole(main.get(2)).hash();
        for (Bytes bytes : main) {
            whole(bytes);
        }
        for (String name : List.of("blk_3A", "blk_4A", "blk_5A")) {
            List<Bytes> side = Vectors.blocks(Vectors.gunzip("blocks/" + name + ".dat.gz"));
            Block block = whole(side.getFirst());
            assertThat(block.header().previous()).isEqualTo(fork);
            fork = block.hash();
        }
    }

    @Test
    void singleBlocksParseAndHaveTheirRoots() throws Exception {
        Block mainnet = whole(Bytes.of(Vectors.raw("blocks/block169482.dat")));
        assertWork(mainnet, Network.MAINNET);
        for (int height : new int[] {21_066, 32_768, 700_000}) {
            Block block = whole(Bytes.of(Vectors.raw("blocks/block_testnet" + height + ".dat")));
            assertWork(block, Network.TESTNET3);
        }
    }

    @Test
    void testnet4Block40000HasItsNames() throws Exception {
        JsonNode expected = Vectors.json("blocks/electrumx_bitcoin_testnet4_40000.json");
        Block block = whole(Vectors.hex(expected.get("block")));
        assertThat(block.hash()).hasToString(expected.get("hash").asString());
        assertThat(block.header().merkleRoot()).hasToString(expected.get("merkleroot").asString());
        assertThat(block.txids().stream().map(Txid::toString).toList())
                .isEqualTo(expected.get("tx").valueStream().map(JsonNode::asString).toList());
        assertWork(block, Network.TESTNET4);
    }

    @Test
    void headers1To11OfMainnetLink() throws Exception {
        BlockHash tip = Network.MAINNET.genesis().hash();
        int count = 0;
        for (String line : Vectors.text("blocks/blockheaders-mainnet-1-11.txt").lines().toList()) {
            BlockHeader header = BlockHeader.parse(Bytes.fromHex(line.strip()));
            assertThat(header.previous()).isEqualTo(tip);
            tip = header.hash();
            count++;
        }
        assertThat(count).isPositive();
    }

    @Test
    void mainnetBlock866342CommitsToItsWitnesses() throws Exception {
        Bytes bytes = Bytes.wrap(Vectors.gunzip("blocks/mainnet_866342.raw.gz"));
        Block block = whole(bytes);
        assertWork(block, Network.MAINNET);
        JsonNode spent =
                Vectors.parse(
                        new String(
                                Vectors.gunzip("blocks/mainnet_866342.spent_utxos.json.gz"),
                                java.nio.charset.StandardCharsets.UTF_8));
        long inputs = block.transactions().stream().skip(1).mapToLong(t -> t.inputs().size()).sum();
        assertThat(inputs).isEqualTo(spent.size());

        Transaction last = block.transactions().getLast();
        assertThat(last.hasWitness()).isTrue();
        assertThat(BlockCheck.fault(withLast(block, withoutWitness(last)), true))
                .contains(BlockCheck.Fault.WITNESS_COMMITMENT);
        assertThat(BlockCheck.fault(block, false)).contains(BlockCheck.Fault.UNCOMMITTED_WITNESS);
    }

    private static Transaction withoutWitness(Transaction transaction) {
        Transaction stripped = transaction;
        for (int i = 0; i < transaction.inputs().size(); i++) {
            stripped = stripped.withWitness(i, List.of());
        }
        return stripped;
    }

    private static Block withLast(Block block, Transaction last) {
        List<Transaction> changed = new java.util.ArrayList<>(block.transactions());
        changed.set(changed.size() - 1, last);
        return new Block(block.header(), changed);
    }
}
