package org.tutti.bitcoin.interpreter;

import static org.assertj.core.api.Assertions.assertThat;

import fr.acinq.bitcoin.ByteVector;
import fr.acinq.bitcoin.PrivateKey;
import fr.acinq.bitcoin.Satoshi;
import fr.acinq.bitcoin.SigHash;
import fr.acinq.bitcoin.SigVersion;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.BlockCheck;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.block.MerkleTree;
import org.tutti.bitcoin.block.SignetSolution;
import org.tutti.bitcoin.codec.WireWriter;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.rules.BlockRules;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.LockTime;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.Sequence;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.Sat;

import java.util.List;

/// Blocks of a signet that the test makes. Its challenge is a key, as a script that needs no
/// witness, and as one that does.
class SignetSolutionTest {
    private static final PrivateKey KEY = PrivateKey.fromHex("11".repeat(32));
    private static final PrivateKey OTHER_KEY = PrivateKey.fromHex("22".repeat(32));
    private static final Bytes HEADER = Bytes.fromHex("ecc7daa2");

    private static Script payToKey(PrivateKey key) {
        return Script.fromHex("21" + key.publicKey().toHex() + "ac");
    }

    private static Script payToKeyHash(PrivateKey key) {
        return Script.p2wpkh(Bytes.of(key.publicKey().hash160()));
    }

    /// A block at height 1 whose coinbase ends with these bytes behind the commitment.
    private static Block block(Bytes behindCommitment, long time) {
        TxIn input =
                BlockCheck.withReservedValue(
                        new TxIn(
                                OutPoint.COINBASE,
                                Script.fromHex("5152"),
                                Sequence.FINAL,
                                List.of()));
        Transaction placeholder = new Transaction(2, List.of(input), List.of(), LockTime.NONE);
        Bytes commitment = BlockCheck.commitment(List.of(placeholder), input.witness().getFirst());
        Script script =
                Script.of(
                        Bytes.concat(
                                BlockCheck.commitmentScript(commitment).bytes(), behindCommitment));
        Transaction coinbase =
                new Transaction(
                        2,
                        List.of(input),
                        List.of(
                                new TxOut(Sat.of(50), Script.fromHex("51")),
                                new TxOut(Sat.ZERO, script)),
                        LockTime.NONE);
        BlockHeader header =
                new BlockHeader(
                        4,
                        Network.SIGNET.genesisHash(),
                        MerkleTree.rootOf(List.of(coinbase.txid())).hash(),
                        time,
                        Network.SIGNET.difficulty().limitBits(),
                        0);
        return new Block(header, List.of(coinbase));
    }

    private static Bytes push(Bytes data) {
        WireWriter out = new WireWriter();
        if (data.length() < 0x4c) {
            out.u8(data.length());
        } else {
            out.u8(0x4c).u8(data.length());
        }
        return out.bytes(data).toBytes();
    }

    private static Bytes solution(Script scriptSig, List<Bytes> witness) {
        WireWriter out = new WireWriter().bytes(HEADER);
        scriptSig.write(out);
        out.compactSize(witness.size());
        witness.forEach(out::varBytes);
        return out.toBytes();
    }

    /// Signs a block whose push is still the header alone, as a miner does (BIP325).
    private static Block signed(Script challenge, PrivateKey key, boolean witness, long time) {
        Block unsigned = block(push(HEADER), time);
        SignetSolution.Transactions transactions =
                SignetSolution.transactions(unsigned, challenge).orElseThrow();
        fr.acinq.bitcoin.Transaction toSign =
                fr.acinq.bitcoin.Transaction.read(transactions.toSign().serialize().toArray());
        byte[] code =
                witness
                        ? Script.p2pkh(challenge.witnessProgram()).bytes().toArray()
                        : challenge.bytes().toArray();
        byte[] signature =
                toSign.signInput(
                        0,
                        new ByteVector(code),
                        SigHash.SIGHASH_ALL,
                        new Satoshi(0),
                        witness ? SigVersion.SIGVERSION_WITNESS_V0 : SigVersion.SIGVERSION_BASE,
                        key);
        Bytes pushed = Bytes.of(signature);
        Bytes solution =
                witness
                        ? solution(
                                Script.EMPTY,
                                List.of(pushed, Bytes.of(key.publicKey().value.toByteArray())))
                        : solution(Script.of(push(pushed)), List.of());
        return block(push(solution), time);
    }

    @Test
    void theSignatureOfTheChallengesKeyHolds() {
        Block block = signed(payToKey(KEY), KEY, false, 1_700_000_000L);
        assertThat(SignetSolution.holds(block, payToKey(KEY))).isTrue();
        Block segwit = signed(payToKeyHash(KEY), KEY, true, 1_700_000_000L);
        assertThat(SignetSolution.holds(segwit, payToKeyHash(KEY))).isTrue();
    }

    @Test
    void anotherKeysSignatureDoesNot() {
        Block block = signed(payToKey(KEY), OTHER_KEY, false, 1_700_000_000L);
        assertThat(SignetSolution.holds(block, payToKey(KEY))).isFalse();
        assertThat(SignetSolution.holds(block, payToKey(OTHER_KEY))).isFalse();
        Block segwit = signed(payToKeyHash(KEY), OTHER_KEY, true, 1_700_000_000L);
        assertThat(SignetSolution.holds(segwit, payToKeyHash(KEY))).isFalse();
    }

    @Test
    void theSignatureIsOverVersionParentTimeAndTransactions() {
        Script challenge = payToKey(KEY);
        Block block = signed(challenge, KEY, false, 1_700_000_000L);
        BlockHeader header = block.header();
        Block otherNonce = new Block(header.withNonce(7), block.transactions());
        assertThat(SignetSolution.holds(otherNonce, challenge)).isTrue();
        for (BlockHeader changed :
                List.of(
                        new BlockHeader(
                                5,
                                header.previous(),
                                header.merkleRoot(),
                                header.time(),
                                header.bits(),
                                0),
                        new BlockHeader(
                                4,
                                Network.MAINNET.genesisHash(),
                                header.merkleRoot(),
                                header.time(),
                                header.bits(),
                                0),
                        new BlockHeader(
                                4,
                                header.previous(),
                                header.merkleRoot(),
                                header.time() + 1,
                                header.bits(),
                                0))) {
            assertThat(SignetSolution.holds(new Block(changed, block.transactions()), challenge))
                    .isFalse();
        }
        List<Transaction> more =
                List.of(block.transactions().getFirst(), block.transactions().getFirst());
        assertThat(SignetSolution.holds(new Block(header, more), challenge)).isFalse();
    }

    @Test
    void aBlockWithoutSolutionHoldsForOpTrueAlone() {
        Block none = block(Bytes.EMPTY, 1_700_000_000L);
        assertThat(SignetSolution.holds(none, Script.fromHex("51"))).isTrue();
        assertThat(SignetSolution.holds(none, payToKey(KEY))).isFalse();
        Block headerAlone = block(push(HEADER), 1_700_000_000L);
        assertThat(SignetSolution.holds(headerAlone, Script.fromHex("51"))).isTrue();
    }

    @Test
    void aSolutionThatCannotBeReadHoldsForNothing() {
        Script anybody = Script.fromHex("51");
        for (Bytes bad :
                List.of(
                        Bytes.concat(solution(Script.EMPTY, List.of()), Bytes.fromHex("00")),
                        Bytes.concat(HEADER, Bytes.fromHex("05")),
                        Bytes.concat(HEADER, Bytes.fromHex("00")),
                        Bytes.concat(HEADER, Bytes.fromHex("00ffffffffff")),
                        Bytes.concat(HEADER, Bytes.fromHex("0002010101")))) {
            assertThat(SignetSolution.holds(block(push(bad), 1_700_000_000L), anybody))
                    .as("%s", bad)
                    .isFalse();
        }
        Block good = block(push(solution(Script.EMPTY, List.of())), 1_700_000_000L);
        assertThat(SignetSolution.holds(good, anybody)).isTrue();
    }

    @Test
    void aBlockWithoutCommitmentHoldsForNothing() {
        Block block = block(Bytes.EMPTY, 1_700_000_000L);
        Transaction coinbase = block.transactions().getFirst();
        Transaction bare =
                new Transaction(
                        2,
                        coinbase.inputs(),
                        List.of(coinbase.outputs().getFirst()),
                        LockTime.NONE);
        assertThat(
                        SignetSolution.holds(
                                new Block(block.header(), List.of(bare)), Script.fromHex("51")))
                .isFalse();
        assertThat(SignetSolution.holds(new Block(block.header(), List.of()), Script.fromHex("51")))
                .isFalse();
    }

    @Test
    void theRulesOfABlockAskForItOnASignet() {
        Network signet = Network.signet(payToKey(KEY));
        BlockRules rules = new BlockRules(signet);
        assertThat(rules.fault(signed(payToKey(KEY), KEY, false, 1_700_000_000L), 1, 0)).isEmpty();
        assertThat(rules.fault(block(Bytes.EMPTY, 1_700_000_000L), 1, 0))
                .contains(BlockCheck.Fault.SIGNET_SOLUTION);
        assertThat(new BlockRules(Network.REGTEST).fault(block(Bytes.EMPTY, 1), 1, 0)).isEmpty();
    }
}
