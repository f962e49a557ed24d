package org.tutti.bitcoin.psbt;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.codec.Sha256;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.psbt.FieldType.Versions;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.LockTime;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.Sat;
import org.tutti.musig.keys.Hash160;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.keys.Ripemd160;
import org.tutti.musig.keys.XOnlyPublicKey;
import org.tutti.musig.musig.PartialSignature;
import org.tutti.musig.musig.PublicNonce;
import org.tutti.musig.taproot.TapLeaf;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The tables of fields in BIP174, BIP370, BIP371 and BIP373. A type that is in none of them is
/// kept as it is.
final class Fields {
    /// The fields of the global map.
    static final class Global {
        static final FieldType<Bytes, Transaction> UNSIGNED_TX =
                FieldType.single(
                        0x00,
                        "PSBT_GLOBAL_UNSIGNED_TX",
                        Versions.ONLY_0_REQUIRED,
                        Codecs.UNSIGNED_TRANSACTION);
        static final FieldType<Bytes, KeyOrigin> XPUB =
                FieldType.many(0x01, "PSBT_GLOBAL_XPUB", Codecs.XPUB, Codecs.ORIGIN)
                        .where(Codecs::depthFits);
        static final FieldType<Bytes, Integer> TX_VERSION =
                FieldType.single(
                        0x02, "PSBT_GLOBAL_TX_VERSION", Versions.ONLY_2_REQUIRED, Codecs.I32);
        static final FieldType<Bytes, Long> FALLBACK_LOCKTIME =
                FieldType.single(
                        0x03, "PSBT_GLOBAL_FALLBACK_LOCKTIME", Versions.ONLY_2, Codecs.U32);
        static final FieldType<Bytes, Long> INPUT_COUNT =
                FieldType.single(
                        0x04,
                        "PSBT_GLOBAL_INPUT_COUNT",
                        Versions.ONLY_2_REQUIRED,
                        Codecs.COMPACT_SIZE);
        static final FieldType<Bytes, Long> OUTPUT_COUNT =
                FieldType.single(
                        0x05,
                        "PSBT_GLOBAL_OUTPUT_COUNT",
                        Versions.ONLY_2_REQUIRED,
                        Codecs.COMPACT_SIZE);
        static final FieldType<Bytes, Integer> TX_MODIFIABLE =
                FieldType.single(0x06, "PSBT_GLOBAL_TX_MODIFIABLE", Versions.ONLY_2, Codecs.U8);
        static final FieldType<Bytes, Long> VERSION =
                FieldType.single(0xfb, "PSBT_GLOBAL_VERSION", Versions.BOTH, Codecs.U32);
        static final FieldType<Proprietary, Bytes> PROPRIETARY = proprietary("PSBT_GLOBAL");

        static final Map<Long, FieldType<?, ?>> ALL =
                byType(
                        UNSIGNED_TX,
                        XPUB,
                        TX_VERSION,
                        FALLBACK_LOCKTIME,
                        INPUT_COUNT,
                        OUTPUT_COUNT,
                        TX_MODIFIABLE,
                        VERSION,
                        PROPRIETARY);

        private Global() {}
    }

    /// The fields of an input's map.
    static final class In {
        static final FieldType<Bytes, Transaction> NON_WITNESS_UTXO =
                FieldType.single(0x00, "PSBT_IN_NON_WITNESS_UTXO", Codecs.TRANSACTION);
        static final FieldType<Bytes, TxOut> WITNESS_UTXO =
                FieldType.single(0x01, "PSBT_IN_WITNESS_UTXO", Codecs.TX_OUT);
        static final FieldType<Bytes, Bytes> PARTIAL_SIG =
                FieldType.many(0x02, "PSBT_IN_PARTIAL_SIG", Codecs.ECDSA_KEY, Codecs.ANY);
        static final FieldType<Bytes, Long> SIGHASH_TYPE =
                FieldType.single(0x03, "PSBT_IN_SIGHASH_TYPE", Codecs.U32);
        static final FieldType<Bytes, Script> REDEEM_SCRIPT =
                FieldType.single(0x04, "PSBT_IN_REDEEM_SCRIPT", Codecs.SCRIPT);
        static final FieldType<Bytes, Script> WITNESS_SCRIPT =
                FieldType.single(0x05, "PSBT_IN_WITNESS_SCRIPT", Codecs.SCRIPT);
        static final FieldType<Bytes, KeyOrigin> BIP32_DERIVATION =
                FieldType.many(0x06, "PSBT_IN_BIP32_DERIVATION", Codecs.ECDSA_KEY, Codecs.ORIGIN);
        static final FieldType<Bytes, Script> FINAL_SCRIPTSIG =
                FieldType.single(0x07, "PSBT_IN_FINAL_SCRIPTSIG", Codecs.SCRIPT);
        static final FieldType<Bytes, List<Bytes>> FINAL_SCRIPTWITNESS =
                FieldType.single(0x08, "PSBT_IN_FINAL_SCRIPTWITNESS", Codecs.WITNESS);
        static final FieldType<Bytes, Bytes> RIPEMD160 =
                preimage(
                        0x0a,
                        "PSBT_IN_RIPEMD160",
                        Codecs.BYTES_20,
                        image -> Bytes.wrap(Ripemd160.of(image.toArray())));
        static final FieldType<Bytes, Bytes> SHA256 =
                preimage(
                        0x0b,
                        "PSBT_IN_SHA256",
                        Codecs.BYTES_32,
                        image -> Bytes.wrap(Sha256.single(image.toArray())));
        static final FieldType<Bytes, Bytes> HASH160 =
                preimage(0x0c, "PSBT_IN_HASH160", Codecs.BYTES_20, Hash160::of);
        static final FieldType<Bytes, Bytes> HASH256 =
                preimage(
                        0x0d,
                        "PSBT_IN_HASH256",
                        Codecs.BYTES_32,
                        image -> Bytes.wrap(Sha256.twice(image.toArray())));
        static final FieldType<Bytes, Txid> PREVIOUS_TXID =
                FieldType.single(
                        0x0e, "PSBT_IN_PREVIOUS_TXID", Versions.ONLY_2_REQUIRED, Codecs.TXID);
        static final FieldType<Bytes, Long> OUTPUT_INDEX =
                FieldType.single(
                        0x0f, "PSBT_IN_OUTPUT_INDEX", Versions.ONLY_2_REQUIRED, Codecs.U32);
        static final FieldType<Bytes, Long> SEQUENCE =
                FieldType.single(0x10, "PSBT_IN_SEQUENCE", Versions.ONLY_2, Codecs.U32);

        /// BIP370: "greater than or equal to 500000000".
        static final FieldType<Bytes, Long> REQUIRED_TIME_LOCKTIME =
                FieldType.single(
                                0x11, "PSBT_IN_REQUIRED_TIME_LOCKTIME", Versions.ONLY_2, Codecs.U32)
                        .where((_, value) -> value >= LockTime.THRESHOLD);

        /// BIP370: "greater than 0 and less than 500000000".
        static final FieldType<Bytes, Long> REQUIRED_HEIGHT_LOCKTIME =
                FieldType.single(
                                0x12,
                                "PSBT_IN_REQUIRED_HEIGHT_LOCKTIME",
                                Versions.ONLY_2,
                                Codecs.U32)
                        .where((_, value) -> value > 0 && value < LockTime.THRESHOLD);

        static final FieldType<Bytes, TaprootSignature> TAP_KEY_SIG =
                FieldType.single(0x13, "PSBT_IN_TAP_KEY_SIG", Codecs.TAPROOT_SIGNATURE);
        static final FieldType<TapScriptKey, TaprootSignature> TAP_SCRIPT_SIG =
                FieldType.many(
                        0x14,
                        "PSBT_IN_TAP_SCRIPT_SIG",
                        Codecs.TAP_SCRIPT_KEY,
                        Codecs.TAPROOT_SIGNATURE);
        static final FieldType<Bytes, TapLeaf> TAP_LEAF_SCRIPT =
                FieldType.many(0x15, "PSBT_IN_TAP_LEAF_SCRIPT", Codecs.CONTROL_BLOCK, Codecs.LEAF);
        static final FieldType<XOnlyPublicKey, TapDerivation> TAP_BIP32_DERIVATION =
                FieldType.many(
                        0x16,
                        "PSBT_IN_TAP_BIP32_DERIVATION",
                        Codecs.X_ONLY_KEY,
                        Codecs.TAP_DERIVATION);
        static final FieldType<Bytes, XOnlyPublicKey> TAP_INTERNAL_KEY =
                FieldType.single(0x17, "PSBT_IN_TAP_INTERNAL_KEY", Codecs.X_ONLY_KEY);
        static final FieldType<Bytes, Bytes> TAP_MERKLE_ROOT =
                FieldType.single(0x18, "PSBT_IN_TAP_MERKLE_ROOT", Codecs.BYTES_32);
        static final FieldType<PublicKey, List<PublicKey>> MUSIG2_PARTICIPANT_PUBKEYS =
                FieldType.many(
                        0x1a,
                        "PSBT_IN_MUSIG2_PARTICIPANT_PUBKEYS",
                        Codecs.PUBLIC_KEY,
                        Codecs.PARTICIPANTS);
        static final FieldType<Musig2Key, PublicNonce> MUSIG2_PUB_NONCE =
                FieldType.many(
                        0x1b, "PSBT_IN_MUSIG2_PUB_NONCE", Codecs.MUSIG2_KEY, Codecs.PUBLIC_NONCE);
        static final FieldType<Musig2Key, PartialSignature> MUSIG2_PARTIAL_SIG =
                FieldType.many(
                        0x1c,
                        "PSBT_IN_MUSIG2_PARTIAL_SIG",
                        Codecs.MUSIG2_KEY,
                        Codecs.PARTIAL_SIGNATURE);
        static final FieldType<Proprietary, Bytes> PROPRIETARY = proprietary("PSBT_IN");

        static final Map<Long, FieldType<?, ?>> ALL =
                byType(
                        NON_WITNESS_UTXO,
                        WITNESS_UTXO,
                        PARTIAL_SIG,
                        SIGHASH_TYPE,
                        REDEEM_SCRIPT,
                        WITNESS_SCRIPT,
                        BIP32_DERIVATION,
                        FINAL_SCRIPTSIG,
                        FINAL_SCRIPTWITNESS,
                        RIPEMD160,
                        SHA256,
                        HASH160,
                        HASH256,
                        PREVIOUS_TXID,
                        OUTPUT_INDEX,
                        SEQUENCE,
                        REQUIRED_TIME_LOCKTIME,
                        REQUIRED_HEIGHT_LOCKTIME,
                        TAP_KEY_SIG,
                        TAP_SCRIPT_SIG,
                        TAP_LEAF_SCRIPT,
                        TAP_BIP32_DERIVATION,
                        TAP_INTERNAL_KEY,
                        TAP_MERKLE_ROOT,
                        MUSIG2_PARTICIPANT_PUBKEYS,
                        MUSIG2_PUB_NONCE,
                        MUSIG2_PARTIAL_SIG,
                        PROPRIETARY);

        private In() {}

        /// BIP174: "which must equal the key when run through the … algorithm".
        private static FieldType<Bytes, Bytes> preimage(
                long type, String name, Codec<Bytes> hash, Function<Bytes, Bytes> algorithm) {
            return FieldType.many(type, name, hash, Codecs.ANY)
                    .where((image, preimage) -> algorithm.apply(preimage).equals(image));
        }
    }

    /// The fields of an output's map.
    static final class Out {
        static final FieldType<Bytes, Script> REDEEM_SCRIPT =
                FieldType.single(0x00, "PSBT_OUT_REDEEM_SCRIPT", Codecs.SCRIPT);
        static final FieldType<Bytes, Script> WITNESS_SCRIPT =
                FieldType.single(0x01, "PSBT_OUT_WITNESS_SCRIPT", Codecs.SCRIPT);
        static final FieldType<Bytes, KeyOrigin> BIP32_DERIVATION =
                FieldType.many(0x02, "PSBT_OUT_BIP32_DERIVATION", Codecs.ECDSA_KEY, Codecs.ORIGIN);
        static final FieldType<Bytes, Sat> AMOUNT =
                FieldType.single(0x03, "PSBT_OUT_AMOUNT", Versions.ONLY_2_REQUIRED, Codecs.AMOUNT);
        static final FieldType<Bytes, Script> SCRIPT =
                FieldType.single(0x04, "PSBT_OUT_SCRIPT", Versions.ONLY_2_REQUIRED, Codecs.SCRIPT);
        static final FieldType<Bytes, XOnlyPublicKey> TAP_INTERNAL_KEY =
                FieldType.single(0x05, "PSBT_OUT_TAP_INTERNAL_KEY", Codecs.X_ONLY_KEY);
        static final FieldType<Bytes, TapTreeLeaves> TAP_TREE =
                FieldType.single(0x06, "PSBT_OUT_TAP_TREE", Codecs.TAP_TREE);
        static final FieldType<XOnlyPublicKey, TapDerivation> TAP_BIP32_DERIVATION =
                FieldType.many(
                        0x07,
                        "PSBT_OUT_TAP_BIP32_DERIVATION",
                        Codecs.X_ONLY_KEY,
                        Codecs.TAP_DERIVATION);
        static final FieldType<PublicKey, List<PublicKey>> MUSIG2_PARTICIPANT_PUBKEYS =
                FieldType.many(
                        0x08,
                        "PSBT_OUT_MUSIG2_PARTICIPANT_PUBKEYS",
                        Codecs.PUBLIC_KEY,
                        Codecs.PARTICIPANTS);
        static final FieldType<Proprietary, Bytes> PROPRIETARY = proprietary("PSBT_OUT");

        static final Map<Long, FieldType<?, ?>> ALL =
                byType(
                        REDEEM_SCRIPT,
                        WITNESS_SCRIPT,
                        BIP32_DERIVATION,
                        AMOUNT,
                        SCRIPT,
                        TAP_INTERNAL_KEY,
                        TAP_TREE,
                        TAP_BIP32_DERIVATION,
                        MUSIG2_PARTICIPANT_PUBKEYS,
                        PROPRIETARY);

        private Out() {}
    }

    private Fields() {}

    private static FieldType<Proprietary, Bytes> proprietary(String prefix) {
        return FieldType.many(
                PsbtField.PROPRIETARY, prefix + "_PROPRIETARY", Codecs.PROPRIETARY, Codecs.ANY);
    }

    private static Map<Long, FieldType<?, ?>> byType(FieldType<?, ?>... types) {
        return Stream.of(types)
                .collect(Collectors.toUnmodifiableMap(FieldType::type, Function.identity()));
    }
}
