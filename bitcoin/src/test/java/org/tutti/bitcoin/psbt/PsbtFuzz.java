package org.tutti.bitcoin.psbt;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.Vectors;
import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.codec.WireReader;
import org.tutti.bitcoin.codec.WireWriter;

import tools.jackson.databind.JsonNode;

import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;

/// PSBTs of strangers: only a typed refusal leaves the reader and what works on what it read, and
/// what it read is written as the same bytes.
public final class PsbtFuzz {
    /// What can be tried.
    enum Target {
        /// One PSBT.
        PARSE,
        /// Two of them, the first with its length in front.
        COMBINE
    }

    private static Target target = Target.PARSE;

    private PsbtFuzz() {}

    /// Jazzer says which target is meant.
    public static void fuzzerInitialize(String[] args) {
        target = Target.valueOf(args[0]);
    }

    /// Jazzer tries an input.
    public static void fuzzerTestOneInput(byte[] input) {
        test(target, input);
    }

    static void test(Target what, byte[] input) {
        try {
            switch (what) {
                case PARSE -> parse(input);
                case COMBINE -> combine(input);
            }
        } catch (PsbtException | DecodeException _) {
            // Typed: that is the point.
        }
    }

    static List<byte[]> seeds(Target what) {
        List<byte[]> all = new ArrayList<>();
        for (String file : Vectors.files("psbt", "_psbt_vectors.json")) {
            for (JsonNode each : Vectors.json(file).get("cases")) {
                if (each.has("base64")) {
                    all.add(Base64.getDecoder().decode(each.get("base64").asString()));
                }
            }
        }
        return switch (what) {
            case PARSE -> all;
            case COMBINE -> pairs(all);
        };
    }

    /// Of each two that follow one another, and of each with itself.
    private static List<byte[]> pairs(List<byte[]> all) {
        List<byte[]> pairs = new ArrayList<>();
        for (int i = 1; i < all.size(); i++) {
            pairs.add(pair(all.get(i - 1), all.get(i)));
            pairs.add(pair(all.get(i), all.get(i)));
        }
        return pairs;
    }

    private static byte[] pair(byte[] one, byte[] other) {
        return new WireWriter().varBytes(Bytes.of(one)).bytes(other).toArray();
    }

    private static void parse(byte[] input) throws PsbtException {
        Psbt psbt = Psbt.parse(input);
        require(psbt.serialize().equals(Bytes.of(input)), "another PSBT is written");
        require(Psbt.parseBase64(psbt.toBase64()).equals(psbt), "another PSBT is in base64");
        require(psbt.fieldCount() <= input.length / 3, "more fields than bytes");
        Psbts.readAll(psbt);
        Psbt newer = psbt.asVersion2();
        require(
                Psbt.parse(newer.serialize().toArray(), Integer.MAX_VALUE).equals(newer),
                "another PSBT in version 2");
        each(psbt);
        psbt.unsignedTransaction();
        Psbt older = psbt.asVersion0();
        require(Psbt.parse(older.serialize().toArray()).equals(older), "another PSBT in version 0");
        require(
                older.unsignedTransaction().equals(psbt.unsignedTransaction()),
                "another transaction in version 0");
        require(
                older.unsignedTransaction().txid().equals(newer.unsignedTransaction().txid()),
                "another transaction in version 2");
        require(
                psbt.combine(psbt).unsignedTransaction().equals(psbt.unsignedTransaction()),
                "another transaction when combined with itself");
        psbt.prevouts();
        psbt.taprootSighash();
        psbt.finalizeAll().extract();
    }

    /// What may be refused for each input by itself.
    private static void each(Psbt psbt) {
        for (int i = 0; i < Math.min(psbt.inputs().size(), 3); i++) {
            try {
                psbt.inputs().get(i).sighashType();
                psbt.sighash(i);
                require(psbt.finalizeInput(i).inputs().get(i).isFinal(), "not final");
            } catch (PsbtException _) {
                // The next one may be better.
            }
        }
    }

    private static void combine(byte[] input) throws PsbtException, DecodeException {
        WireReader in = new WireReader(input);
        Psbt one = Psbt.parse(in.varBytes("a PSBT").toArray());
        Psbt other = Psbt.parse(in.bytes(in.remaining()).toArray());
        Psbt both = one.combine(other);
        require(both.equals(other.combine(one)), "the order matters");
        require(Psbt.parse(both.serialize().toArray()).equals(both), "not to be read");
        require(both.combine(one).equals(both), "combining again adds something");
        if (one.version() == other.version()) {
            for (int i = 0; i < both.inputs().size(); i++) {
                HashSet<PsbtField> fields = new HashSet<>(one.inputs().get(i).fields());
                fields.addAll(other.inputs().get(i).fields());
                require(
                        fields.equals(new HashSet<>(both.inputs().get(i).fields())),
                        "not the fields of both");
            }
        }
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }
}
