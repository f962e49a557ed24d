package org.tutti.bitcoin.tx;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.codec.Sha256;
import org.tutti.bitcoin.codec.WireWriter;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiConsumer;

/// What a Taproot signature signs: BIP341 "Common signature message", and BIP342's extension for
/// script leaves.
///
/// The parts that all inputs share are hashed once, when the object is made, so that many inputs do
/// not cost quadratic time. Amounts and scripts of *all* prevouts go into the hash: a lie about one
/// of them makes the signature invalid.
public final class TaprootSighash {
    /// BIP342: the code separator position when none was executed.
    public static final long NO_CODE_SEPARATOR = 0xffff_ffffL;

    private static final int EPOCH = 0;
    private static final int KEY_PATH = 0;
    private static final int SCRIPT_PATH = 1;
    private static final int LEAF_KEY_VERSION = 0;

    private final Transaction transaction;
    private final List<TxOut> prevouts;
    private final byte[] shaPrevouts;
    private final byte[] shaAmounts;
    private final byte[] shaScripts;
    private final byte[] shaSequences;
    private final byte[] shaOutputs;

    private TaprootSighash(Transaction transaction, List<TxOut> prevouts) {
        this.transaction = transaction;
        this.prevouts = List.copyOf(prevouts);
        shaPrevouts = sha(transaction.inputs(), (in, out) -> in.outPoint().write(out));
        shaAmounts = sha(prevouts, (prevout, out) -> out.i64(prevout.value().value()));
        shaScripts = sha(prevouts, (prevout, out) -> prevout.scriptPubKey().write(out));
        shaSequences = sha(transaction.inputs(), (in, out) -> out.u32(in.sequence().value()));
        shaOutputs = sha(transaction.outputs(), TxOut::write);
    }

    /// @param prevouts the outputs that the inputs spend, one for each input in the same order
    /// @throws IllegalArgumentException if there is not one prevout for each input
    public static TaprootSighash of(Transaction transaction, List<TxOut> prevouts) {
        if (prevouts.size() != transaction.inputs().size()) {
            throw new IllegalArgumentException(
                    transaction.inputs().size() + " inputs but " + prevouts.size() + " prevouts");
        }
        return new TaprootSighash(transaction, prevouts);
    }

    /// The 32 bytes that the output key of one input signs, without annex.
    public static Bytes keyPath(
            Transaction transaction, List<TxOut> prevouts, int inputIndex, SighashType type) {
        return of(transaction, prevouts).keyPath(inputIndex, type, Optional.empty());
    }

    /// The 32 bytes that the output key signs.
    ///
    /// @param annex with its leading 0x50, where the witness has one
    /// @throws IllegalArgumentException for SINGLE without an output of that index, which BIP341
    ///   makes invalid
    public Bytes keyPath(int inputIndex, SighashType type, Optional<Bytes> annex) {
        return input(inputIndex, annex).keyPath(type);
    }

    /// The 32 bytes that a key in a script leaf signs (BIP342).
    ///
    /// @param leafHash 32 bytes, BIP341's hash of leaf version and script
    /// @param codeSeparator opcode position of the last executed OP_CODESEPARATOR, or
    ///   [#NO_CODE_SEPARATOR]
    public Bytes scriptPath(
            int inputIndex,
            SighashType type,
            Optional<Bytes> annex,
            Bytes leafHash,
            long codeSeparator) {
        return input(inputIndex, annex).scriptPath(type, leafHash, codeSeparator);
    }

    /// What the signatures of one input sign. A script may check many of them: what they share is
    /// hashed once here too, as annex and output can be as large as a block.
    ///
    /// @param annex with its leading 0x50, where the witness has one
    public Input input(int inputIndex, Optional<Bytes> annex) {
        return new Input(inputIndex, annex);
    }

    /// The hashes of one input. Not thread-safe.
    public final class Input {
        private final int index;
        private final Optional<byte[]> annexHash;
        private Optional<byte[]> outputHash = Optional.empty();

        private Input(int index, Optional<Bytes> annex) {
            this.index = index;
            annexHash = annex.map(a -> Sha256.single(new WireWriter().varBytes(a).toArray()));
        }

        /// Whether there is anything to sign: not for SINGLE without an output of this index.
        /// BIP341: "Using any undefined hash_type", or SINGLE "without a corresponding output",
        /// makes validation fail.
        public boolean canSign(SighashType type) {
            return !type.singleOutput() || index < transaction.outputs().size();
        }

        /// The 32 bytes that the output key signs.
        ///
        /// @throws IllegalArgumentException if there is nothing to sign
        public Bytes keyPath(SighashType type) {
            return hash(message(type, KEY_PATH));
        }

        /// The 32 bytes that a key in a script leaf signs (BIP342).
        ///
        /// @throws IllegalArgumentException if there is nothing to sign
        public Bytes scriptPath(SighashType type, Bytes leafHash, long codeSeparator) {
            WireWriter message = message(type, SCRIPT_PATH);
            message.bytes(leafHash.requireLength(32, "leaf hash"));
            return hash(message.u8(LEAF_KEY_VERSION).u32(codeSeparator));
        }

        /// BIP341's SigMsg, without the epoch byte.
        WireWriter message(SighashType type, int extension) {
            TxIn input = transaction.inputs().get(index);
            WireWriter out = new WireWriter(256);
            out.u8(type.value()).i32(transaction.version()).u32(transaction.lockTime().value());
            if (!type.anyoneCanPay()) {
                out.bytes(shaPrevouts).bytes(shaAmounts).bytes(shaScripts).bytes(shaSequences);
            }
            if (type.allOutputs()) {
                out.bytes(shaOutputs);
            }
            // "spend_type (1): equal to (ext_flag * 2) + annex_present"
            out.u8(extension * 2 + (annexHash.isPresent() ? 1 : 0));
            if (type.anyoneCanPay()) {
                input.outPoint().write(out);
                prevouts.get(index).write(out);
                out.u32(input.sequence().value());
            } else {
                out.u32(index);
            }
            annexHash.ifPresent(out::bytes);
            if (type.singleOutput()) {
                out.bytes(outputHash());
            }
            return out;
        }

        private byte[] outputHash() {
            if (index >= transaction.outputs().size()) {
                throw new IllegalArgumentException(
                        "SIGHASH_SINGLE for input " + index + " without such an output");
            }
            byte[] known =
                    outputHash.orElseGet(
                            () -> sha(List.of(transaction.outputs().get(index)), TxOut::write));
            outputHash = Optional.of(known);
            return known;
        }
    }

    private static Bytes hash(WireWriter message) {
        return Bytes.wrap(Sha256.tagged("TapSighash", new byte[] {EPOCH}, message.toArray()));
    }

    private static <T> byte[] sha(List<T> items, BiConsumer<T, WireWriter> write) {
        WireWriter out = new WireWriter(64 * items.size());
        items.forEach(item -> write.accept(Objects.requireNonNull(item), out));
        return Sha256.single(out.toArray());
    }
}
