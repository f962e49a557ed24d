package org.tutti.wallet.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.codec.WireWriter;
import org.tutti.bitcoin.interpreter.ScriptInterpreter;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.psbt.Psbt;
import org.tutti.bitcoin.psbt.PsbtException;
import org.tutti.bitcoin.psbt.PsbtField;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.LockTime;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.SighashType;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.Sat;
import org.tutti.coordinator.message.Invitation;
import org.tutti.coordinator.message.KeyOrder;
import org.tutti.coordinator.message.RequestedMessage;
import org.tutti.coordinator.message.RequestedMessage.KeyPath;
import org.tutti.coordinator.message.RequestedMessage.Leaf;
import org.tutti.musig.musig.KeyAggContext;
import org.tutti.musig.taproot.TapLeaf;
import org.tutti.signing.approval.Hold;
import org.tutti.wallet.policy.PaymentHold;
import org.tutti.wallet.policy.RefusalCode;
import org.tutti.wallet.policy.RefusedException;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/// What a PSBT of a request is taken for, and what is refused whatever the rules.
class RequestTransactionTest extends RequestFixture {
    private static final Script STRANGER_TAPROOT = Script.fromHex("5120" + "5e".repeat(32));
    private static final KeyDerivation WITH_TREE =
            new KeyDerivation(
                    new KeyPath(List.of(new Leaf(0, TapLeaf.of(Bytes.fromHex("51"))))), List.of());
    private static final KeyDerivation CHILD =
            new KeyDerivation(new KeyPath(List.of()), List.of(7, 3));

    private void refused(RefusalCode code, Psbt psbt) {
        refused(code, psbt.serialize());
    }

    private void refused(RefusalCode code, Bytes psbt) {
        assertThatExceptionOfType(RefusedException.class)
                .isThrownBy(() -> read(psbt))
                .satisfies(e -> assertThat(e.code()).as(e.reason()).isEqualTo(code));
    }

    private void refused(RefusalCode code, Invitation request, Psbt psbt) {
        assertThatExceptionOfType(RefusedException.class)
                .isThrownBy(() -> RequestTransaction.read(request, psbt.serialize(), NETWORK))
                .satisfies(e -> assertThat(e.code()).as(e.reason()).isEqualTo(code));
    }

    private Script script(KeyDerivation derivation) {
        return derivation.scriptPubKey(KeyAggContext.of(group.wallet.keys()));
    }

    // --- what is read

    @Test
    void aPaymentOfTheKeysIsReadWithWhatItTakesAndGives() throws Exception {
        Psbt psbt = payment();
        RequestTransaction read = RequestTransaction.read(request(psbt), psbt.serialize(), NETWORK);
        assertThat(read.transaction()).isEqualTo(psbt.unsignedTransaction());
        assertThat(read.keyCoins()).containsExactly(coin(1));
        assertThat(read.destinations()).containsExactly(out(FRIEND, 60_000));
        assertThat(read.change()).containsExactly(out(ours, 39_000));
        assertThat(read.keyValue()).isEqualTo(Sat.of(100_000));
        assertThat(read.othersValue()).isEqualTo(Sat.ZERO);
        assertThat(read.fee()).isEqualTo(Sat.of(1_000));
        assertThat(read.outflow()).isEqualTo(Sat.of(61_000));
        assertThat(read.messages()).containsExactly(RequestedMessage.keyPath(psbt.sighash(0)));
        assertThat(read.hold())
                .isEqualTo(
                        new Hold(
                                Set.of(PaymentHold.resource(coin(1))),
                                PaymentHold.content(List.of(out(FRIEND, 60_000)))));
    }

    @Test
    void versionZeroIsReadAsTheSameTransaction() throws Exception {
        Psbt psbt = payment();
        assertThat(read(psbt.asVersion0().serialize()).messages())
                .isEqualTo(read(psbt.serialize()).messages());
    }

    @Test
    void theOrderOfMessagesIsThatOfTheKeysInputsAndOthersHaveNone() throws Exception {
        Psbt psbt =
                Psbt.of(
                        transaction(
                                List.of(coin(1), coin(2), coin(3)),
                                out(FRIEND, 150_000),
                                out(ours, 149_000)),
                        List.of(
                                out(ours, 100_000),
                                out(STRANGER_TAPROOT, 100_000),
                                out(ours, 100_000)));
        RequestTransaction read = read(psbt.serialize());
        assertThat(read.keyCoins()).containsExactly(coin(1), coin(3));
        assertThat(read.messages())
                .containsExactly(
                        RequestedMessage.keyPath(psbt.sighash(0)),
                        RequestedMessage.keyPath(psbt.sighash(2)));
        assertThat(read.othersValue()).isEqualTo(Sat.of(100_000));
        assertThat(read.outflow()).isEqualTo(Sat.of(51_000));
        assertThat(read.fee()).isEqualTo(Sat.of(1_000));
        assertThat(read.hold().resources()).hasSize(2);
        assertThat(read.coins()).hasSize(3);
    }

    @Test
    void whoeverIsPaidMoreThanItBringsLosesNothing() throws Exception {
        Psbt psbt =
                Psbt.of(
                        transaction(List.of(coin(1), coin(2)), out(ours, 150_000)),
                        List.of(out(ours, 100_000), out(STRANGER_TAPROOT, 51_000)));
        assertThat(read(psbt.serialize()).outflow()).isEqualTo(Sat.ZERO);
    }

    @Test
    void inputsByADerivationAreSignedWhereTheMessagesNameIt() throws Exception {
        for (KeyDerivation derivation : List.of(WITH_TREE, CHILD)) {
            Psbt psbt =
                    Psbt.of(
                            transaction(List.of(coin(1)), out(FRIEND, 99_000)),
                            List.of(out(script(derivation), 100_000)));
            RequestTransaction read =
                    RequestTransaction.read(request(psbt, derivation), psbt.serialize(), NETWORK);
            assertThat(read.messages())
                    .containsExactly(
                            new RequestedMessage(
                                    psbt.sighash(0), derivation.keyPath(), derivation.path()));
            // Without the name the input is a stranger's.
            refused(RefusalCode.NO_INPUT_OF_KEYS, psbt);
        }
    }

    @Test
    void whatAllSignByADerivationTheInterpreterAccepts() throws Exception {
        KeyAggContext aggregate = KeyAggContext.of(group.wallet.keys());
        Psbt psbt =
                Psbt.of(
                        transaction(List.of(coin(1)), out(FRIEND, 99_000)),
                        List.of(out(script(WITH_TREE), 100_000)));
        RequestTransaction read =
                RequestTransaction.read(request(psbt, WITH_TREE), psbt.serialize(), NETWORK);
        Bytes root = TapLeaf.of(Bytes.fromHex("51")).hash();
        Transaction signed =
                read.transaction()
                        .withWitness(
                                0,
                                List.of(
                                        group.sign(
                                                        aggregate.withTapTweak(Optional.of(root)),
                                                        read.messages().getFirst().hash())
                                                .bytes()));
        assertThat(ScriptInterpreter.verifyAll(signed, read.prevouts())).isEmpty();
    }

    @Test
    void whatIsPaidToAnOutputWithScriptsIsNoChange() throws Exception {
        // Whoever made the tree could spend it alone.
        Psbt psbt =
                Psbt.of(
                        transaction(
                                List.of(coin(1), coin(2)),
                                out(script(WITH_TREE), 100_000),
                                out(script(CHILD), 60_000)),
                        List.of(out(ours, 100_000), out(script(WITH_TREE), 61_000)));
        RequestTransaction read =
                RequestTransaction.read(request(psbt, WITH_TREE), psbt.serialize(), NETWORK);
        assertThat(read.change()).isEmpty();
        assertThat(read.outflow()).isEqualTo(Sat.of(161_000));
        Psbt withChild =
                Psbt.of(
                        transaction(List.of(coin(1)), out(script(CHILD), 60_000)),
                        List.of(out(script(CHILD), 61_000)));
        assertThat(
                        RequestTransaction.read(
                                        request(withChild, CHILD), withChild.serialize(), NETWORK)
                                .change())
                .hasSize(1);
    }

    @ParameterizedTest
    @EnumSource(names = {"DEFAULT", "ALL"})
    void signaturesForAllAreMade(SighashType type) throws Exception {
        Psbt psbt = payment().withInput(0, in -> in.withSighashType(type));
        RequestTransaction read = read(psbt.serialize());
        assertThat(read.keyInputs().getFirst().type()).isEqualTo(type);
        assertThat(read.messages().getFirst().hash()).isEqualTo(psbt.sighash(0));
    }

    @Test
    void oneTransactionCountsOnceForEachSetOfCoinsThatIsAskedFor() throws Exception {
        Psbt both =
                Psbt.of(
                        transaction(List.of(coin(1), coin(2)), out(FRIEND, 150_000)),
                        List.of(out(ours, 100_000), out(script(CHILD), 100_000)));
        RequestTransaction first = read(both.serialize());
        RequestTransaction second =
                RequestTransaction.read(group.wallet.keys(), Set.of(CHILD), both.serialize());
        assertThat(first.txid()).isEqualTo(second.txid());
        assertThat(first.spendingName())
                .isEqualTo(read(both.serialize()).spendingName())
                .isNotEqualTo(second.spendingName());
    }

    // --- what the request says

    @Test
    void messagesThatAreNotTheTransactionsAreRefused() throws Exception {
        Psbt psbt = payment();
        refused(
                RefusalCode.SIGHASH_MISMATCH,
                request(psbt.serialize(), List.of(RequestedMessage.keyPath(hash(9)))),
                psbt);
        List<RequestedMessage> good = read(psbt.serialize()).messages();
        refused(
                RefusalCode.SIGHASH_MISMATCH,
                request(psbt.serialize(), List.of(good.getFirst(), good.getFirst())),
                psbt);
        refused(
                RefusalCode.SIGHASH_MISMATCH,
                request(psbt.serialize(), List.of(CHILD.message(good.getFirst().hash()))),
                psbt);
    }

    @Test
    void anInputOfTheKeysThatNoMessageSignsIsRefused() throws Exception {
        Psbt psbt =
                Psbt.of(
                        transaction(List.of(coin(1), coin(2)), out(FRIEND, 150_000)),
                        List.of(out(ours, 100_000), out(ours, 100_000)));
        refused(
                RefusalCode.SIGHASH_MISMATCH,
                request(psbt.serialize(), read(psbt.serialize()).messages().subList(0, 1)),
                psbt);
    }

    @Test
    void aMessageForTheAggregateKeyItselfIsRefused() throws Exception {
        Psbt psbt = payment();
        refused(
                RefusalCode.TWEAK_NOT_ALLOWED,
                request(psbt.serialize(), List.of(RequestedMessage.untweaked(psbt.sighash(0)))),
                psbt);
    }

    @Test
    void aTreeThatIsNoneIsRefused() throws Exception {
        Psbt psbt = payment();
        RequestedMessage.Leaf half = new Leaf(1, TapLeaf.of(Bytes.fromHex("51")));
        refused(
                RefusalCode.TWEAK_NOT_ALLOWED,
                request(
                        psbt.serialize(),
                        List.of(
                                new RequestedMessage(
                                        psbt.sighash(0), new KeyPath(List.of(half)), List.of()))),
                psbt);
    }

    @Test
    void anotherNetworkOtherKeysAndAnotherPsbtAreRefused() throws Exception {
        Psbt psbt = payment();
        Bytes bytes = psbt.serialize();
        List<RequestedMessage> messages = read(bytes).messages();
        refused(
                RefusalCode.OTHER_NETWORK,
                request(
                        bytes,
                        messages,
                        Network.MAINNET.id(),
                        KeyOrder.SORTED,
                        group.wallet.keys()),
                psbt);
        refused(
                RefusalCode.KEYS_NOT_SORTED,
                request(bytes, messages, NETWORK.id(), KeyOrder.AS_GIVEN, group.wallet.keys()),
                psbt);
        refused(
                RefusalCode.KEYS_NOT_SORTED,
                request(
                        bytes,
                        messages,
                        NETWORK.id(),
                        KeyOrder.SORTED,
                        group.wallet.keys().reversed()),
                psbt);
        refused(
                RefusalCode.OTHER_GROUP,
                request(
                        bytes,
                        messages,
                        NETWORK.id(),
                        KeyOrder.SORTED,
                        group.wallet.keys().subList(0, 1)),
                psbt);
        refused(RefusalCode.OTHER_PSBT, request(bytes, messages), payment(2));
        refused(RefusalCode.OTHER_PSBT, request(Bytes.EMPTY, messages), psbt);
    }

    // --- what the PSBT says

    @Test
    void aFalseAmountMakesAnotherMessageWhateverInputItIsOf() throws Exception {
        Transaction transaction = transaction(List.of(coin(1), coin(2)), out(FRIEND, 90_000));
        List<TxOut> true_ = List.of(out(ours, 50_000), out(STRANGER_TAPROOT, 50_000));
        List<TxOut> ownFalse = List.of(out(ours, 49_999), out(STRANGER_TAPROOT, 50_000));
        List<TxOut> otherFalse = List.of(out(ours, 50_000), out(STRANGER_TAPROOT, 50_001));
        Psbt honest = Psbt.of(transaction, true_);
        for (List<TxOut> stated : List.of(ownFalse, otherFalse)) {
            Psbt lie = Psbt.of(transaction, stated);
            RequestTransaction read = read(lie.serialize());
            assertThat(read.messages()).isNotEqualTo(read(honest.serialize()).messages());
            Transaction signed =
                    read.transaction()
                            .withWitness(
                                    0,
                                    List.of(group.sign(read.messages().getFirst().hash()).bytes()));
            assertThat(
                            ScriptInterpreter.verify(
                                    signed,
                                    true_,
                                    0,
                                    org.tutti.bitcoin.interpreter.ScriptFlag.STANDARD))
                    .as("the network knows what is spent")
                    .isPresent();
        }
    }

    @Test
    void whatIsNoPsbtIsRefused() {
        refused(RefusalCode.MALFORMED_PSBT, Bytes.EMPTY);
        refused(RefusalCode.MALFORMED_PSBT, Bytes.wrap(new byte[100]));
        refused(RefusalCode.MALFORMED_PSBT, Bytes.wrap(new byte[Psbt.MAX_BYTES + 1]));
        Bytes good = payment().serialize();
        refused(RefusalCode.MALFORMED_PSBT, good.slice(0, good.length() - 1));
        refused(RefusalCode.MALFORMED_PSBT, Bytes.concat(good, Bytes.wrap(new byte[1])));
    }

    @Test
    void anInputWhosePrevoutIsNotStatedIsRefused() throws Exception {
        Bytes transaction = payment().unsignedTransaction().serializeWithoutWitness();
        WireWriter bare = new WireWriter(512);
        bare.bytes(Bytes.fromHex("70736274ff"));
        bare.varBytes(Bytes.fromHex("00")).varBytes(transaction).u8(0);
        bare.u8(0).u8(0).u8(0);
        refused(RefusalCode.MISSING_PREVOUT, bare.toBytes());
    }

    @Test
    void aPrevoutThatIsNoWitnessProgramIsRefused() {
        refused(
                RefusalCode.PREVOUT_NOT_SEGWIT,
                Psbt.of(
                        transaction(List.of(coin(1), coin(2)), out(FRIEND, 90_000)),
                        List.of(
                                out(ours, 50_000),
                                out(Script.p2sh(Bytes.wrap(new byte[20])), 50_000))));
    }

    @Test
    void aTransactionThatSpendsNothingOfTheKeysIsRefused() {
        refused(
                RefusalCode.NO_INPUT_OF_KEYS,
                Psbt.of(
                        transaction(List.of(coin(1)), out(ours, 40_000)),
                        List.of(out(STRANGER_TAPROOT, 50_000))));
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"DEFAULT", "ALL"})
    void sighashTypesThatLeaveSomethingOpenAreRefused(SighashType type) {
        refused(
                RefusalCode.SIGHASH_TYPE_NOT_ALLOWED,
                payment().withInput(0, in -> in.withSighashType(type)));
    }

    @Test
    void sighashTypesThatDoNotExistAreRefused() throws Exception {
        for (String number : List.of("04000000", "00010000", "01010000", "ffffffff")) {
            Psbt psbt = payment();
            refused(
                    RefusalCode.SIGHASH_TYPE_NOT_ALLOWED,
                    psbt.withInput(
                            0,
                            psbt.inputs()
                                    .getFirst()
                                    .withField(
                                            new PsbtField(3, Bytes.EMPTY, Bytes.fromHex(number)))));
        }
    }

    @Test
    void anotherInputsSighashTypeCountsToo() {
        Psbt psbt =
                Psbt.of(
                        transaction(List.of(coin(1), coin(2)), out(FRIEND, 90_000)),
                        List.of(out(ours, 50_000), out(STRANGER_TAPROOT, 50_000)));
        refused(
                RefusalCode.SIGHASH_TYPE_NOT_ALLOWED,
                psbt.withInput(1, in -> in.withSighashType(SighashType.NONE)));
    }

    @Test
    void oneCoinSpentTwiceIsRefused() {
        refused(
                RefusalCode.DUPLICATE_INPUT,
                Psbt.of(
                        transaction(List.of(coin(1), coin(1)), out(FRIEND, 90_000)),
                        List.of(out(ours, 50_000), out(ours, 50_000))));
    }

    @Test
    void outputsAboveInputsAndAboveAllMoneyAreRefused() {
        refused(
                RefusalCode.OUTPUTS_EXCEED_INPUTS,
                Psbt.of(
                        transaction(List.of(coin(1)), out(FRIEND, 50_001)),
                        List.of(out(ours, 50_000))));
        refused(
                RefusalCode.MALFORMED_TRANSACTION,
                Psbt.of(
                        transaction(
                                List.of(coin(1)),
                                out(FRIEND, Sat.MAX_VALUE),
                                out(FRIEND, Sat.MAX_VALUE)),
                        List.of(out(ours, Sat.MAX_VALUE))));
        refused(
                RefusalCode.MALFORMED_TRANSACTION,
                Psbt.of(
                        transaction(List.of(coin(1), coin(2)), out(FRIEND, 1_000)),
                        List.of(out(ours, Sat.MAX_VALUE), out(ours, Sat.MAX_VALUE))));
        // So many that a sum of longs would be negative.
        TxOut[] many = new TxOut[3_000];
        java.util.Arrays.fill(many, out(Script.fromHex("51"), Sat.MAX_VALUE));
        many[2_999] = out(Script.fromHex("51"), 1_000_000_000_000_000L);
        refused(
                RefusalCode.MALFORMED_TRANSACTION,
                Psbt.of(transaction(List.of(coin(1)), many), List.of(out(ours, 50_000))));
    }

    @Test
    void anotherVersionIsRefused() {
        refused(
                RefusalCode.MALFORMED_TRANSACTION,
                Psbt.of(
                        transaction(1, LockTime.NONE, List.of(coin(1)), out(FRIEND, 40_000)),
                        List.of(out(ours, 50_000))));
    }

    @Test
    void moreInputsThanASessionHasMessagesAreRefused() throws Exception {
        List<OutPoint> coins =
                IntStream.range(0, RequestTransaction.MAX_INPUTS + 1)
                        .mapToObj(RequestFixture::coin)
                        .toList();
        refused(RefusalCode.TOO_MANY_INPUTS, manyCoins(coins));
        assertThat(
                        read(manyCoins(coins.subList(0, RequestTransaction.MAX_INPUTS)).serialize())
                                .messages())
                .hasSize(RequestTransaction.MAX_INPUTS);
    }

    private Psbt manyCoins(List<OutPoint> coins) {
        return Psbt.of(
                transaction(coins, out(FRIEND, 50_000)),
                Collections.nCopies(coins.size(), out(ours, 1_000)));
    }

    @Test
    void aTransactionThatNoNodeRelaysIsRefused() throws Exception {
        TxOut large = out(Script.of(Bytes.concat(Bytes.fromHex("6a"), zeros(100_000))), 0);
        Psbt huge = Psbt.of(transaction(List.of(coin(1)), large), List.of(out(ours, 50_000)));
        refused(RefusalCode.TRANSACTION_TOO_LARGE, huge);
        assertThatExceptionOfType(RefusedException.class)
                .isThrownBy(() -> read(huge.serialize()))
                .withMessageContaining("bytes, at most");
        // Small without witnesses; the witness of another is heavy.
        Psbt psbt =
                Psbt.of(
                        transaction(List.of(coin(1), coin(2)), out(FRIEND, 90_000)),
                        List.of(out(ours, 50_000), out(STRANGER_TAPROOT, 50_000)));
        Bytes witness = new WireWriter(400_010).compactSize(1).varBytes(zeros(400_000)).toBytes();
        refused(
                RefusalCode.TRANSACTION_TOO_LARGE,
                psbt.withInput(
                        1, psbt.inputs().get(1).withField(new PsbtField(8, Bytes.EMPTY, witness))));
    }

    private static Bytes zeros(int count) {
        return Bytes.wrap(new byte[count]);
    }

    @Test
    void inputsThatWantAHeightAndATimeAreRefused() throws PsbtException {
        Psbt psbt =
                Psbt.of(
                        transaction(List.of(coin(1), coin(2)), out(FRIEND, 90_000)),
                        List.of(out(ours, 50_000), out(ours, 50_000)));
        psbt = withField(psbt, 0, new PsbtField(0x11, Bytes.EMPTY, Bytes.fromHex("00f15365")));
        psbt = withField(psbt, 1, new PsbtField(0x12, Bytes.EMPTY, Bytes.fromHex("64000000")));
        refused(RefusalCode.NOT_FINAL, psbt);
    }

    private static Psbt withField(Psbt psbt, int input, PsbtField field) throws PsbtException {
        return psbt.withInput(input, psbt.inputs().get(input).withField(field));
    }
}
