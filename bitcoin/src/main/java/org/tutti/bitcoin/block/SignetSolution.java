package org.tutti.bitcoin.block;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.codec.WireReader;
import org.tutti.bitcoin.codec.WireWriter;
import org.tutti.bitcoin.hash.MerkleNode;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.interpreter.ScriptFlag;
import org.tutti.bitcoin.interpreter.ScriptInterpreter;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.script.ScriptReader;
import org.tutti.bitcoin.tx.LockTime;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.Sequence;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.Sat;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Whether a signet's block was signed by those whom its challenge names (BIP325; Bitcoin Core
/// `CheckSignetBlockSolution`).
///
/// The signature lies in the coinbase, behind the witness commitment, and signs the block without
/// itself: version, parent, time, and a Merkle root for which it was taken out of the coinbase. Not
/// the nonce, so that it is made before the work; and not the bits.
public final class SignetSolution {
    /// BIP325: "a four-byte 'signet header' (0xecc7daa2)".
    private static final Bytes HEADER = Bytes.fromHex("ecc7daa2");

    /// Bitcoin Core, `BLOCK_SCRIPT_VERIFY_FLAGS`.
    private static final Set<ScriptFlag> FLAGS =
            EnumSet.of(
                    ScriptFlag.P2SH, ScriptFlag.WITNESS, ScriptFlag.DERSIG, ScriptFlag.NULLDUMMY);

    private static final int OP_PUSHDATA1 = 0x4c;
    private static final int OP_PUSHDATA2 = 0x4d;
    private static final int OP_PUSHDATA4 = 0x4e;
    private static final Script OP_0 = Script.fromHex("00");
    private static final Script OP_RETURN = Script.fromHex("6a");

    private SignetSolution() {}

    /// The two transactions of BIP325 that a block's solution is a signature in.
    ///
    /// @param toSpend its output has the challenge
    /// @param toSign spends it with the solution
    public record Transactions(Transaction toSpend, Transaction toSign) {}

    /// Whether the block carries a solution of the challenge. The genesis block, which has none, is
    /// not asked about.
    public static boolean holds(Block block, Script challenge) {
        Optional<Transactions> transactions = transactions(block, challenge);
        return transactions.isPresent()
                && ScriptInterpreter.verify(
                                transactions.get().toSign(),
                                transactions.get().toSpend().outputs(),
                                0,
                                FLAGS)
                        .isEmpty();
    }

    /// What the solution of a block signs; nothing where the block has no witness commitment, or
    /// its solution cannot be read. A block without a solution has an empty one: it holds for the
    /// challenge OP_TRUE.
    public static Optional<Transactions> transactions(Block block, Script challenge) {
        if (block.transactions().isEmpty()) {
            return Optional.empty();
        }
        Transaction coinbase = block.transactions().getFirst();
        int index = BlockCheck.witnessCommitmentIndex(coinbase);
        if (index < 0) {
            return Optional.empty();
        }
        Section section = section(coinbase.outputs().get(index).scriptPubKey());
        Script scriptSig = Script.EMPTY;
        List<Bytes> witness = List.of();
        if (section.solution().isPresent()) {
            // BIP325: "the scriptSig and scriptWitness of the spending transaction", serialised one
            // after the other, and nothing else.
            WireReader in = new WireReader(section.solution().get());
            try {
                scriptSig = Script.read(in, "signet scriptSig");
                witness = readWitness(in);
                in.requireEnd();
            } catch (DecodeException _) {
                return Optional.empty();
            }
        }
        Bytes blockData = blockData(block, withScript(coinbase, index, section.rest()));
        Transaction toSpend =
                new Transaction(
                        0,
                        List.of(
                                new TxIn(
                                        OutPoint.COINBASE,
                                        Script.of(Bytes.concat(OP_0.bytes(), push(blockData))),
                                        Sequence.ZERO,
                                        List.of())),
                        List.of(new TxOut(Sat.ZERO, challenge)),
                        LockTime.NONE);
        Transaction toSign =
                new Transaction(
                        0,
                        List.of(
                                new TxIn(
                                        new OutPoint(toSpend.txid(), 0),
                                        scriptSig,
                                        Sequence.ZERO,
                                        witness)),
                        List.of(new TxOut(Sat.ZERO, OP_RETURN)),
                        LockTime.NONE);
        return Optional.of(new Transactions(toSpend, toSign));
    }

    private static List<Bytes> readWitness(WireReader in) throws DecodeException {
        int count = in.count(1, "signet witness items");
        List<Bytes> witness = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            witness.add(in.varBytes("signet witness item"));
        }
        return witness;
    }

    /// A commitment script without the solution, and the solution.
    private record Section(Script rest, Optional<Bytes> solution) {}

    /// Bitcoin Core, `FetchAndClearCommitmentSection`: the first push that begins with the signet
    /// header and has more bytes; what is left of it is the header alone. A script without one
    /// stays as it is.
    private static Section section(Script commitment) {
        List<Bytes> rest = new ArrayList<>();
        Optional<Bytes> solution = Optional.empty();
        ScriptReader reader = new ScriptReader(commitment);
        while (reader.next()) {
            Bytes data = reader.data();
            if (data.isEmpty()) {
                rest.add(Bytes.wrap(new byte[] {(byte) reader.opcode()}));
            } else if (solution.isEmpty() && startsWithHeader(data)) {
                solution = Optional.of(data.slice(HEADER.length(), data.length()));
                rest.add(push(HEADER));
            } else {
                rest.add(push(data));
            }
        }
        return solution.isEmpty()
                ? new Section(commitment, solution)
                : new Section(Script.of(Bytes.concat(rest.toArray(Bytes[]::new))), solution);
    }

    private static boolean startsWithHeader(Bytes data) {
        return data.length() > HEADER.length() && data.slice(0, HEADER.length()).equals(HEADER);
    }

    private static Transaction withScript(Transaction coinbase, int index, Script script) {
        List<TxOut> outputs = new ArrayList<>(coinbase.outputs());
        outputs.set(index, new TxOut(outputs.get(index).value(), script));
        return new Transaction(coinbase.version(), coinbase.inputs(), outputs, coinbase.lockTime());
    }

    /// BIP325: "nVersion, hashPrevBlock, hashMerkleRoot, nTime" of the block with this coinbase.
    private static Bytes blockData(Block block, Transaction coinbase) {
        List<Txid> txids = new ArrayList<>(block.txids());
        txids.set(0, coinbase.txid());
        MerkleNode root = MerkleTree.rootOf(txids).hash();
        WireWriter out = new WireWriter(4 + 32 + 32 + 4);
        out.i32(block.header().version());
        block.header().previous().write(out);
        root.write(out);
        out.u32(block.header().time());
        return out.toBytes();
    }

    /// Bitcoin Core, `CScript::operator<<` for bytes.
    private static Bytes push(Bytes data) {
        WireWriter out = new WireWriter(5 + data.length());
        int length = data.length();
        if (length < OP_PUSHDATA1) {
            out.u8(length);
        } else if (length <= 0xff) {
            out.u8(OP_PUSHDATA1).u8(length);
        } else if (length <= 0xffff) {
            out.u8(OP_PUSHDATA2).u16(length);
        } else {
            out.u8(OP_PUSHDATA4).u32(length);
        }
        return out.bytes(data).toBytes();
    }
}
