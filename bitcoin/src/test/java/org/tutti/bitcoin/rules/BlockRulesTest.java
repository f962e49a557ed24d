package org.tutti.bitcoin.rules;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.Vectors;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.BlockCheck.Fault;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.block.MerkleTree;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.hash.MerkleNode;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.network.SoftForks;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.LockTime;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.Sequence;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.Sat;

import java.util.List;
import java.util.Optional;

/// What a whole block shows on its face: docs/chain-rules.md names these tests.
class BlockRulesTest {
    private static final Script ANYONE = Script.fromHex("51");
    private static final int HEIGHT = 300;
    private static final long MEDIAN = 1_700_000_000L;
    private static final BlockRules REGTEST = new BlockRules(Network.REGTEST);

    private static Transaction coinbase(Bytes script) {
        return new Transaction(
                1,
                List.of(new TxIn(OutPoint.COINBASE, Script.of(script), Sequence.FINAL, List.of())),
                List.of(new TxOut(Sat.of(50), ANYONE)),
                LockTime.NONE);
    }

    private static Transaction spend(List<TxOut> outputs, LockTime lockTime, Sequence sequence) {
        return new Transaction(
                2, List.of(TxIn.unsigned(new OutPoint(Txid.ZERO, 1), sequence)), outputs, lockTime);
    }

    private static Block block(Transaction... transactions) {
        List<Txid> txids = List.of(transactions).stream().map(Transaction::txid).toList();
        MerkleNode root = MerkleTree.rootOf(txids).hash();
        BlockHeader header =
                new BlockHeader(4, BlockHash.ZERO, root, MEDIAN + 3_600, 0x207fffffL, 0);
        return new Block(header, List.of(transactions));
    }

    private static final Transaction COINBASE = coinbase(BlockRules.heightPush(HEIGHT));

    private static Optional<Fault> fault(Transaction... others) {
        Transaction[] all = new Transaction[1 + others.length];
        all[0] = COINBASE;
        System.arraycopy(others, 0, all, 1, others.length);
        return REGTEST.fault(block(all), HEIGHT, MEDIAN);
    }

    @Test
    void realBlocksKeepAllRulesOfTheirHeights() throws Exception {
        Block mainnet = Block.parse(Bytes.wrap(Vectors.gunzip("blocks/mainnet_866342.raw.gz")));
        assertThat(
                        new BlockRules(Network.MAINNET)
                                .fault(mainnet, 866_342, mainnet.header().time() - 3_600))
                .isEmpty();
        int height = 0;
        for (Bytes bytes : Vectors.blocks(Vectors.raw("blocks/first-100k-blocks.dat"))) {
            Block block = Block.parse(bytes);
            assertThat(new BlockRules(Network.MAINNET).fault(block, height, block.header().time()))
                    .isEmpty();
            height++;
        }
        for (int testnet : List.of(21_066, 32_768, 700_000)) {
            Block block =
                    Block.parse(Bytes.wrap(Vectors.raw("blocks/block_testnet" + testnet + ".dat")));
            assertThat(
                            new BlockRules(Network.TESTNET3)
                                    .fault(block, testnet, block.header().time()))
                    .as("testnet3 %d", testnet)
                    .isEmpty();
        }
    }

    @Test
    void theCoinbaseBeginsWithTheHeightFromBip34On() {
        assertThat(fault()).isEmpty();
        Block other = block(coinbase(BlockRules.heightPush(HEIGHT + 1)));
        assertThat(REGTEST.fault(other, HEIGHT, MEDIAN)).contains(Fault.COINBASE_HEIGHT);
        Block none = block(coinbase(Bytes.fromHex("0000")));
        assertThat(REGTEST.fault(none, HEIGHT, MEDIAN)).contains(Fault.COINBASE_HEIGHT);
        Network later =
                Network.REGTEST.toBuilder()
                        .softForks(new SoftForks(HEIGHT + 1, 1, 1, 1, 0))
                        .build();
        assertThat(new BlockRules(later).fault(none, HEIGHT, MEDIAN)).isEmpty();
    }

    @Test
    void heightsArePushedAsScriptsPushNumbers() {
        assertThat(BlockRules.heightPush(0)).isEqualTo(Bytes.fromHex("00"));
        assertThat(BlockRules.heightPush(1)).isEqualTo(Bytes.fromHex("51"));
        assertThat(BlockRules.heightPush(16)).isEqualTo(Bytes.fromHex("60"));
        assertThat(BlockRules.heightPush(17)).isEqualTo(Bytes.fromHex("0111"));
        assertThat(BlockRules.heightPush(128)).isEqualTo(Bytes.fromHex("028000"));
        assertThat(BlockRules.heightPush(0x7fffffff)).isEqualTo(Bytes.fromHex("04ffffff7f"));
    }

    @Test
    void noTransactionIsOneThatNoBlockMayHave() {
        TxOut all = new TxOut(Sat.MAX, ANYONE);
        assertThat(fault(spend(List.of(all), LockTime.NONE, Sequence.FINAL))).isEmpty();
        assertThat(fault(spend(List.of(all, all), LockTime.NONE, Sequence.FINAL)))
                .contains(Fault.BAD_TRANSACTION);
        assertThat(REGTEST.fault(block(coinbase(Bytes.fromHex("51"))), 1, MEDIAN))
                .as("the script of a coinbase has two bytes at least")
                .contains(Fault.BAD_TRANSACTION);
    }

    @Test
    void signatureOperationsAreBoundedAndCountedAsTheyStand() {
        // CHECKMULTISIG counts 20, whatever it is given.
        Script thousand = Script.of(Bytes.fromHex("ae".repeat(1_000)));
        TxOut full = new TxOut(Sat.ZERO, thousand);
        assertThat(fault(spend(List.of(full), LockTime.NONE, Sequence.FINAL))).isEmpty();
        TxOut one = new TxOut(Sat.ZERO, Script.fromHex("ac"));
        assertThat(fault(spend(List.of(full, one), LockTime.NONE, Sequence.FINAL)))
                .contains(Fault.TOO_MANY_SIGNATURE_OPERATIONS);
        TxOut pushed = new TxOut(Sat.ZERO, Script.fromHex("01ac"));
        TxOut cutOff = new TxOut(Sat.ZERO, Script.fromHex("4cffac"));
        assertThat(fault(spend(List.of(full, pushed, cutOff), LockTime.NONE, Sequence.FINAL)))
                .as("bytes of pushes are no operations")
                .isEmpty();
    }

    @Test
    void lockTimesAreReached() {
        List<TxOut> outputs = List.of(new TxOut(Sat.ZERO, ANYONE));
        assertThat(fault(spend(outputs, LockTime.of(HEIGHT - 1), Sequence.ZERO))).isEmpty();
        assertThat(fault(spend(outputs, LockTime.of(HEIGHT), Sequence.ZERO)))
                .contains(Fault.NOT_FINAL);
        assertThat(fault(spend(outputs, LockTime.of(HEIGHT), Sequence.FINAL))).isEmpty();
        assertThat(fault(spend(outputs, LockTime.of(MEDIAN - 1), Sequence.ZERO))).isEmpty();
        assertThat(fault(spend(outputs, LockTime.of(MEDIAN), Sequence.ZERO)))
                .as("the median of the blocks below, not the block's own time")
                .contains(Fault.NOT_FINAL);
        Network beforeCsv =
                Network.REGTEST.toBuilder()
                        .softForks(new SoftForks(1, 1, 1, HEIGHT + 1, 0))
                        .build();
        Block block = block(COINBASE, spend(outputs, LockTime.of(MEDIAN), Sequence.ZERO));
        assertThat(new BlockRules(beforeCsv).fault(block, HEIGHT, MEDIAN)).isEmpty();
    }
}
