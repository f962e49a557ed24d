package org.tutti.bitcoin.psbt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.tutti.bitcoin.psbt.Psbts.ALICE;
import static org.tutti.bitcoin.psbt.Psbts.BOB;
import static org.tutti.bitcoin.psbt.Psbts.alices;
import static org.tutti.bitcoin.psbt.Psbts.assertRefused;
import static org.tutti.bitcoin.psbt.Psbts.field;
import static org.tutti.bitcoin.psbt.Psbts.publicKey;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.psbt.PsbtException.Code;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.LockTime;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.Sequence;
import org.tutti.bitcoin.tx.SighashType;
import org.tutti.bitcoin.tx.TaprootSighash;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.Sat;
import org.tutti.musig.keys.DerivationPath;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.keys.XOnlyPublicKey;
import org.tutti.musig.musig.KeyAggContext;
import org.tutti.musig.musig.PartialSignature;
import org.tutti.musig.musig.PublicNonce;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.musig.taproot.TapLeaf;
import org.tutti.musig.taproot.TapTree;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a PSBT tells, and what is put into it.
class PsbtTest {
    private static final Psbt PSBT = Psbts.psbt(2, 2);
    private static final XOnlyPublicKey KEY = ALICE.publicKey().xOnly();
    private static final Bytes HASH = Bytes.fromHex("ab".repeat(32));
    private static final KeyOrigin ORIGIN =
            new KeyOrigin(Bytes.fromHex("d34db33f"), DerivationPath.of(86 + (1L << 31), 0, 7));
    private static final SchnorrSignature SIGNATURE =
            new SchnorrSignature(Bytes.fromHex("01".repeat(64)));

    @Test
    void aNewPsbtTellsTheTransactionAndItsPrevoutsAndNothingElse() throws Exception {
        Transaction transaction = Psbts.transaction(3, 2);
        Psbt psbt = Psbt.of(transaction, Psbts.prevouts(3));
        assertThat(psbt.version()).isEqualTo(2);
        assertThat(psbt.unsignedTransaction()).isEqualTo(transaction);
        assertThat(psbt.lockTime()).isEqualTo(transaction.lockTime());
        assertThat(psbt.prevouts()).isEqualTo(Psbts.prevouts(3));
        assertThat(psbt.inputsWithoutPrevout()).isEmpty();
        assertThat(psbt.inputsModifiable()).isFalse();
        assertThat(psbt.outputsModifiable()).isFalse();
        assertThat(psbt.inputs().getFirst().fields())
                .extracting(PsbtField::type)
                .containsExactly(0x01L, 0x0eL, 0x0fL, 0x10L);
        assertThat(psbt.outputs().getFirst().fields())
                .extracting(PsbtField::type)
                .containsExactly(0x03L, 0x04L);
        assertThat(psbt.globalFields())
                .extracting(PsbtField::type)
                .containsExactly(0x02L, 0x03L, 0x04L, 0x05L, 0xfbL);
        assertThat(Psbt.parse(psbt.serialize().toArray())).isEqualTo(psbt);
        assertThat(psbt.inputs().getFirst().sighashType()).isEqualTo(SighashType.DEFAULT);
    }

    @Test
    void aPsbtIsMadeOfWhatIsUnsignedAndSpendsSegwit() {
        Transaction transaction = Psbts.transaction(1, 1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Psbt.of(transaction, Psbts.prevouts(2)));
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        Psbt.of(transaction.withWitness(0, List.of(HASH)), Psbts.prevouts(1)));
        TxIn signed = new TxIn(Psbts.outPoint(0), Script.fromHex("51"), Sequence.FINAL, List.of());
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        Psbt.of(
                                new Transaction(
                                        2, List.of(signed), transaction.outputs(), LockTime.NONE),
                                Psbts.prevouts(1)));
        TxOut legacy = new TxOut(Sat.of(1), Script.p2pkh(Bytes.wrap(new byte[20])));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Psbt.of(transaction, List.of(legacy)));
        TxOut wrapped = new TxOut(Sat.of(1), Script.p2sh(Bytes.wrap(new byte[20])));
        assertThat(Psbt.of(transaction, List.of(wrapped)).inputs()).hasSize(1);
    }

    @Test
    void whatIsPutIntoAnInputIsReadAgain() throws Exception {
        PublicKey aggregate = aggregate();
        Musig2Key musig2Key = Musig2Key.keyPath(publicKey(1), aggregate);
        Musig2Key inLeaf = new Musig2Key(publicKey(2), aggregate, Optional.of(HASH));
        PublicNonce nonce =
                PublicNonce.parse(Bytes.concat(publicKey(3).bytes(), publicKey(4).bytes()));
        PartialSignature partial = PartialSignature.parse(HASH.slice(0, 32));
        TapDerivation derivation = new TapDerivation(List.of(HASH), ORIGIN);
        Psbt changed =
                PSBT.withInput(
                                1,
                                input ->
                                        input.withSighashType(SighashType.ALL)
                                                .withTapInternalKey(KEY)
                                                .withTapMerkleRoot(HASH)
                                                .withTapDerivation(KEY, TapDerivation.of(ORIGIN))
                                                .withTapDerivation(
                                                        BOB.publicKey().xOnly(), derivation)
                                                .withMusig2Participants(
                                                        aggregate,
                                                        List.of(publicKey(2), publicKey(1)))
                                                .withMusig2PubNonce(musig2Key, nonce)
                                                .withMusig2PubNonce(inLeaf, nonce))
                        .withMusig2PartialSig(1, musig2Key, partial)
                        .withTapKeySig(1, new TaprootSignature(SIGNATURE, SighashType.ALL));
        Psbt read = Psbt.parse(changed.serialize().toArray());
        assertThat(read).isEqualTo(changed);
        PsbtInput input = read.inputs().get(1);
        assertThat(input.sighashType()).isEqualTo(SighashType.ALL);
        assertThat(input.sighashTypeNumber()).contains(1L);
        assertThat(input.tapInternalKey()).contains(KEY);
        assertThat(input.tapMerkleRoot()).contains(HASH);
        assertThat(input.tapDerivations())
                .isEqualTo(
                        Map.of(KEY, TapDerivation.of(ORIGIN), BOB.publicKey().xOnly(), derivation));
        assertThat(input.musig2Participants())
                .isEqualTo(Map.of(aggregate, List.of(publicKey(2), publicKey(1))));
        assertThat(input.musig2PubNonces()).isEqualTo(Map.of(musig2Key, nonce, inLeaf, nonce));
        assertThat(input.musig2PartialSigs()).isEqualTo(Map.of(musig2Key, partial));
        assertThat(input.tapKeySig()).contains(new TaprootSignature(SIGNATURE, SighashType.ALL));
        assertThat(input.fields()).isSortedAccordingTo((a, b) -> a.key().compareTo(b.key()));

        // The other input, and what there was before, are as they were.
        assertThat(read.inputs().getFirst()).isEqualTo(PSBT.inputs().getFirst());
        assertThat(PSBT).isEqualTo(Psbts.psbt(2, 2));
        assertThat(read.unsignedTransaction()).isEqualTo(PSBT.unsignedTransaction());
    }

    private static PublicKey aggregate() {
        return KeyAggContext.of(List.of(publicKey(2), publicKey(1))).aggregateKey();
    }

    @Test
    void whatIsPutIntoAnOutputIsReadAgain() throws Exception {
        TapTree tree =
                TapTree.branch(
                        TapLeaf.of(Bytes.fromHex("51")),
                        TapTree.branch(
                                new TapLeaf(0xc2, Bytes.fromHex("52")), TapLeaf.of(Bytes.EMPTY)));
        Psbt changed =
                PSBT.withOutput(
                        1,
                        output ->
                                output.withTapInternalKey(KEY)
                                        .withTapTree(TapTreeLeaves.of(tree))
                                        .withTapDerivation(KEY, TapDerivation.of(ORIGIN))
                                        .withMusig2Participants(
                                                aggregate(), List.of(publicKey(2), publicKey(1))));
        Psbt read = Psbt.parse(changed.serialize().toArray());
        assertThat(read).isEqualTo(changed);
        PsbtOutput output = read.outputs().get(1);
        assertThat(output.tapInternalKey()).contains(KEY);
        assertThat(output.tapTree().orElseThrow().tree()).isEqualTo(tree);
        assertThat(output.tapDerivations()).isEqualTo(Map.of(KEY, TapDerivation.of(ORIGIN)));
        assertThat(output.musig2Participants())
                .isEqualTo(Map.of(aggregate(), List.of(publicKey(2), publicKey(1))));
        assertThat(read.outputs().getFirst()).isEqualTo(PSBT.outputs().getFirst());
        assertThat(PSBT).isEqualTo(Psbts.psbt(2, 2));
    }

    @Test
    void aFieldOfTheSameKeyTakesThePlaceOfTheOneBefore() {
        PsbtInput input = PSBT.inputs().getFirst();
        PsbtInput once = input.withTapInternalKey(KEY).withTapMerkleRoot(HASH);
        PsbtInput again = once.withTapInternalKey(BOB.publicKey().xOnly());
        assertThat(again.tapInternalKey()).contains(BOB.publicKey().xOnly());
        assertThat(again.fields()).hasSameSizeAs(once.fields());
        assertThat(again.withTapInternalKey(KEY)).isEqualTo(once);
    }

    /// Whoever makes a PSBT chooses its keys, hashes of keys included: maps are not by hashes.
    @Test
    void mapsAreSortedByTheBytesOfTheirKeysInWhicheverOrderTheyCame() throws Exception {
        List<List<PsbtField>> maps = Psbts.maps(PSBT);
        List<Bytes> keys = new ArrayList<>();
        for (int i = 1; i < 30; i++) {
            Bytes key = publicKey(i).xOnly().bytes();
            keys.add(key);
            maps.get(1).add(new PsbtField(0x16, key, Bytes.fromHex("00d34db33f")));
        }
        PsbtInput input = Psbt.parse(Psbts.write(maps)).inputs().getFirst();
        assertThat(input.tapDerivations().keySet().stream().map(XOnlyPublicKey::bytes))
                .containsExactlyElementsOf(keys.stream().sorted().toList());
        assertThat(input.tapDerivations().get(publicKey(7).xOnly())).isNotNull();
        assertThat(input.tapDerivations().get(publicKey(30).xOnly())).isNull();
    }

    @Test
    void anInputThatSpendsSomethingElseDoesNotTakeAnothersPlace() throws Exception {
        PsbtInput other = PSBT.inputs().get(1);
        assertThatIllegalArgumentException().isThrownBy(() -> PSBT.withInput(0, other));
        PsbtInput older = PSBT.asVersion0().inputs().getFirst();
        assertThatIllegalArgumentException().isThrownBy(() -> PSBT.withInput(0, older));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> other.withField(new PsbtField(0x0e, Bytes.EMPTY, HASH)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> other.withField(field(0x0f, "", "00000000")));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PSBT.withOutput(0, PSBT.outputs().get(1)));
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        PSBT.outputs().getFirst().withField(field(0x03, "", "0100000000000000")));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PSBT.outputs().getFirst().withField(field(0x04, "", "51")));
        for (long type : new long[] {0x00, 0x02, 0x03, 0x04, 0x05, 0x06, 0xfb}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> PSBT.withGlobalField(field(type, "", "01000000")));
        }
        assertThatThrownBy(() -> PSBT.withInput(2, other))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    /// In version 0 the sequence number stands in the transaction.
    @Test
    void anUpdaterMaySetTheSequenceNumberInVersion2Alone() throws Exception {
        PsbtField sequence = field(0x10, "", "01000000");
        PsbtInput later = PSBT.inputs().getFirst().withField(sequence);
        assertThat(PSBT.withInput(0, later).unsignedTransaction().inputs().getFirst().sequence())
                .isEqualTo(Sequence.of(1));
        PsbtInput older = PSBT.asVersion0().inputs().getFirst();
        assertRefused(Code.FORBIDDEN_FIELD, () -> older.withField(sequence));
        assertRefused(
                Code.FORBIDDEN_FIELD,
                () -> older.withField(new PsbtField(0x0e, Bytes.EMPTY, HASH)));
    }

    @Test
    void whereNoSequenceNumberIsNamedItIsTheFinalOne() throws Exception {
        List<List<PsbtField>> maps = Psbts.maps(PSBT);
        maps.get(1).removeIf(each -> each.type() == 0x10);
        assertThat(Psbt.parse(Psbts.write(maps)).inputs().getFirst().sequence())
                .isEqualTo(Sequence.FINAL);
    }

    @Test
    void whereNoLockTimeIsNamedThereIsNone() throws Exception {
        List<List<PsbtField>> maps = Psbts.maps(PSBT);
        maps.getFirst().removeIf(each -> each.type() == 0x03);
        assertThat(Psbt.parse(Psbts.write(maps)).lockTime()).isEqualTo(LockTime.NONE);
    }

    @Test
    void inputsWithoutPrevoutAreNamedAndNothingIsSignedThen() throws Exception {
        List<List<PsbtField>> maps = Psbts.maps(Psbts.psbt(3, 1));
        maps.get(1).removeIf(each -> each.type() == 0x01);
        maps.get(3).removeIf(each -> each.type() == 0x01);
        Psbt psbt = Psbt.parse(Psbts.write(maps));
        assertThat(psbt.inputsWithoutPrevout()).containsExactly(0, 2);
        assertRefused(Code.MISSING_PREVOUT, psbt::prevouts);
        assertRefused(Code.MISSING_PREVOUT, psbt::taprootSighash);
        assertRefused(Code.MISSING_PREVOUT, () -> psbt.sighash(1));
        assertRefused(Code.MISSING_PREVOUT, () -> psbt.finalizeInput(1));
        Psbt told =
                psbt.withInput(0, psbt.inputs().get(0).withWitnessUtxo(alices(1000)))
                        .withInput(2, psbt.inputs().get(2).withWitnessUtxo(alices(1002)));
        assertThat(told.prevouts()).isEqualTo(Psbts.prevouts(3));
    }

    @Test
    void aWholeTransactionTellsThePrevoutToo() throws Exception {
        Transaction paying =
                new Transaction(
                        2,
                        Psbts.transaction(1, 0).inputs(),
                        List.of(alices(1), alices(1000)),
                        LockTime.NONE);
        Transaction spending =
                new Transaction(
                        2,
                        List.of(TxIn.unsigned(new OutPoint(paying.txid(), 1), Sequence.FINAL)),
                        List.of(alices(900)),
                        LockTime.NONE);
        Psbt psbt = Psbt.of(spending, List.of(alices(1000)));
        PsbtInput whole = psbt.inputs().getFirst().withNonWitnessUtxo(paying);
        assertThat(whole.prevout()).contains(alices(1000));
        assertThat(Psbt.parse(psbt.withInput(0, whole).serialize().toArray()).inputs().getFirst())
                .isEqualTo(whole);
        assertRefused(
                Code.OTHER_PREVOUT, () -> psbt.inputs().getFirst().withNonWitnessUtxo(spending));
        assertRefused(Code.OTHER_PREVOUT, () -> whole.withWitnessUtxo(alices(1001)));
        assertRefused(Code.OTHER_PREVOUT, () -> whole.withField(Psbts.prevout(alices(1001))));
        Psbt older = psbt.asVersion0();
        assertRefused(
                Code.OTHER_PREVOUT,
                () ->
                        older.inputs()
                                .getFirst()
                                .withNonWitnessUtxo(paying)
                                .withField(Psbts.prevout(alices(1001))));
    }

    @Test
    void theSighashIsOfAllPrevoutsAndOfTheTypeThatTheInputNames() throws Exception {
        TaprootSighash expected = TaprootSighash.of(Psbts.transaction(2, 2), Psbts.prevouts(2));
        for (SighashType type : SighashType.values()) {
            Psbt typed = PSBT.withInput(1, input -> input.withSighashType(type));
            assertThat(typed.sighash(1)).isEqualTo(expected.keyPath(1, type, Optional.empty()));
        }
        assertThat(PSBT.sighash(1))
                .isEqualTo(expected.keyPath(1, SighashType.DEFAULT, Optional.empty()));
        Psbt other = PSBT.withInput(0, PSBT.inputs().getFirst().withWitnessUtxo(alices(1)));
        assertThat(other.sighash(1)).isNotEqualTo(PSBT.sighash(1));
    }

    @Test
    void aSighashTypeThatTaprootDoesNotKnowIsNotSigned() throws Exception {
        for (String number :
                List.of("04000000", "80000000", "00010000", "00000080", "01000080", "ffffffff")) {
            PsbtInput input = PSBT.inputs().getFirst().withField(field(0x03, "", number));
            assertThat(input.sighashTypeNumber()).isPresent();
            assertRefused(Code.BAD_SIGHASH_TYPE, input::sighashType);
            assertRefused(Code.BAD_SIGHASH_TYPE, () -> PSBT.withInput(0, input).sighash(0));
            assertRefused(
                    Code.BAD_SIGHASH_TYPE,
                    () ->
                            PSBT.withInput(0, input)
                                    .withMusig2PartialSig(
                                            0,
                                            Musig2Key.keyPath(publicKey(1), publicKey(2)),
                                            PartialSignature.parse(HASH)));
        }
        Psbt single = Psbts.psbt(3, 1).withInput(2, in -> in.withSighashType(SighashType.SINGLE));
        assertRefused(Code.BAD_SIGHASH_TYPE, () -> single.sighash(2));
    }

    @ParameterizedTest
    @CsvSource({
        "DEFAULT,f8",
        "ALL,f8",
        "NONE,fa",
        "SINGLE,fc",
        "ALL_ANYONECANPAY,f9",
        "NONE_ANYONECANPAY,fb",
        "SINGLE_ANYONECANPAY,fd"
    })
    void aSignatureTakesAwayWhatItSigns(SighashType type, String left) throws Exception {
        Psbt open = Psbt.parse(Psbts.with(PSBT, 0, field(0x06, "", "fb")));
        assertThat(open.inputsModifiable()).isTrue();
        assertThat(open.outputsModifiable()).isTrue();
        assertThat(open.hasSighashSingle()).isFalse();
        Psbt signed = open.withTapKeySig(0, new TaprootSignature(SIGNATURE, type));
        assertThat(signed.globalFields()).contains(field(0x06, "", left));
        Psbt partly =
                open.withInput(0, input -> input.withSighashType(type))
                        .withMusig2PartialSig(
                                0,
                                Musig2Key.keyPath(publicKey(1), publicKey(2)),
                                PartialSignature.parse(HASH));
        assertThat(partly.globalFields()).contains(field(0x06, "", left));
        int bits = Integer.parseInt(left, 16);
        assertThat(signed.inputsModifiable()).isEqualTo((bits & 1) != 0);
        assertThat(signed.outputsModifiable()).isEqualTo((bits & 2) != 0);
        assertThat(signed.hasSighashSingle()).isEqualTo((bits & 4) != 0);
    }

    @Test
    void whereNothingMayBeChangedASignatureSaysNothingOfIt() throws Exception {
        TaprootSignature signature = new TaprootSignature(SIGNATURE, SighashType.SINGLE);
        assertThat(PSBT.withTapKeySig(0, signature).globalFields()).isEqualTo(PSBT.globalFields());
        Psbt older = PSBT.asVersion0();
        assertThat(older.withTapKeySig(0, signature).globalFields())
                .isEqualTo(older.globalFields());
    }

    @Test
    void aPsbtInTheOtherVersionTellsTheSame() throws Exception {
        Psbt full =
                PSBT.withInput(0, in -> in.withTapInternalKey(KEY).withSighashType(SighashType.ALL))
                        .withOutput(1, out -> out.withTapInternalKey(KEY))
                        .withInput(1, PSBT.inputs().get(1).withField(field(0x77, "01", "02")))
                        .withGlobalField(field(0xfc, "0141" + "00", "05"));
        Psbt older = full.asVersion0();
        assertThat(older.version()).isZero();
        assertThat(Psbt.parse(older.serialize().toArray())).isEqualTo(older);
        assertThat(older.unsignedTransaction()).isEqualTo(full.unsignedTransaction());
        assertThat(older.prevouts()).isEqualTo(full.prevouts());
        assertThat(older.sighash(0)).isEqualTo(full.sighash(0));
        assertThat(older.asVersion2()).isEqualTo(full);
        assertThat(older.asVersion0()).isSameAs(older);
        assertThat(full.asVersion2()).isSameAs(full);
    }

    @Test
    void whatTheInputsRequireOfTheLockTimeIsInTheTransactionOfVersion0() throws Exception {
        Psbt waiting =
                PSBT.withInput(0, PSBT.inputs().getFirst().withField(field(0x12, "", "ffff0000")));
        assertThat(waiting.lockTime()).isEqualTo(LockTime.of(65535));
        Psbt older = waiting.asVersion0();
        assertThat(older.lockTime()).isEqualTo(LockTime.of(65535));
        assertThat(Psbt.parse(older.serialize().toArray())).isEqualTo(older);
        Psbt impossible =
                waiting.withInput(
                        1, waiting.inputs().get(1).withField(field(0x11, "", "0065cd1d")));
        assertRefused(Code.NO_LOCK_TIME, impossible::asVersion0);
        assertRefused(Code.NO_LOCK_TIME, impossible::taprootSighash);
    }

    @Test
    void unknownGlobalFieldsStayInTheOtherVersion() throws Exception {
        PsbtField unknown = field(0x77, "01", "02");
        assertThat(PSBT.withGlobalField(unknown).asVersion0().unknownGlobalFields())
                .containsExactly(unknown);
    }

    @Test
    void participantsAreAtLeastOneAndAtMostAsManyAsAnAggregateHas() {
        PsbtInput input = PSBT.inputs().getFirst();
        PsbtOutput output = PSBT.outputs().getFirst();
        for (List<PublicKey> keys :
                List.of(List.<PublicKey>of(), Collections.nCopies(4097, publicKey(1)))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> input.withMusig2Participants(publicKey(1), keys));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> output.withMusig2Participants(publicKey(1), keys));
        }
    }

    @Test
    void valuesOfAnotherLengthAreRefusedWhereTheyAreMade() {
        Bytes tooShort = HASH.slice(0, 31);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PSBT.inputs().getFirst().withTapMerkleRoot(tooShort));
        assertThatIllegalArgumentException().isThrownBy(() -> new TapScriptKey(KEY, tooShort));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TapDerivation(List.of(tooShort), ORIGIN));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new KeyOrigin(tooShort, DerivationPath.of()));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Musig2Key(publicKey(1), publicKey(2), Optional.of(tooShort)));
        assertThatIllegalArgumentException().isThrownBy(() -> new TapTreeLeaves(List.of()));
    }
}
