package org.tutti.regtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.BlockCheck;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.rules.BlockRules;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.LockTime;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.Sequence;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.Sat;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What the fixture takes, refuses and mines.
class MempoolTest {
    private static final long REWARD = 50_0000_0000L;

    private final Wallet alice = Wallet.of("alice");
    private final Wallet bob = Wallet.of("bob");
    private RegtestNode node;
    private Transaction reward;
    private TxOut prevout;

    @BeforeEach
    void mineUntilTheFirstRewardIsMature() throws IOException {
        node = RegtestNode.start(0, new RegtestEvents() {});
        node.mine(100, alice.script());
        reward = node.block(1).transactions().getFirst();
        prevout = reward.outputs().getFirst();
    }

    @AfterEach
    void close() {
        node.close();
    }

    private void refused(Transaction transaction, String reason) {
        assertThat(node.submit(transaction).map(Refusal::reason).orElse("taken")).contains(reason);
        assertThat(node.mempool()).doesNotContain(transaction.txid());
    }

    private void taken(Transaction transaction) {
        assertThat(node.submit(transaction)).isEmpty();
        assertThat(node.mempool()).contains(transaction.txid());
    }

    private Transaction pay(long value, Sequence sequence, long lockTime) {
        TxIn input = TxIn.unsigned(new OutPoint(reward.txid(), 0), sequence);
        TxOut output = new TxOut(Sat.of(value), bob.script());
        return alice.sign(
                new Transaction(2, List.of(input), List.of(output), LockTime.of(lockTime)),
                List.of(prevout));
    }

    @Test
    void aRewardMaturesInAHundredBlocks() {
        refused(
                alice.spendReward(node.block(2), bob.script(), 1_000),
                "bad-txns-premature-spend-of-coinbase");
        taken(alice.spendReward(node.block(1), bob.script(), 1_000));
        node.mine(1, alice.script());
        taken(alice.spendReward(node.block(2), bob.script(), 1_000));
    }

    @Test
    void lessThanOneSatoshiForAVirtualByteIsRefused() {
        Transaction one = alice.spend(reward, bob.script(), 1_000);
        long least = one.weight().virtualBytes();
        refused(alice.spend(reward, bob.script(), least - 1), "min relay fee not met");
        taken(alice.spend(reward, bob.script(), least));
    }

    @Test
    void moreOutThanInIsRefused() {
        refused(pay(REWARD + 1, Sequence.FINAL, 0), "bad-txns-in-belowout");
    }

    @Test
    void aSignatureByAnotherKeyIsRefused() {
        refused(bob.spend(reward, bob.script(), 1_000), "mandatory-script-verify-flag-failed");
    }

    @Test
    void whatDoesNotExistOrIsSpentIsRefused() {
        Transaction unknown =
                alice.spend(node.block(1).transactions().getFirst(), bob.script(), 1_000);
        taken(unknown);
        node.mine(1, alice.script());
        refused(pay(REWARD - 2_000, Sequence.FINAL, 0), "bad-txns-inputs-missingorspent");
        refused(unknown, "txn-already-known");
    }

    @Test
    void theSameAgainAndAnotherSpendOfTheSameCoinThatPaysTooLittleAreRefused() {
        Transaction first = pay(REWARD - 1_000, Sequence.REPLACEABLE, 0);
        taken(first);
        assertThat(node.submit(first).map(Refusal::reason)).contains("txn-already-in-mempool");
        long size = first.weight().virtualBytes();
        refused(pay(REWARD - 1_000 - size + 1, Sequence.REPLACEABLE, 0), "insufficient fee");
        refused(pay(REWARD - 900, Sequence.REPLACEABLE, 0), "insufficient fee");
    }

    @Test
    void aSpendThatPaysForAllThatItReplacesTakesItsPlace() throws Exception {
        Transaction first = pay(REWARD - 1_000, Sequence.REPLACEABLE, 0);
        taken(first);
        Transaction child = bob.spend(first, alice.script(), 700);
        taken(child);
        long size = first.weight().virtualBytes();
        refused(pay(REWARD - 1_700 - size + 1, Sequence.REPLACEABLE, 0), "insufficient fee");
        Transaction second = pay(REWARD - 1_700 - size, Sequence.REPLACEABLE, 0);
        taken(second);
        assertThat(node.mempool()).containsExactly(second.txid());
        node.mine(1, alice.script());
        assertThat(node.mempool()).isEmpty();
    }

    @Test
    void oneCoinTwiceInOneTransactionIsRefused() {
        TxIn input = TxIn.unsigned(new OutPoint(reward.txid(), 0), Sequence.FINAL);
        TxOut output = new TxOut(Sat.of(REWARD), bob.script());
        Transaction twice =
                new Transaction(2, List.of(input, input), List.of(output), LockTime.NONE);
        refused(alice.sign(twice, List.of(prevout, prevout)), "bad-txns-inputs-duplicate");
    }

    @Test
    void aCoinbaseAndEmptyTransactionsAreRefused() {
        refused(reward, "coinbase");
        refused(new Transaction(2, List.of(), List.of(), LockTime.NONE), "vin-or-vout-empty");
    }

    @Test
    void whatIsNotFinalIsRefusedUntilItIs() {
        Transaction locked = pay(REWARD - 1_000, Sequence.REPLACEABLE, 101);
        refused(locked, "non-final");
        node.mine(1, alice.script());
        taken(locked);
    }

    @Test
    void aRelativeLockIsKept() {
        Transaction locked = pay(REWARD - 1_000, Sequence.of(101), 0);
        refused(locked, "non-final");
        node.mine(1, alice.script());
        taken(locked);
    }

    @Test
    void aChildOfATransactionThatWaitsIsTakenAndMinedBehindIt() {
        Transaction parent = alice.spend(reward, bob.script(), 1_000);
        Transaction child = bob.spend(parent, alice.script(), 1_000);
        taken(parent);
        taken(child);
        node.mine(1, alice.script());
        assertThat(node.block(101).txids()).endsWith(parent.txid(), child.txid());
        assertThat(node.mempool()).isEmpty();
    }

    @Test
    void feesGoToTheMinerAndTheBlockKeepsAllRules() {
        taken(alice.spend(reward, bob.script(), 1_234));
        node.mine(1, bob.script());
        Block block = node.block(101);
        assertThat(BlockCheck.fault(block, true)).isEmpty();
        TxOut paid = block.transactions().getFirst().outputs().getFirst();
        assertThat(paid.value().value()).isEqualTo(REWARD + 1_234);
    }

    @Test
    void theSubsidyHalvesEvery150BlocksAndHeightsArePushedAsBip34Says() {
        assertThat(Miner.subsidy(149)).isEqualTo(Sat.of(REWARD));
        assertThat(Miner.subsidy(150)).isEqualTo(Sat.of(REWARD / 2));
        assertThat(Miner.subsidy(150 * 64)).isEqualTo(Sat.ZERO);
        assertThat(BlockRules.heightPush(1)).isEqualTo(Bytes.fromHex("51"));
        assertThat(BlockRules.heightPush(16)).isEqualTo(Bytes.fromHex("60"));
        assertThat(BlockRules.heightPush(17)).isEqualTo(Bytes.fromHex("0111"));
        assertThat(BlockRules.heightPush(127)).isEqualTo(Bytes.fromHex("017f"));
        assertThat(BlockRules.heightPush(128)).isEqualTo(Bytes.fromHex("028000"));
        assertThat(BlockRules.heightPush(32_768)).isEqualTo(Bytes.fromHex("03008000"));
    }

    @Test
    void aReorganisationGivesBackCoinsAndTransactions() {
        Transaction parent = alice.spend(reward, bob.script(), 1_000);
        Transaction child = bob.spend(parent, alice.script(), 1_000);
        taken(parent);
        taken(child);
        node.mine(1, alice.script());
        BlockHash left = node.tip();
        node.reorganise(1);
        assertThat(node.height()).isEqualTo(102);
        assertThat(node.mempool()).containsExactlyInAnyOrder(parent.txid(), child.txid());
        assertThat(node.block(left)).as("a stale block is still served").isPresent();
        node.mine(1, alice.script());
        assertThat(node.block(103).txids()).contains(parent.txid(), child.txid());
    }

    @Test
    void whatIsEvictedIsForgottenAndTakenAgain() throws Exception {
        Transaction parent = alice.spend(reward, bob.script(), 1_000);
        Transaction child = bob.spend(parent, alice.script(), 1_000);
        taken(parent);
        taken(child);
        assertThat(node.evict(parent.txid())).as("the child spends it").isFalse();
        assertThat(node.evict(child.txid())).isTrue();
        assertThat(node.evict(child.txid())).isFalse();
        assertThat(node.mempool()).containsExactly(parent.txid());
        taken(child);
    }

    @Test
    void whatABranchMakesImmatureLeavesTheMempool() {
        node.mine(1, alice.script());
        Transaction second = alice.spendReward(node.block(2), bob.script(), 1_000);
        taken(second);
        node.reorganise(100);
        assertThat(node.mempool()).isEmpty();
    }

    @Test
    void transactionsTooLargeTooSmallOrOfTooMuchMoneyAreRefused() {
        TxIn input = TxIn.unsigned(new OutPoint(reward.txid(), 0), Sequence.FINAL);
        TxOut bulk = new TxOut(Sat.of(1_000), Script.of(Bytes.wrap(new byte[100_000])));
        refused(new Transaction(2, List.of(input), List.of(bulk), LockTime.NONE), "tx-size");
        TxOut four = new TxOut(Sat.of(1_000), Script.fromHex("51515151"));
        refused(new Transaction(2, List.of(input), List.of(four), LockTime.NONE), "tx-size-small");
        TxOut all = new TxOut(Sat.MAX, bob.script());
        refused(
                new Transaction(2, List.of(input), List.of(all, all), LockTime.NONE),
                "bad-txns-txouttotal-toolarge");
    }

    @Test
    void aFullMempoolAndAFullChainTakeNoMore() {
        Chain chain = new Chain(104);
        Miner miner = new Miner();
        for (int i = 0; i < 102; i++) {
            chain.connect(miner.mine(chain, List.of(), alice.script(), later(chain)));
        }
        Mempool pool = new Mempool(chain, 1);
        Transaction first = alice.spendReward(chain.at(1), bob.script(), 1_000);
        Transaction second = alice.spendReward(chain.at(2), bob.script(), 1_000);
        assertThat(pool.accept(first)).isEmpty();
        assertThat(pool.accept(second).map(Refusal::reason)).contains("mempool full");
        pool.mined(List.of(first));
        assertThat(pool.accept(second)).isEmpty();

        chain.connect(miner.mine(chain, List.of(), alice.script(), later(chain)));
        Block tooMany = miner.mine(chain, List.of(), alice.script(), later(chain));
        assertThatThrownBy(() -> chain.connect(tooMany)).isInstanceOf(IllegalStateException.class);
    }

    private static long later(Chain chain) {
        return chain.nextTime(Instant.EPOCH);
    }

    @Test
    void countsOutOfRangeAreRefused() {
        List<Runnable> bad = new ArrayList<>();
        bad.add(() -> node.mine(0, alice.script()));
        bad.add(() -> node.mine(RegtestNode.MAX_MINE + 1, alice.script()));
        bad.add(() -> node.reorganise(0));
        bad.add(() -> node.reorganise(101));
        for (Runnable call : bad) {
            assertThatThrownBy(call::run).isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(Optional.of(node.height())).contains(100);
    }
}
