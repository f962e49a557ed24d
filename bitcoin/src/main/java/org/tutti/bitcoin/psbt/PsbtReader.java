package org.tutti.bitcoin.psbt;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.codec.WireReader;
import org.tutti.bitcoin.psbt.Fields.Global;
import org.tutti.bitcoin.psbt.Fields.In;
import org.tutti.bitcoin.psbt.Fields.Out;
import org.tutti.bitcoin.psbt.PsbtException.Code;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.bitcoin.tx.TxOut;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Reads one PSBT. Not thread-safe: one reader, one PSBT.
final class PsbtReader {
    /// BIP174: "psbt" in ASCII, then 0xff.
    static final Bytes MAGIC = Bytes.fromHex("70736274ff");

    /// The least bytes of an input's map in version 2: txid, index, separator.
    private static final int LEAST_INPUT_BYTES = (3 + 32) + (3 + 4) + 1;

    /// The least bytes of an output's map in version 2: amount, script, separator.
    private static final int LEAST_OUTPUT_BYTES = (3 + 8) + 3 + 1;

    private final WireReader in;
    private final FieldBudget budget = new FieldBudget();

    private PsbtReader(byte[] bytes) {
        in = new WireReader(bytes);
    }

    static Psbt read(byte[] bytes, int maxBytes) throws PsbtException {
        if (bytes.length > maxBytes) {
            throw new PsbtException(Code.TOO_LARGE, bytes.length + " bytes, at most " + maxBytes);
        }
        try {
            return new PsbtReader(bytes).read();
        } catch (DecodeException e) {
            throw new PsbtException(code(e), String.valueOf(e.getMessage()), e);
        }
    }

    /// Why the framing is no PSBT's; what is wrong with a field is said by its type.
    private static Code code(DecodeException e) {
        return switch (e.code()) {
            case TRUNCATED -> Code.TRUNCATED;
            case TRAILING_BYTES -> Code.TRAILING_BYTES;
            case NON_MINIMAL_SIZE -> Code.NON_MINIMAL_SIZE;
            case TOO_LARGE -> Code.TOO_LARGE;
            case BAD_VALUE, BAD_CHECKSUM -> Code.BAD_VALUE;
        };
    }

    private Psbt read() throws DecodeException, PsbtException {
        if (in.remaining() < MAGIC.length() || !in.bytes(MAGIC.length()).equals(MAGIC)) {
            throw new PsbtException(Code.BAD_MAGIC, "does not begin as a PSBT");
        }
        PsbtMap global = PsbtMap.read(in, Global.ALL, budget);
        int version = version(global);
        global.check(version);
        Psbt psbt = version == 0 ? version0(global) : version2(global);
        in.requireEnd();
        return psbt;
    }

    /// BIP174: "If a parser encounters a version number it does not recognize, it should exit
    /// immediately".
    private static int version(PsbtMap global) throws PsbtException {
        global.check(Global.VERSION);
        long version = global.get(Global.VERSION).orElse(0L);
        if (version != 0 && version != 2) {
            throw new PsbtException(Code.UNKNOWN_VERSION, "version " + version);
        }
        return (int) version;
    }

    private Psbt version0(PsbtMap global) throws DecodeException, PsbtException {
        Transaction transaction = global.get(Global.UNSIGNED_TX).orElseThrow();
        List<PsbtInput> inputs = new ArrayList<>();
        for (TxIn input : transaction.inputs()) {
            try {
                inputs.add(PsbtInput.version0(input, map(In.ALL, 0)));
            } catch (PsbtException e) {
                throw e.in("input " + inputs.size());
            }
        }
        List<PsbtOutput> outputs = new ArrayList<>();
        for (TxOut output : transaction.outputs()) {
            try {
                outputs.add(PsbtOutput.version0(output, map(Out.ALL, 0)));
            } catch (PsbtException e) {
                throw e.in("output " + outputs.size());
            }
        }
        return Psbt.version0(global, transaction, inputs, outputs);
    }

    private Psbt version2(PsbtMap global) throws DecodeException, PsbtException {
        long inputCount = global.get(Global.INPUT_COUNT).orElseThrow();
        long outputCount = global.get(Global.OUTPUT_COUNT).orElseThrow();
        requireRoom(inputCount, LEAST_INPUT_BYTES, "inputs");
        requireRoom(outputCount, LEAST_OUTPUT_BYTES, "outputs");
        List<PsbtInput> inputs = new ArrayList<>();
        while (inputs.size() < inputCount) {
            try {
                inputs.add(PsbtInput.version2(map(In.ALL, 2)));
            } catch (PsbtException e) {
                throw e.in("input " + inputs.size());
            }
        }
        List<PsbtOutput> outputs = new ArrayList<>();
        while (outputs.size() < outputCount) {
            try {
                outputs.add(PsbtOutput.version2(map(Out.ALL, 2)));
            } catch (PsbtException e) {
                throw e.in("output " + outputs.size());
            }
        }
        return Psbt.version2(global, inputs, outputs);
    }

    private void requireRoom(long count, int leastBytes, String what) throws PsbtException {
        if (count > in.remaining() / leastBytes) {
            throw new PsbtException(
                    Code.TOO_LARGE,
                    count + " " + what + " cannot stand in " + in.remaining() + " bytes");
        }
    }

    private PsbtMap map(Map<Long, FieldType<?, ?>> table, int version)
            throws DecodeException, PsbtException {
        PsbtMap map = PsbtMap.read(in, table, budget);
        map.check(version);
        return map;
    }
}
