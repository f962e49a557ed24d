package org.tutti.bitcoin.psbt;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.codec.WireWriter;
import org.tutti.bitcoin.psbt.Fields.Global;
import org.tutti.bitcoin.psbt.PsbtException.Code;
import org.tutti.bitcoin.tx.LockTime;
import org.tutti.bitcoin.tx.SighashType;
import org.tutti.bitcoin.tx.TaprootSighash;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.musig.musig.PartialSignature;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/// A partially signed transaction of version 0 (BIP174) or 2 (BIP370), with the fields of Taproot
/// (BIP371) and MuSig2 (BIP373).
///
/// Reading is strict: what is known must be of the form that its BIP says, keys must be points, and
/// transactions of prevouts must be those that are spent. It says nothing about whether signatures,
/// derivations, aggregates or scripts are right, nor whether prevouts exist and are unspent. What
/// is not known is kept. What was read is written as the same bytes; fields that are added to
/// sorted ones leave them sorted.
///
/// What was read keeps at most twelve times as much memory as there were bytes. Reading needs
/// libsecp256k1, and for a megabyte of public nonces, of which each has four points, some 0.3 s.
///
/// Immutable, safe for threads.
public final class Psbt {
    /// The most bytes that are read, unless a caller says otherwise.
    public static final int MAX_BYTES = 1 << 20;

    /// The most fields of all maps together: each takes some 150 bytes of memory beside its own.
    public static final int MAX_FIELDS = 1 << 15;

    private final int version;
    private final PsbtMap global;
    private final int transactionVersion;
    private final LockTime fallbackLockTime;
    private final List<PsbtInput> inputs;
    private final List<PsbtOutput> outputs;

    private Psbt(
            int version,
            PsbtMap global,
            int transactionVersion,
            LockTime fallbackLockTime,
            List<PsbtInput> inputs,
            List<PsbtOutput> outputs) {
        this.version = version;
        this.global = global;
        this.transactionVersion = transactionVersion;
        this.fallbackLockTime = fallbackLockTime;
        this.inputs = List.copyOf(inputs);
        this.outputs = List.copyOf(outputs);
    }

    /// @param global checked
    static Psbt version0(
            PsbtMap global,
            Transaction transaction,
            List<PsbtInput> inputs,
            List<PsbtOutput> outputs) {
        return new Psbt(0, global, transaction.version(), transaction.lockTime(), inputs, outputs);
    }

    /// @param global checked
    static Psbt version2(PsbtMap global, List<PsbtInput> inputs, List<PsbtOutput> outputs) {
        return new Psbt(
                2,
                global,
                global.get(Global.TX_VERSION).orElseThrow(),
                // BIP370: "If PSBT_GLOBAL_FALLBACK_LOCKTIME is not provided, then it is assumed to
                // be 0."
                global.get(Global.FALLBACK_LOCKTIME).map(LockTime::of).orElse(LockTime.NONE),
                inputs,
                outputs);
    }

    /// Reads exactly one PSBT of at most [#MAX_BYTES].
    ///
    /// @throws org.tutti.musig.NativeLibraryException if libsecp256k1 cannot be used here
    public static Psbt parse(byte[] bytes) throws PsbtException {
        return parse(bytes, MAX_BYTES);
    }

    /// Reads exactly one PSBT of at most so many bytes.
    ///
    /// @throws org.tutti.musig.NativeLibraryException if libsecp256k1 cannot be used here
    public static Psbt parse(byte[] bytes, int maxBytes) throws PsbtException {
        return PsbtReader.read(bytes, maxBytes);
    }

    /// Reads exactly one PSBT of at most [#MAX_BYTES] from base64 (RFC 4648 section 4): padded,
    /// without line breaks or anything else around it.
    ///
    /// @throws org.tutti.musig.NativeLibraryException if libsecp256k1 cannot be used here
    public static Psbt parseBase64(String text) throws PsbtException {
        // Four characters for each three bytes that have begun.
        if (text.length() > (MAX_BYTES + 2) / 3 * 4) {
            throw new PsbtException(
                    Code.TOO_LARGE,
                    text.length() + " characters for at most " + MAX_BYTES + " bytes");
        }
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw new PsbtException(Code.BAD_BASE64, "not base64: " + e.getMessage(), e);
        }
        // The JDK's decoder lets padding be left out, and unused bits be set.
        if (!Base64.getEncoder().encodeToString(bytes).equals(text)) {
            throw new PsbtException(Code.BAD_BASE64, "not the base64 of any bytes");
        }
        return parse(bytes);
    }

    /// Creates a PSBT of version 2 for this transaction, to which nobody may add inputs or outputs.
    ///
    /// @param unsigned without scriptSigs and witnesses
    /// @param prevouts the outputs that the inputs spend, one for each input in the same order, of
    ///   segwit or P2SH: others need the whole transaction
    ///   ([PsbtInput#withNonWitnessUtxo(Transaction)])
    /// @throws IllegalArgumentException for anything else
    public static Psbt of(Transaction unsigned, List<TxOut> prevouts) {
        requireUnsigned(unsigned, prevouts);
        List<PsbtInput> inputs = new ArrayList<>();
        for (int i = 0; i < prevouts.size(); i++) {
            TxIn input = unsigned.inputs().get(i);
            inputs.add(PsbtInput.spending(input.outPoint(), input.sequence(), prevouts.get(i)));
        }
        List<PsbtOutput> outputs = unsigned.outputs().stream().map(PsbtOutput::paying).toList();
        PsbtMap global =
                withTransaction(
                        PsbtMap.empty(Global.ALL),
                        unsigned.version(),
                        unsigned.lockTime(),
                        inputs.size(),
                        outputs.size());
        return version2(global, inputs, outputs);
    }

    private static void requireUnsigned(Transaction transaction, List<TxOut> prevouts) {
        if (transaction.inputs().size() != prevouts.size()) {
            throw new IllegalArgumentException(
                    transaction.inputs().size() + " inputs but " + prevouts.size() + " prevouts");
        }
        if (transaction.hasWitness()
                || transaction.inputs().stream().anyMatch(in -> !in.scriptSig().isEmpty())) {
            throw new IllegalArgumentException("the transaction is signed");
        }
        for (TxOut prevout : prevouts) {
            // BIP174: a witness UTXO "should only be present for inputs which spend segwit outputs,
            // including P2SH embedded ones".
            if (!prevout.scriptPubKey().isWitnessProgram() && !prevout.scriptPubKey().isP2sh()) {
                throw new IllegalArgumentException(
                        "not an output of segwit: " + prevout.scriptPubKey());
            }
        }
    }

    private static PsbtMap withTransaction(
            PsbtMap global, int version, LockTime lockTime, int inputs, int outputs) {
        return global.with(Global.TX_VERSION, version)
                // BIP370: "The Creator should also set PSBT_GLOBAL_FALLBACK_LOCKTIME."
                .with(Global.FALLBACK_LOCKTIME, lockTime.value())
                .with(Global.INPUT_COUNT, (long) inputs)
                .with(Global.OUTPUT_COUNT, (long) outputs)
                .with(Global.VERSION, 2L);
    }

    /// The bytes of a file: what was read, with what has changed since.
    public Bytes serialize() {
        WireWriter out = new WireWriter(1024);
        out.bytes(PsbtReader.MAGIC);
        global.write(out);
        inputs.forEach(input -> input.map().write(out));
        outputs.forEach(output -> output.map().write(out));
        return out.toBytes();
    }

    /// The same in base64.
    public String toBase64() {
        return Base64.getEncoder().encodeToString(serialize().toArray());
    }

    /// 0 or 2.
    public int version() {
        return version;
    }

    public List<PsbtInput> inputs() {
        return inputs;
    }

    public List<PsbtOutput> outputs() {
        return outputs;
    }

    /// Whether anybody may add or remove inputs (BIP370 bit 0; not in version 0).
    public boolean inputsModifiable() {
        return Modifiable.of(global).inputs();
    }

    /// Whether anybody may add or remove outputs (BIP370 bit 1; not in version 0).
    public boolean outputsModifiable() {
        return Modifiable.of(global).outputs();
    }

    /// Whether a signature is for the output at its input's place, so that the two must stay
    /// together (BIP370 bit 2; not in version 0).
    public boolean hasSighashSingle() {
        return Modifiable.of(global).sighashSingle();
    }

    /// Where extended public keys come from, by their 78 bytes (BIP32).
    public Map<Bytes, KeyOrigin> xpubs() {
        return global.all(Global.XPUB);
    }

    /// Global fields whose meaning their users define.
    public Map<Proprietary, Bytes> proprietary() {
        return global.all(Global.PROPRIETARY);
    }

    /// All global fields, in their order.
    public List<PsbtField> globalFields() {
        return global.fields();
    }

    /// Global fields of types that are not known here; they are kept.
    public List<PsbtField> unknownGlobalFields() {
        return global.unknown();
    }

    /// The lock time: of version 0 the transaction's, of version 2 what the inputs require.
    ///
    /// @throws PsbtException NO_LOCK_TIME if inputs require what no lock time can be
    public LockTime lockTime() throws PsbtException {
        return version == 0 ? fallbackLockTime : LockTimes.determine(inputs, fallbackLockTime);
    }

    /// The transaction without scriptSigs and witnesses. It is what signers sign, whatever else the
    /// fields say. Whether the network would take it, nobody has looked at:
    /// [org.tutti.bitcoin.tx.TransactionCheck] finds, for one, an output that is spent twice.
    ///
    /// @throws PsbtException NO_LOCK_TIME if inputs require what no lock time can be
    public Transaction unsignedTransaction() throws PsbtException {
        return new Transaction(
                transactionVersion,
                inputs.stream().map(in -> TxIn.unsigned(in.outPoint(), in.sequence())).toList(),
                outputs.stream().map(PsbtOutput::output).toList(),
                lockTime());
    }

    /// The outputs that all inputs spend, in the same order.
    ///
    /// @throws PsbtException MISSING_PREVOUT if one is not told: [#inputsWithoutPrevout()]
    public List<TxOut> prevouts() throws PsbtException {
        List<Integer> missing = inputsWithoutPrevout();
        if (!missing.isEmpty()) {
            throw new PsbtException(
                    Code.MISSING_PREVOUT,
                    missing.size() + " inputs without prevout, the first is " + missing.getFirst());
        }
        return inputs.stream().map(PsbtInput::prevout).map(Optional::orElseThrow).toList();
    }

    /// The indices of the inputs of which nothing says what they spend.
    public List<Integer> inputsWithoutPrevout() {
        return IntStream.range(0, inputs.size())
                .filter(i -> inputs.get(i).prevout().isEmpty())
                .boxed()
                .toList();
    }

    /// What Taproot signatures of all inputs sign. To be kept where there are many inputs: what
    /// they share is hashed once.
    ///
    /// @throws PsbtException MISSING_PREVOUT, because a signature commits to all prevouts;
    ///   NO_LOCK_TIME
    public TaprootSighash taprootSighash() throws PsbtException {
        return TaprootSighash.of(unsignedTransaction(), prevouts());
    }

    /// The 32 bytes that the output key of one input signs, with the sighash type that the input
    /// names.
    ///
    /// @throws PsbtException MISSING_PREVOUT, NO_LOCK_TIME, or BAD_SIGHASH_TYPE for a type that
    ///   Taproot does not know, or SINGLE without such an output
    /// @throws IndexOutOfBoundsException if there is no such input
    public Bytes sighash(int input) throws PsbtException {
        return sighash(taprootSighash(), input, inputs.get(input).sighashType());
    }

    static Bytes sighash(TaprootSighash sighash, int input, SighashType type) throws PsbtException {
        TaprootSighash.Input hashes = sighash.input(input, Optional.empty());
        if (!hashes.canSign(type)) {
            throw new PsbtException(
                    Code.BAD_SIGHASH_TYPE, "input " + input + ": no output for " + type);
        }
        return hashes.keyPath(type);
    }

    /// The same PSBT with another state of one input.
    ///
    /// @throws IllegalArgumentException if it spends something else, or is of the other version
    /// @throws IndexOutOfBoundsException if there is no such input
    public Psbt withInput(int index, PsbtInput input) {
        if (!inputs.get(index).isSameInput(input)) {
            throw new IllegalArgumentException("input " + index + " is another one");
        }
        List<PsbtInput> changed = new ArrayList<>(inputs);
        changed.set(index, input);
        return with(global, changed, outputs);
    }

    /// The same PSBT with one input changed.
    public Psbt withInput(int index, UnaryOperator<PsbtInput> change) {
        return withInput(index, change.apply(inputs.get(index)));
    }

    /// The same PSBT with another state of one output.
    ///
    /// @throws IllegalArgumentException if it pays something else, or is of the other version
    /// @throws IndexOutOfBoundsException if there is no such output
    public Psbt withOutput(int index, PsbtOutput output) {
        if (!outputs.get(index).isSameOutput(output)) {
            throw new IllegalArgumentException("output " + index + " is another one");
        }
        List<PsbtOutput> changed = new ArrayList<>(outputs);
        changed.set(index, output);
        return with(global, inputs, changed);
    }

    /// The same PSBT with one output changed.
    public Psbt withOutput(int index, UnaryOperator<PsbtOutput> change) {
        return withOutput(index, change.apply(outputs.get(index)));
    }

    /// Any global field that says nothing of the transaction, in place of the one of the same key.
    ///
    /// @throws PsbtException BAD_KEY or BAD_VALUE if it is not what its type says
    /// @throws IllegalArgumentException for a field that says something of the transaction
    public Psbt withGlobalField(PsbtField field) throws PsbtException {
        boolean isKnown = Global.ALL.containsKey(field.type());
        if (isKnown
                && field.type() != Global.XPUB.type()
                && field.type() != Global.PROPRIETARY.type()) {
            throw new IllegalArgumentException("the transaction does not change");
        }
        return with(global.with(field, version), inputs, outputs);
    }

    /// With a signature for the key path, which is not looked at; of version 2 says also what may
    /// no longer be changed now (BIP370, "Signer").
    ///
    /// @throws IndexOutOfBoundsException if there is no such input
    public Psbt withTapKeySig(int index, TaprootSignature signature) {
        Psbt signed = withInput(index, input -> input.withTapKeySig(signature));
        return signed.after(signature.type());
    }

    /// With a participant's partial signature, which is not looked at; of version 2 says also what
    /// may no longer be changed now (BIP370, "Signer").
    ///
    /// @throws PsbtException BAD_SIGHASH_TYPE if the input names one that Taproot does not know
    /// @throws IndexOutOfBoundsException if there is no such input
    public Psbt withMusig2PartialSig(int index, Musig2Key key, PartialSignature signature)
            throws PsbtException {
        SighashType type = inputs.get(index).sighashType();
        return withInput(index, input -> input.withMusig2PartialSig(key, signature)).after(type);
    }

    private Psbt after(SighashType type) {
        return with(Modifiable.of(global).after(type).in(global), inputs, outputs);
    }

    private Psbt with(PsbtMap newGlobal, List<PsbtInput> newInputs, List<PsbtOutput> newOutputs) {
        return new Psbt(
                version, newGlobal, transactionVersion, fallbackLockTime, newInputs, newOutputs);
    }

    /// All that this one and another one of the same transaction know, sorted (BIP174, "Combiner").
    /// Of versions 0 and 2 the result is of version 2.
    ///
    /// @throws PsbtException OTHER_TRANSACTION, CONFLICT if both have a key with different values,
    ///   or TOO_LARGE for more than [#MAX_BYTES] or [#MAX_FIELDS]
    public Psbt combine(Psbt other) throws PsbtException {
        return Combiner.combine(this, other);
    }

    /// The same PSBT with one input final, if it has a valid signature for the key path; one that
    /// is final stays as it is (BIP174, "Input Finalizer").
    ///
    /// @throws PsbtException NOT_TAPROOT, NOT_SIGNED, OTHER_SIGHASH_TYPE if the signature has not
    ///   the type that the input names, or, where it names none, does not sign all, BAD_SIGNATURE;
    ///   MISSING_PREVOUT, NO_LOCK_TIME, BAD_SIGHASH_TYPE
    /// @throws IndexOutOfBoundsException if there is no such input
    public Psbt finalizeInput(int index) throws PsbtException {
        return withInput(index, Finalizer.of(this).finalised(index));
    }

    /// The same PSBT with all inputs final.
    ///
    /// @throws PsbtException as [#finalizeInput(int)] for the first input that cannot be
    public Psbt finalizeAll() throws PsbtException {
        Finalizer finalizer = Finalizer.of(this);
        List<PsbtInput> finalised = new ArrayList<>();
        for (int i = 0; i < inputs.size(); i++) {
            finalised.add(finalizer.finalised(i));
        }
        return with(global, finalised, outputs);
    }

    /// The transaction with the scriptSigs and witnesses of its inputs, all of which are final
    /// (BIP174, "Transaction Extractor"). They are not looked at:
    /// [org.tutti.bitcoin.interpreter.ScriptInterpreter] does that.
    ///
    /// @throws PsbtException NOT_FINAL, NO_LOCK_TIME
    public Transaction extract() throws PsbtException {
        List<TxIn> signed = new ArrayList<>();
        for (PsbtInput input : inputs) {
            if (!input.isFinal()) {
                throw new PsbtException(Code.NOT_FINAL, "input " + signed.size() + " is not final");
            }
            signed.add(input.signed());
        }
        return new Transaction(
                transactionVersion,
                signed,
                outputs.stream().map(PsbtOutput::output).toList(),
                lockTime());
    }

    /// The same in version 2; BIP174 wants no version but the highest to be required.
    public Psbt asVersion2() {
        if (version == 2) {
            return this;
        }
        List<PsbtInput> newInputs = inputs.stream().map(PsbtInput::asVersion2).toList();
        List<PsbtOutput> newOutputs = outputs.stream().map(PsbtOutput::asVersion2).toList();
        PsbtMap newGlobal =
                withTransaction(
                        global.without(List.of(Global.UNSIGNED_TX)),
                        transactionVersion,
                        fallbackLockTime,
                        inputs.size(),
                        outputs.size());
        return version2(newGlobal, newInputs, newOutputs);
    }

    /// The same in version 0, for programs that know no other (BIP370, "Backwards Compatibility").
    /// What inputs require of the lock time, and what may be changed, is gone.
    ///
    /// @throws PsbtException NO_LOCK_TIME
    public Psbt asVersion0() throws PsbtException {
        if (version == 0) {
            return this;
        }
        Transaction transaction = unsignedTransaction();
        PsbtMap newGlobal =
                global.keeping(Set.of(Global.XPUB, Global.PROPRIETARY)::contains)
                        .with(Global.UNSIGNED_TX, transaction);
        return version0(
                newGlobal,
                transaction,
                inputs.stream().map(PsbtInput::asVersion0).toList(),
                outputs.stream().map(PsbtOutput::asVersion0).toList());
    }

    PsbtMap global() {
        return global;
    }

    int fieldCount() {
        return global.size()
                + inputs.stream().mapToInt(input -> input.map().size()).sum()
                + outputs.stream().mapToInt(output -> output.map().size()).sum();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Psbt psbt && serialize().equals(psbt.serialize());
    }

    @Override
    public int hashCode() {
        return Objects.hash(version, inputs, outputs);
    }

    @Override
    public String toString() {
        return "PSBT of version "
                + version
                + " with "
                + inputs.size()
                + " inputs and "
                + outputs.size()
                + " outputs";
    }
}
