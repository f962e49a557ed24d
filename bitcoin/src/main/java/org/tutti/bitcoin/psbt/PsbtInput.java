package org.tutti.bitcoin.psbt;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.psbt.Fields.In;
import org.tutti.bitcoin.psbt.PsbtException.Code;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.LockTime;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.Sequence;
import org.tutti.bitcoin.tx.SighashType;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.keys.XOnlyPublicKey;
import org.tutti.musig.musig.PartialSignature;
import org.tutti.musig.musig.PublicNonce;
import org.tutti.musig.taproot.TapLeaf;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// One input of a PSBT, and what signers need to know of it.
///
/// Immutable: each `with…` returns an input that has the field, in place of the one of the same key
/// if there was one. Maps are sorted by the bytes of their keys, and are made at each call. Safe
/// for threads.
public final class PsbtInput {
    /// What BIP174 has a finaliser keep, the two UTXOs, and what BIP370 needs for the transaction.
    private static final Set<FieldType<?, ?>> KEPT_WHEN_FINAL =
            Set.of(
                    In.NON_WITNESS_UTXO,
                    In.WITNESS_UTXO,
                    In.PREVIOUS_TXID,
                    In.OUTPUT_INDEX,
                    In.SEQUENCE,
                    In.REQUIRED_TIME_LOCKTIME,
                    In.REQUIRED_HEIGHT_LOCKTIME,
                    In.PROPRIETARY);

    private static final List<FieldType<?, ?>> ONLY_IN_VERSION_2 =
            List.of(
                    In.PREVIOUS_TXID,
                    In.OUTPUT_INDEX,
                    In.SEQUENCE,
                    In.REQUIRED_TIME_LOCKTIME,
                    In.REQUIRED_HEIGHT_LOCKTIME);

    private final int version;
    private final OutPoint outPoint;
    private final Sequence sequence;
    private final PsbtMap map;
    private final Optional<TxOut> prevout;

    private PsbtInput(
            int version,
            OutPoint outPoint,
            Sequence sequence,
            PsbtMap map,
            Optional<TxOut> prevout) {
        this.version = version;
        this.outPoint = outPoint;
        this.sequence = sequence;
        this.map = map;
        this.prevout = prevout;
    }

    /// An input of version 0.
    ///
    /// @param map checked
    static PsbtInput version0(TxIn input, PsbtMap map) throws PsbtException {
        return new PsbtInput(
                0, input.outPoint(), input.sequence(), map, prevout(map, input.outPoint()));
    }

    /// An input of version 2.
    ///
    /// @param map checked
    static PsbtInput version2(PsbtMap map) throws PsbtException {
        OutPoint outPoint =
                new OutPoint(
                        map.get(In.PREVIOUS_TXID).orElseThrow(),
                        map.get(In.OUTPUT_INDEX).orElseThrow());
        // BIP370: "If omitted, the sequence number is assumed to be the final sequence number".
        Sequence sequence = map.get(In.SEQUENCE).map(Sequence::of).orElse(Sequence.FINAL);
        return new PsbtInput(2, outPoint, sequence, map, prevout(map, outPoint));
    }

    /// An input of version 2 with nothing but what it spends.
    static PsbtInput spending(OutPoint outPoint, Sequence sequence, TxOut witnessUtxo) {
        PsbtMap map =
                withOutPoint(PsbtMap.empty(In.ALL), outPoint, sequence)
                        .with(In.WITNESS_UTXO, witnessUtxo);
        return new PsbtInput(2, outPoint, sequence, map, Optional.of(witnessUtxo));
    }

    private static PsbtMap withOutPoint(PsbtMap map, OutPoint outPoint, Sequence sequence) {
        return map.with(In.PREVIOUS_TXID, outPoint.txid())
                .with(In.OUTPUT_INDEX, outPoint.vout())
                .with(In.SEQUENCE, sequence.value());
    }

    private static Optional<TxOut> prevout(PsbtMap map, OutPoint outPoint) throws PsbtException {
        Optional<TxOut> told = map.get(In.WITNESS_UTXO);
        Optional<Transaction> transaction = map.get(In.NON_WITNESS_UTXO);
        if (transaction.isEmpty()) {
            return told;
        }
        // BIP174: "If a non-witness UTXO is provided, its hash must match the hash specified in the
        // prevout".
        if (!transaction.get().txid().equals(outPoint.txid())) {
            throw new PsbtException(
                    Code.OTHER_PREVOUT, "the non-witness UTXO is another transaction");
        }
        List<TxOut> outputs = transaction.get().outputs();
        if (outPoint.vout() >= outputs.size()) {
            throw new PsbtException(
                    Code.OTHER_PREVOUT, "the non-witness UTXO has no output " + outPoint.vout());
        }
        TxOut spent = outputs.get((int) outPoint.vout());
        if (told.isPresent() && !told.get().equals(spent)) {
            throw new PsbtException(
                    Code.OTHER_PREVOUT,
                    "the witness UTXO is not the output of the non-witness UTXO");
        }
        return Optional.of(spent);
    }

    /// What is spent.
    public OutPoint outPoint() {
        return outPoint;
    }

    public Sequence sequence() {
        return sequence;
    }

    /// The height that the input requires as lock time at least (BIP370, version 2 alone).
    public Optional<LockTime> requiredHeight() {
        return map.get(In.REQUIRED_HEIGHT_LOCKTIME).map(LockTime::of);
    }

    /// The time that the input requires as lock time at least (BIP370, version 2 alone).
    public Optional<LockTime> requiredTime() {
        return map.get(In.REQUIRED_TIME_LOCKTIME).map(LockTime::of);
    }

    /// The output that is spent, from either of the two UTXO fields. Where only a witness UTXO is
    /// there, nobody has shown that the output is like that: a Taproot signature commits to it and
    /// is worth nothing if it is not (BIP371), a signature of another kind does not.
    public Optional<TxOut> prevout() {
        return prevout;
    }

    /// The transaction whose output is spent: its id is the outpoint's.
    public Optional<Transaction> nonWitnessUtxo() {
        return map.get(In.NON_WITNESS_UTXO);
    }

    public Optional<TxOut> witnessUtxo() {
        return map.get(In.WITNESS_UTXO);
    }

    /// The sighash type that signatures must have, as it stands there: a Taproot input may name one
    /// that Taproot does not know.
    public Optional<Long> sighashTypeNumber() {
        return map.get(In.SIGHASH_TYPE);
    }

    /// The sighash type that a Taproot signature must have: [SighashType#DEFAULT] where none is
    /// named.
    ///
    /// @throws PsbtException BAD_SIGHASH_TYPE for a number that Taproot does not know
    public SighashType sighashType() throws PsbtException {
        long number = sighashTypeNumber().orElse(0L);
        return SighashType.of((int) Math.min(number, Integer.MAX_VALUE))
                .orElseThrow(() ->
                        new PsbtException(
                                Code.BAD_SIGHASH_TYPE, "no sighash type of Taproot: " + number));
    }

    /// ECDSA signatures by public key, 33 or 65 bytes. Nothing of them is checked.
    public Map<Bytes, Bytes> partialSigs() {
        return map.all(In.PARTIAL_SIG);
    }

    public Optional<Script> redeemScript() {
        return map.get(In.REDEEM_SCRIPT);
    }

    public Optional<Script> witnessScript() {
        return map.get(In.WITNESS_SCRIPT);
    }

    /// Where the keys of ECDSA come from, by public key, 33 or 65 bytes.
    public Map<Bytes, KeyOrigin> bip32Derivations() {
        return map.all(In.BIP32_DERIVATION);
    }

    public Optional<Script> finalScriptSig() {
        return map.get(In.FINAL_SCRIPTSIG);
    }

    /// The final witness, bottom of the stack first.
    public Optional<List<Bytes>> finalWitness() {
        return map.get(In.FINAL_SCRIPTWITNESS);
    }

    /// Whether scriptSig or witness are final.
    public boolean isFinal() {
        return finalScriptSig().isPresent() || finalWitness().isPresent();
    }

    /// The signature for the key path. Nothing says that it is valid.
    public Optional<TaprootSignature> tapKeySig() {
        return map.get(In.TAP_KEY_SIG);
    }

    /// Signatures in leaves. Nothing says that they are valid.
    public Map<TapScriptKey, TaprootSignature> tapScriptSigs() {
        return map.all(In.TAP_SCRIPT_SIG);
    }

    /// Leaves by their control blocks (BIP341), 33 + 32·m bytes. Nothing says that they are the
    /// output's.
    public Map<Bytes, TapLeaf> tapLeafScripts() {
        return map.all(In.TAP_LEAF_SCRIPT);
    }

    /// How the keys of the output are derived: the output key, the internal key, those in leaves,
    /// and, of MuSig2, the participants' and the aggregate's descendants (BIP373).
    public Map<XOnlyPublicKey, TapDerivation> tapDerivations() {
        return map.all(In.TAP_BIP32_DERIVATION);
    }

    /// The key before the tweak. Nothing says that it is the output's.
    public Optional<XOnlyPublicKey> tapInternalKey() {
        return map.get(In.TAP_INTERNAL_KEY);
    }

    /// 32 bytes: the root of the script tree, where there is one.
    public Optional<Bytes> tapMerkleRoot() {
        return map.get(In.TAP_MERKLE_ROOT);
    }

    /// Participants by their aggregate key, in the order in which they are aggregated. Nothing says
    /// that it is their aggregate: [org.tutti.musig.musig.KeyAggContext] does.
    public Map<PublicKey, List<PublicKey>> musig2Participants() {
        return map.all(In.MUSIG2_PARTICIPANT_PUBKEYS);
    }

    public Map<Musig2Key, PublicNonce> musig2PubNonces() {
        return map.all(In.MUSIG2_PUB_NONCE);
    }

    /// Nothing says that they are valid.
    public Map<Musig2Key, PartialSignature> musig2PartialSigs() {
        return map.all(In.MUSIG2_PARTIAL_SIG);
    }

    /// Fields whose meaning their users define.
    public Map<Proprietary, Bytes> proprietary() {
        return map.all(In.PROPRIETARY);
    }

    /// All fields, in their order.
    public List<PsbtField> fields() {
        return map.fields();
    }

    /// Fields of types that are not known here; they are kept.
    public List<PsbtField> unknownFields() {
        return map.unknown();
    }

    /// @throws PsbtException OTHER_PREVOUT if the non-witness UTXO says something else
    public PsbtInput withWitnessUtxo(TxOut utxo) throws PsbtException {
        return withUtxo(map.with(In.WITNESS_UTXO, utxo));
    }

    /// @throws PsbtException OTHER_PREVOUT if it is not the transaction whose output is spent, or
    ///   the witness UTXO says something else
    public PsbtInput withNonWitnessUtxo(Transaction transaction) throws PsbtException {
        return withUtxo(map.with(In.NON_WITNESS_UTXO, transaction));
    }

    private PsbtInput withUtxo(PsbtMap changed) throws PsbtException {
        return new PsbtInput(version, outPoint, sequence, changed, prevout(changed, outPoint));
    }

    public PsbtInput withSighashType(SighashType type) {
        return with(map.with(In.SIGHASH_TYPE, (long) type.value()));
    }

    public PsbtInput withTapInternalKey(XOnlyPublicKey key) {
        return with(map.with(In.TAP_INTERNAL_KEY, key));
    }

    /// @param root 32 bytes
    /// @throws IllegalArgumentException for another length
    public PsbtInput withTapMerkleRoot(Bytes root) {
        return with(map.with(In.TAP_MERKLE_ROOT, root.requireLength(32, "a merkle root")));
    }

    public PsbtInput withTapDerivation(XOnlyPublicKey key, TapDerivation derivation) {
        return with(map.with(In.TAP_BIP32_DERIVATION, key, derivation));
    }

    /// @param participants in the order in which they are aggregated, sorted if they are sorted
    ///   then
    /// @throws IllegalArgumentException for none, or more than an aggregate has
    public PsbtInput withMusig2Participants(PublicKey aggregate, List<PublicKey> participants) {
        Codecs.requireParticipants(participants);
        return with(map.with(In.MUSIG2_PARTICIPANT_PUBKEYS, aggregate, participants));
    }

    public PsbtInput withMusig2PubNonce(Musig2Key key, PublicNonce nonce) {
        return with(map.with(In.MUSIG2_PUB_NONCE, key, nonce));
    }

    /// Any field, known or not, in place of the one of the same key.
    ///
    /// @throws PsbtException FORBIDDEN_FIELD, BAD_KEY or BAD_VALUE if it is not what its type says,
    ///   OTHER_PREVOUT if it contradicts another
    /// @throws IllegalArgumentException for what the transaction is made of: an input of another
    ///   outpoint is another input
    public PsbtInput withField(PsbtField field) throws PsbtException {
        if (version == 2
                && (field.type() == In.PREVIOUS_TXID.type()
                        || field.type() == In.OUTPUT_INDEX.type())) {
            throw new IllegalArgumentException("what an input spends does not change");
        }
        PsbtMap changed = map.with(field, version);
        return version == 2 ? version2(changed) : withUtxo(changed);
    }

    PsbtInput withTapKeySig(TaprootSignature signature) {
        return with(map.with(In.TAP_KEY_SIG, signature));
    }

    PsbtInput withMusig2PartialSig(Musig2Key key, PartialSignature signature) {
        return with(map.with(In.MUSIG2_PARTIAL_SIG, key, signature));
    }

    /// BIP174: "All other data except the UTXO and unknown fields in the input key-value map should
    /// be cleared from the PSBT."
    PsbtInput finalised(List<Bytes> witness) {
        return with(map.keeping(KEPT_WHEN_FINAL::contains).with(In.FINAL_SCRIPTWITNESS, witness));
    }

    private PsbtInput with(PsbtMap changed) {
        return new PsbtInput(version, outPoint, sequence, changed, prevout);
    }

    PsbtInput asVersion2() {
        return version == 2
                ? this
                : new PsbtInput(
                        2, outPoint, sequence, withOutPoint(map, outPoint, sequence), prevout);
    }

    PsbtInput asVersion0() {
        return new PsbtInput(0, outPoint, sequence, map.without(ONLY_IN_VERSION_2), prevout);
    }

    /// All that both know.
    PsbtInput union(PsbtInput other, String place) throws PsbtException {
        try {
            PsbtMap both = map.union(other.map);
            return version == 2 ? version2(both) : withUtxo(both);
        } catch (PsbtException e) {
            throw e.in(place);
        }
    }

    /// The input of the finished transaction.
    TxIn signed() {
        return new TxIn(
                outPoint,
                finalScriptSig().orElse(Script.EMPTY),
                sequence,
                finalWitness().orElse(List.of()));
    }

    PsbtMap map() {
        return map;
    }

    /// Whether both spend the same output, in the same version of the format.
    boolean isSameInput(PsbtInput other) {
        return version == other.version
                && outPoint.equals(other.outPoint)
                && (version == 2 || sequence.equals(other.sequence));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PsbtInput input && isSameInput(input) && map.equals(input.map);
    }

    @Override
    public int hashCode() {
        return Objects.hash(outPoint, map);
    }

    @Override
    public String toString() {
        return outPoint + " with " + map.size() + " fields";
    }
}
