package org.tutti.bitcoin;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.codec.WireReader;
import org.tutti.bitcoin.tx.SighashType;
import org.tutti.bitcoin.tx.Transaction;

import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// Just enough of a PSBT reader (BIP174) for the vectors: maps of whole keys to values.
final class MiniPsbt {
    static final int WITNESS_UTXO = 0x01;
    static final int SIGHASH_TYPE = 0x03;
    static final int TAP_LEAF_SCRIPT = 0x15;
    static final int TAP_BIP32_DERIVATION = 0x16;
    static final int TAP_INTERNAL_KEY = 0x17;
    static final int TAP_MERKLE_ROOT = 0x18;
    static final int MUSIG2_PARTICIPANTS = 0x1a;
    static final int MUSIG2_PUB_NONCE = 0x1b;
    static final int MUSIG2_PARTIAL_SIG = 0x1c;

    final Transaction transaction;
    final List<Map<Bytes, Bytes>> inputs = new ArrayList<>();

    MiniPsbt(String base64) throws DecodeException {
        WireReader in = new WireReader(Base64.getDecoder().decode(base64));
        if (!in.bytes(5).equals(Bytes.fromHex("70736274ff"))) {
            throw new IllegalStateException("no PSBT");
        }
        Map<Bytes, Bytes> global = map(in);
        transaction =
                Transaction.parseWithoutWitness(
                        Objects.requireNonNull(global.get(Bytes.fromHex("00"))));
        for (int i = 0; i < transaction.inputs().size(); i++) {
            inputs.add(map(in));
        }
    }

    private static Map<Bytes, Bytes> map(WireReader in) throws DecodeException {
        Map<Bytes, Bytes> map = new LinkedHashMap<>();
        for (Bytes key = in.varBytes("key"); !key.isEmpty(); key = in.varBytes("key")) {
            map.put(key, in.varBytes("value"));
        }
        return map;
    }

    /// Takes in what another copy of the same PSBT has.
    void merge(MiniPsbt other) {
        for (int i = 0; i < inputs.size(); i++) {
            inputs.get(i).putAll(other.inputs.get(i));
        }
    }

    /// The entries of one type: key data to value.
    Map<Bytes, Bytes> entries(int input, int type) {
        Map<Bytes, Bytes> found = new LinkedHashMap<>();
        inputs.get(input)
                .forEach((key, value) -> {
                    if (key.get(0) == (byte) type) {
                        found.put(key.slice(1, key.length()), value);
                    }
                });
        return found;
    }

    /// The type that the input is to be signed with (BIP174 `PSBT_IN_SIGHASH_TYPE`, four bytes,
    /// little-endian); DEFAULT where none is named (BIP371).
    SighashType sighashType(int input) {
        Optional<Bytes> named = single(input, SIGHASH_TYPE);
        if (named.isEmpty()) {
            return SighashType.DEFAULT;
        }
        Bytes type = named.get().requireLength(4, "a sighash type");
        if (!type.slice(1, 4).equals(Bytes.wrap(new byte[3]))) {
            throw new IllegalStateException("no sighash type of Taproot: " + type);
        }
        return SighashType.of(type.get(0) & 0xff).orElseThrow();
    }

    /// Names the type that the input is to be signed with.
    void setSighashType(int input, SighashType type) {
        inputs.get(input)
                .put(
                        Bytes.wrap(new byte[] {SIGHASH_TYPE}),
                        Bytes.wrap(new byte[] {(byte) type.value(), 0, 0, 0}));
    }

    Optional<Bytes> single(int input, int type) {
        return Optional.ofNullable(entries(input, type).get(Bytes.EMPTY));
    }
}
