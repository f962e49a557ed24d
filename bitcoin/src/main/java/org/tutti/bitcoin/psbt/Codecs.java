package org.tutti.bitcoin.psbt;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.codec.WireReader;
import org.tutti.bitcoin.codec.WireWriter;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.Sat;
import org.tutti.musig.keys.KeyException;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.keys.XOnlyPublicKey;
import org.tutti.musig.musig.KeyAggContext;
import org.tutti.musig.musig.PartialSignature;
import org.tutti.musig.musig.PublicNonce;
import org.tutti.musig.taproot.TapLeaf;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What keys and values of BIP174, BIP370, BIP371 and BIP373 are made of.
final class Codecs {
    private static final int HASH_BYTES = 32;
    private static final int UNCOMPRESSED_BYTES = 65;
    private static final byte UNCOMPRESSED_PREFIX = 4;
    private static final int XPUB_BYTES = 78;
    private static final int XPUB_DEPTH_AT = 4;
    private static final int CONTROL_BLOCK_LEAST = 33;
    private static final int CONTROL_BLOCK_PATH_MOST = 128;

    /// BIP174: "any key that has no data except for the type specifier must only have the type
    /// specifier in the key".
    static final Codec<Bytes> NOTHING = fixed(0);

    static final Codec<Bytes> ANY =
            new Codec<>(in -> in.bytes(in.remaining()), (bytes, out) -> out.bytes(bytes));
    static final Codec<Bytes> BYTES_20 = fixed(20);
    static final Codec<Bytes> BYTES_32 = fixed(HASH_BYTES);
    static final Codec<Long> U32 = new Codec<>(WireReader::u32, (value, out) -> out.u32(value));
    static final Codec<Integer> I32 = new Codec<>(WireReader::i32, (value, out) -> out.i32(value));
    static final Codec<Integer> U8 = new Codec<>(WireReader::u8, (value, out) -> out.u8(value));
    static final Codec<Long> COMPACT_SIZE =
            new Codec<>(WireReader::compactSize, (value, out) -> out.compactSize(value));
    static final Codec<Sat> AMOUNT =
            new Codec<>(Codecs::amount, (sat, out) -> out.i64(sat.value()));
    static final Codec<Script> SCRIPT =
            new Codec<>(
                    in -> Script.of(in.bytes(in.remaining())),
                    (script, out) -> out.bytes(script.bytes()));
    static final Codec<Txid> TXID = new Codec<>(Txid::read, Txid::write);
    static final Codec<TxOut> TX_OUT = new Codec<>(TxOut::read, TxOut::write);
    static final Codec<Transaction> TRANSACTION =
            new Codec<>(Transaction::read, Transaction::write);

    /// BIP174: "The transaction must be in the old serialization format (without witnesses)", and
    /// "The scriptSigs and witnesses for each input must be empty."
    static final Codec<Transaction> UNSIGNED_TRANSACTION =
            new Codec<>(
                    Codecs::unsigned,
                    (transaction, out) -> out.bytes(transaction.serializeWithoutWitness()));

    static final Codec<List<Bytes>> WITNESS = new Codec<>(TxIn::readWitness, TxIn::writeWitness);
    static final Codec<KeyOrigin> ORIGIN = new Codec<>(KeyOrigin::read, KeyOrigin::write);
    static final Codec<Bytes> XPUB =
            Codec.sized(XPUB_BYTES, Codecs::xpub, (xpub, out) -> out.bytes(xpub));
    static final Codec<Bytes> ECDSA_KEY =
            new Codec<>(Codecs::ecdsaKey, (key, out) -> out.bytes(key));
    static final Codec<XOnlyPublicKey> X_ONLY_KEY =
            Codec.sized(XOnlyPublicKey.BYTES, Codecs::xOnly, (key, out) -> out.bytes(key.bytes()));
    static final Codec<PublicKey> PUBLIC_KEY =
            Codec.sized(PublicKey.BYTES, Codecs::publicKey, (key, out) -> out.bytes(key.bytes()));
    static final Codec<TaprootSignature> TAPROOT_SIGNATURE =
            new Codec<>(TaprootSignature::read, (signature, out) -> out.bytes(signature.bytes()));
    static final Codec<TapScriptKey> TAP_SCRIPT_KEY =
            Codec.sized(
                    XOnlyPublicKey.BYTES + HASH_BYTES,
                    in -> new TapScriptKey(xOnly(in), in.bytes(HASH_BYTES)),
                    (key, out) -> out.bytes(key.key().bytes()).bytes(key.leafHash()));
    static final Codec<Bytes> CONTROL_BLOCK =
            new Codec<>(Codecs::controlBlock, (block, out) -> out.bytes(block));

    /// BIP371: "<bytes script> <8-bit uint leaf version>".
    static final Codec<TapLeaf> LEAF =
            new Codec<>(
                    Codecs::leafWithVersionLast,
                    (leaf, out) -> out.bytes(leaf.script()).u8(leaf.version()));

    static final Codec<TapDerivation> TAP_DERIVATION =
            new Codec<>(TapDerivation::read, TapDerivation::write);
    static final Codec<TapTreeLeaves> TAP_TREE =
            new Codec<>(TapTreeLeaves::read, TapTreeLeaves::write);
    static final Codec<List<PublicKey>> PARTICIPANTS =
            new Codec<>(
                    Codecs::participants,
                    (keys, out) -> keys.forEach(key -> out.bytes(key.bytes())));
    static final Codec<Musig2Key> MUSIG2_KEY =
            new Codec<>(Codecs::musig2Key, Codecs::writeMusig2Key);
    static final Codec<PublicNonce> PUBLIC_NONCE =
            Codec.sized(
                    PublicNonce.BYTES,
                    in -> PublicNonce.parse(in.bytes(PublicNonce.BYTES)),
                    (nonce, out) -> out.bytes(nonce.bytes()));
    static final Codec<PartialSignature> PARTIAL_SIGNATURE =
            Codec.sized(
                    PartialSignature.BYTES,
                    in -> PartialSignature.parse(in.bytes(PartialSignature.BYTES)),
                    (signature, out) -> out.bytes(signature.bytes()));
    static final Codec<Proprietary> PROPRIETARY =
            new Codec<>(
                    in ->
                            new Proprietary(
                                    in.varBytes("an identifier"),
                                    in.compactSize(),
                                    in.bytes(in.remaining())),
                    (key, out) ->
                            out.varBytes(key.identifier())
                                    .compactSize(key.subtype())
                                    .bytes(key.keyData()));

    private Codecs() {}

    private static Codec<Bytes> fixed(int length) {
        return Codec.sized(length, in -> in.bytes(length), (bytes, out) -> out.bytes(bytes));
    }

    private static DecodeException bad(String what) {
        return new DecodeException(DecodeException.Code.BAD_VALUE, what);
    }

    private static Sat amount(WireReader in) throws DecodeException {
        long value = in.i64();
        if (!Sat.isValid(value)) {
            throw bad("not an amount of satoshis: " + value);
        }
        return new Sat(value);
    }

    private static Transaction unsigned(WireReader in) throws DecodeException {
        Transaction transaction = Transaction.parseWithoutWitness(in.bytes(in.remaining()));
        if (transaction.inputs().stream().anyMatch(input -> !input.scriptSig().isEmpty())) {
            throw bad("a scriptSig in an unsigned transaction");
        }
        return transaction;
    }

    /// 78 bytes of BIP32: version, depth, parent's fingerprint, number, chain code, key.
    private static Bytes xpub(WireReader in) throws DecodeException, KeyException {
        Bytes xpub = in.bytes(XPUB_BYTES);
        PublicKey.parse(xpub.slice(XPUB_BYTES - PublicKey.BYTES, XPUB_BYTES));
        return xpub;
    }

    /// BIP174: "The number of 32 bit unsigned integer indexes must match the depth provided in the
    /// extended public key."
    static boolean depthFits(Bytes xpub, KeyOrigin origin) {
        return (xpub.get(XPUB_DEPTH_AT) & 0xff) == origin.path().steps().size();
    }

    /// A key of ECDSA, which old outputs may have uncompressed: 65 bytes from 04 on, which are not
    /// looked at, because nothing here computes with them. Those of 33 bytes are on the curve.
    private static Bytes ecdsaKey(WireReader in) throws DecodeException, KeyException {
        if (in.remaining() == UNCOMPRESSED_BYTES) {
            Bytes key = in.bytes(UNCOMPRESSED_BYTES);
            if (key.get(0) != UNCOMPRESSED_PREFIX) {
                throw bad("not an uncompressed public key");
            }
            return key;
        }
        if (in.remaining() != PublicKey.BYTES) {
            throw bad("a public key of " + in.remaining() + " bytes");
        }
        return publicKey(in).bytes();
    }

    private static PublicKey publicKey(WireReader in) throws DecodeException, KeyException {
        return PublicKey.parse(in.bytes(PublicKey.BYTES));
    }

    private static XOnlyPublicKey xOnly(WireReader in) throws DecodeException, KeyException {
        return XOnlyPublicKey.parse(in.bytes(XOnlyPublicKey.BYTES));
    }

    /// BIP341: "33 + 32m, for a value of m that is an integer between 0 and 128, inclusive".
    private static Bytes controlBlock(WireReader in) throws DecodeException {
        int path = in.remaining() - CONTROL_BLOCK_LEAST;
        if (path < 0 || path % HASH_BYTES != 0 || path / HASH_BYTES > CONTROL_BLOCK_PATH_MOST) {
            throw bad("a control block of " + in.remaining() + " bytes");
        }
        return in.bytes(in.remaining());
    }

    static TapLeaf leaf(int version, Bytes script) throws DecodeException {
        if ((version & 1) != 0) {
            throw bad("an odd leaf version: " + version);
        }
        return new TapLeaf(version, script);
    }

    private static TapLeaf leafWithVersionLast(WireReader in) throws DecodeException {
        Bytes script = in.bytes(in.remaining() - 1);
        return leaf(in.u8(), script);
    }

    private static List<PublicKey> participants(WireReader in)
            throws DecodeException, KeyException {
        int count = in.remaining() / PublicKey.BYTES;
        if (!isParticipants(count)) {
            throw bad(in.remaining() + " bytes of participants");
        }
        List<PublicKey> keys = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            keys.add(publicKey(in));
        }
        return List.copyOf(keys);
    }

    private static boolean isParticipants(int count) {
        return count > 0 && count <= KeyAggContext.MAX_KEYS;
    }

    static void requireParticipants(List<PublicKey> keys) {
        if (!isParticipants(keys.size())) {
            throw new IllegalArgumentException("an aggregate of " + keys.size() + " keys");
        }
    }

    /// BIP373: "<33 byte participant pubkey (compressed)> <33 byte aggregate pubkey (compressed)>
    /// <32 byte hash or omitted>".
    private static Musig2Key musig2Key(WireReader in) throws DecodeException, KeyException {
        PublicKey participant = publicKey(in);
        PublicKey aggregate = publicKey(in);
        return new Musig2Key(
                participant,
                aggregate,
                in.remaining() == 0 ? Optional.empty() : Optional.of(in.bytes(HASH_BYTES)));
    }

    private static void writeMusig2Key(Musig2Key key, WireWriter out) {
        out.bytes(key.participant().bytes()).bytes(key.aggregate().bytes());
        key.leafHash().ifPresent(out::bytes);
    }
}
