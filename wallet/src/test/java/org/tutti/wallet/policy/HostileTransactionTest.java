package org.tutti.wallet.policy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.codec.WireWriter;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.LockTime;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.Sequence;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.signing.approval.Decision;
import org.tutti.signing.request.KeyTweak;
import org.tutti.signing.request.MessageToSign;
import org.tutti.signing.request.SigningRequest;
import org.tutti.wallet.FakeChain;
import org.tutti.wallet.Group;
import org.tutti.wallet.spend.PaymentBuilder;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/// Bytes that are no transaction, and coins that may not be spent.
class HostileTransactionTest extends ApprovalFixture {
    // Bytes that are no transaction.

    @Test
    void garbageIsRefusedAndNeverCrashes() {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(3);
        Bytes good = spend(to(FRIEND, 40_000), to(ours, 59_000)).serializeWithoutWitness();
        List<MessageToSign> messages =
                List.of(new MessageToSign(Bytes.wrap(new byte[32]), KeyTweak.keyPathOnly()));
        for (int round = 0; round < 5_000; round++) {
            byte[] bytes = good.toArray();
            for (int flips = random.nextInt(1, 4); flips > 0; flips--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            Bytes context =
                    Bytes.of(
                            bytes,
                            0,
                            random.nextInt(4) == 0 ? random.nextInt(bytes.length) : bytes.length);
            assertThat(decide(alice, request(context, messages)))
                    .isInstanceOf(Decision.Refused.class);
        }
    }

    @Test
    void otherFormsOfTheTransactionAreRefused() {
        Transaction good = spend(to(FRIEND, 40_000), to(ours, 59_000));
        Transaction signed = good.withWitness(0, List.of(Bytes.wrap(new byte[64])));
        SigningRequest request = request(good);
        refusedContext(request, signed.serialize());
        refusedContext(request, Bytes.EMPTY);
        refusedContext(request, Bytes.concat(request.context(), Bytes.fromHex("00")));
        refused(
                RefusalCode.MALFORMED_TRANSACTION,
                new Transaction(1, good.inputs(), good.outputs(), LockTime.NONE));
        refused(
                RefusalCode.MALFORMED_TRANSACTION,
                new Transaction(2, List.of(), good.outputs(), LockTime.NONE));
        refused(
                RefusalCode.MALFORMED_TRANSACTION,
                new Transaction(2, good.inputs(), List.of(), LockTime.NONE));
        TxIn withScript =
                new TxIn(
                        ourCoins.getFirst(), Script.fromHex("51"), Sequence.REPLACEABLE, List.of());
        refused(
                RefusalCode.MALFORMED_TRANSACTION,
                new Transaction(2, List.of(withScript), good.outputs(), LockTime.NONE));
    }

    private void refusedContext(SigningRequest like, Bytes context) {
        refused(
                RefusalCode.MALFORMED_TRANSACTION,
                decide(alice, request(context, like.messages())));
    }

    @Test
    void aHugeTransactionIsRefusedBeforeItIsRead() {
        TxOut[] many = new TxOut[4_000];
        Arrays.fill(many, to(FRIEND, 1_000));
        refused(RefusalCode.TRANSACTION_TOO_LARGE, spend(many));
        // Just small enough to be read, but too heavy once it is signed.
        TxOut[] heavy = new TxOut[3_224];
        Arrays.fill(heavy, to(FRIEND, 1_000));
        Transaction transaction = spend(heavy);
        int size = transaction.serializeWithoutWitness().length();
        assertThat(size).isBetween(99_900, TransactionRules.MAX_BYTES);
        refused(RefusalCode.TRANSACTION_TOO_LARGE, transaction);
        // So many bytes are read, and are no transaction.
        refusedContext(
                request(spend(to(FRIEND, 40_000))),
                Bytes.wrap(new byte[TransactionRules.MAX_BYTES]));
    }

    @Test
    void tooManyInputsAreRefused() {
        List<OutPoint> many = new ArrayList<>();
        for (int i = 0; i <= PaymentBuilder.MAX_INPUTS; i++) {
            many.add(new OutPoint(Txid.ZERO, i));
        }
        refused(RefusalCode.TOO_MANY_INPUTS, FakeChain.spend(many, to(FRIEND, 1_000)));
        // As many as are allowed are looked up.
        many.removeLast();
        refused(RefusalCode.UNKNOWN_PREVOUT, FakeChain.spend(many, to(FRIEND, 1_000)));
    }

    @Test
    void aCountOfInputsThatTheBytesCannotHoldIsRefused() {
        Bytes bomb = new WireWriter().i32(2).compactSize(1L << 40).toBytes();
        refusedContext(request(spend(to(FRIEND, 40_000))), bomb);
    }

    // Coins.

    @Test
    void theSameCoinTwiceIsRefused() {
        OutPoint utxo = ourCoins.getFirst();
        refused(
                RefusalCode.DUPLICATE_INPUT,
                FakeChain.spend(List.of(utxo, utxo), to(FRIEND, 40_000), to(ours, 159_000)));
    }

    @Test
    void aCoinThatAlicesChainDoesNotShowIsRefused() {
        OutPoint unknown = new OutPoint(Txid.hashOf(new byte[] {1}), 0);
        OutPoint beyond = new OutPoint(ourCoins.getFirst().txid(), 3);
        for (OutPoint outPoint : List.of(unknown, beyond)) {
            refused(
                    RefusalCode.UNKNOWN_PREVOUT,
                    FakeChain.spend(List.of(ourCoins.getFirst(), outPoint), to(FRIEND, 40_000)));
        }
    }

    @Test
    void aCoinWhoseBlockLeftTheChainIsRefused() {
        chain.disconnect();
        refused(RefusalCode.UNKNOWN_PREVOUT, spend(to(FRIEND, 40_000), to(ours, 59_000)));
    }

    @Test
    void aSpentCoinIsRefused() {
        chain.mine(spend(to(Group.STRANGER, 99_000)));
        refused(RefusalCode.ALREADY_SPENT, spend(to(FRIEND, 40_000), to(ours, 59_000)));
    }

    @Test
    void anImmatureCoinbaseIsRefusedUntilItIsMature() {
        chain.mineTo(ours);
        OutPoint coinbase = utxos.unspent().getLast().outPoint();
        Transaction spend =
                FakeChain.spend(List.of(coinbase), to(FRIEND, 40_000), to(ours, 4_999_959_000L));
        refused(RefusalCode.IMMATURE, spend);
        chain.mineEmpty(99);
        // The claimed hashes are over other amounts: what matters is that maturity is no longer the
        // reason.
        refused(RefusalCode.SIGHASH_MISMATCH, spend);
    }

    @Test
    void whatCannotBeMinedNowIsRefused() {
        Transaction good = spend(to(FRIEND, 40_000), to(ours, 59_000));
        int height = chain.height();
        for (long lock : new long[] {height + 1, 499_999_999, 500_000_000, 0xffff_ffffL}) {
            refused(
                    RefusalCode.NOT_FINAL,
                    new Transaction(2, good.inputs(), good.outputs(), LockTime.of(lock)));
        }
        TxIn relative = TxIn.unsigned(ourCoins.getFirst(), Sequence.of(1));
        refused(
                RefusalCode.NOT_FINAL,
                new Transaction(2, List.of(relative), good.outputs(), LockTime.NONE));
        assertThat(decide(new Transaction(2, good.inputs(), good.outputs(), LockTime.of(height))))
                .isInstanceOf(Decision.Approved.class);
    }
}
