package org.tutti.bitcoin;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.address.Address;
import org.tutti.bitcoin.codec.WireReader;
import org.tutti.bitcoin.interpreter.ScriptInterpreter;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.SighashType;
import org.tutti.bitcoin.tx.TaprootSighash;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.musig.keys.Bip328;
import org.tutti.musig.keys.DerivationPath;
import org.tutti.musig.keys.ExtendedPrivateKey;
import org.tutti.musig.keys.Hash160;
import org.tutti.musig.keys.KeySort;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.keys.SecretKey;
import org.tutti.musig.keys.XOnlyPublicKey;
import org.tutti.musig.musig.AggregateNonce;
import org.tutti.musig.musig.KeyAggContext;
import org.tutti.musig.musig.NonceGenerator;
import org.tutti.musig.musig.NoncePair;
import org.tutti.musig.musig.PartialSignature;
import org.tutti.musig.musig.PublicNonce;
import org.tutti.musig.musig.SigningSession;
import org.tutti.musig.schnorr.Schnorr;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.musig.taproot.TapLeaf;
import org.tutti.musig.taproot.TapTweak;
import org.tutti.musig.taproot.TaprootOutput;

import tools.jackson.databind.JsonNode;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;

/// Signings that Bitcoin Core's wallets made: we derive the same keys and hashes, accept Core's
/// partial signatures, and sign with the throw-away keys ourselves.
class CoreCeremoniesTest {
    /// One key that signs in one input: the plain key that BIP373 names, and the leaf it stands in,
    /// if any.
    private record Signing(Bytes signingKey, Optional<Bytes> leafHash) {
        static Signing of(Bytes keyData) {
            Optional<Bytes> leaf =
                    keyData.length() == 98 ? Optional.of(keyData.slice(66, 98)) : Optional.empty();
            return new Signing(keyData.slice(33, 66), leaf);
        }

        Bytes field(Bytes participant) {
            return Bytes.concat(participant, signingKey, leafHash.orElse(Bytes.EMPTY));
        }
    }

    private final SecureRandom random = new SecureRandom();
    private int ours;
    private int finishedByCore;

    @Test
    void everySigningOfCoreIsDerivedCheckedAndMadeAgain() throws Exception {
        for (String file : Vectors.files("musig2-psbt", ".json")) {
            JsonNode ceremonies = Vectors.json(file);
            assertThat(ceremonies.size()).as(file).isPositive();
            for (JsonNode ceremony : ceremonies) {
                int before = finishedByCore;
                replay(ceremony);
                assertThat(finishedByCore)
                        .as("Core's own signature of: " + ceremony.get("comment"))
                        .isGreaterThan(before);
            }
            System.out.println(
                    file
                            + ": "
                            + ceremonies.size()
                            + " ceremonies, "
                            + ours
                            + " signings made by us so far, "
                            + finishedByCore
                            + " of Core's aggregated to the same signature");
        }
    }

    /// Core's files name no type or DEFAULT. The same PSBTs with another type are signed by us
    /// alone.
    @ParameterizedTest
    @EnumSource
    void aPsbtIsSignedWithTheSighashTypeThatItNames(SighashType type) throws Exception {
        for (String file : Vectors.files("musig2-psbt", ".json")) {
            for (JsonNode ceremony : Vectors.json(file)) {
                MiniPsbt psbt = new MiniPsbt(ceremony.get("psbt_nonces_combined").asString());
                List<TxOut> prevouts = prevouts(psbt);
                for (int i = 0; i < psbt.inputs.size(); i++) {
                    psbt.setSighashType(i, type);
                    Map<Bytes, SecretKey> secrets = secrets(ceremony, psbt, i);
                    for (Signing signing : signings(psbt, i)) {
                        signOurselves(psbt, i, prevouts, signing, secrets);
                    }
                }
            }
        }
        assertThat(ours).isPositive();
    }

    @Test
    void aPsbtThatNamesNoSighashTypeMeansDefault() throws Exception {
        JsonNode ceremony =
                Vectors.json(Vectors.files("musig2-psbt", ".json").iterator().next())
                        .iterator()
                        .next();
        MiniPsbt psbt = new MiniPsbt(ceremony.get("psbt_created").asString());
        psbt.inputs.getFirst().remove(Bytes.wrap(new byte[] {MiniPsbt.SIGHASH_TYPE}));
        assertThat(psbt.sighashType(0)).isEqualTo(SighashType.DEFAULT);
        psbt.setSighashType(0, SighashType.ALL);
        assertThat(psbt.sighashType(0)).isEqualTo(SighashType.ALL);
    }

    private static List<TxOut> prevouts(MiniPsbt psbt) throws Exception {
        List<TxOut> prevouts = new ArrayList<>();
        for (int i = 0; i < psbt.inputs.size(); i++) {
            Bytes utxo = psbt.single(i, MiniPsbt.WITNESS_UTXO).orElseThrow();
            prevouts.add(TxOut.read(new WireReader(utxo)));
        }
        return prevouts;
    }

    private static List<Signing> signings(MiniPsbt psbt, int input) {
        return psbt.entries(input, MiniPsbt.MUSIG2_PUB_NONCE).keySet().stream()
                .map(Signing::of)
                .distinct()
                .toList();
    }

    private void replay(JsonNode ceremony) throws Exception {
        MiniPsbt psbt = new MiniPsbt(ceremony.get("psbt_nonces_combined").asString());
        for (JsonNode each : ceremony.get("psbt_partial_sigs_each")) {
            psbt.merge(new MiniPsbt(each.asString()));
        }
        assertStepsAgree(ceremony, psbt);
        List<TxOut> prevouts = prevouts(psbt);
        Script funded = Script.of(Vectors.hex(ceremony.get("funding").get("scriptPubKey")));
        assertThat(prevouts.getFirst().scriptPubKey()).isEqualTo(funded);
        assertThat(Address.of(funded, Network.REGTEST).text())
                .isEqualTo(ceremony.get("address").asString());
        Transaction coresOwn = Transaction.parse(Vectors.hex(ceremony.get("final_tx")));
        assertThat(coresOwn.txid()).isEqualTo(psbt.transaction.txid());
        assertThat(ScriptInterpreter.verifyAll(coresOwn, prevouts)).isEmpty();
        for (int i = 0; i < psbt.inputs.size(); i++) {
            Map<Bytes, SecretKey> secrets = secrets(ceremony, psbt, i);
            for (Signing signing : signings(psbt, i)) {
                sign(ceremony, psbt, i, prevouts, signing, secrets);
            }
        }
    }

    /// The PSBT after each step is of the same transaction, and has nothing that the end does not.
    private static void assertStepsAgree(JsonNode ceremony, MiniPsbt end) throws Exception {
        List<JsonNode> steps = new ArrayList<>(List.of(ceremony.get("psbt_created")));
        ceremony.get("psbt_nonce_each").forEach(steps::add);
        steps.add(ceremony.get("psbt_combined"));
        for (JsonNode step : steps) {
            MiniPsbt psbt = new MiniPsbt(step.asString());
            assertThat(psbt.transaction).isEqualTo(end.transaction);
            for (int i = 0; i < psbt.inputs.size(); i++) {
                assertThat(end.inputs.get(i)).containsAllEntriesOf(psbt.inputs.get(i));
            }
        }
    }

    /// The participants' secret keys by public key, from the test private keys and the derivations
    /// that the PSBT tells.
    private static Map<Bytes, SecretKey> secrets(JsonNode ceremony, MiniPsbt psbt, int input)
            throws Exception {
        Map<Bytes, ExtendedPrivateKey> masters = new HashMap<>();
        for (JsonNode participant : ceremony.get("participants")) {
            String text = participant.get("xprv_test_only").asString();
            ExtendedPrivateKey master = ExtendedPrivateKey.parse(text.split("/", 2)[0]);
            masters.put(Hash160.of(master.publicKey().bytes()).slice(0, 4), master);
        }
        Map<Bytes, SecretKey> secrets = new LinkedHashMap<>();
        for (Bytes value : psbt.entries(input, MiniPsbt.TAP_BIP32_DERIVATION).values()) {
            Origin origin = Origin.of(value);
            ExtendedPrivateKey master = masters.get(origin.fingerprint());
            if (master != null) {
                SecretKey secret = master.derive(origin.path()).secretKey();
                secrets.put(secret.publicKey().bytes(), secret);
            }
        }
        return secrets;
    }

    /// BIP371: leaf hashes, then the fingerprint of the master key and the path from it.
    private record Origin(Bytes fingerprint, DerivationPath path) {
        static Origin of(Bytes value) throws Exception {
            WireReader in = new WireReader(value);
            in.bytes(32 * in.count(32, "leaf hashes"));
            Bytes fingerprint = in.bytes(4);
            List<Long> steps = new ArrayList<>();
            while (in.remaining() > 0) {
                steps.add(in.u32());
            }
            return new Origin(fingerprint, new DerivationPath(steps));
        }
    }

    private void sign(
            JsonNode ceremony,
            MiniPsbt psbt,
            int input,
            List<TxOut> prevouts,
            Signing signing,
            Map<Bytes, SecretKey> secrets)
            throws Exception {
        KeyAggContext context = context(psbt, input, prevouts.get(input), signing);
        SighashType type = psbt.sighashType(input);
        Bytes sighash = sighash(psbt.transaction, prevouts, input, signing, type);
        boolean keyPath = signing.leafHash().isEmpty();
        boolean isTheOneToldOf = keyPath == ceremony.get("path").asString().equals("key");
        if (isTheOneToldOf && ceremony.get("sighash").isString()) {
            assertThat(sighash).isEqualTo(Vectors.hex(ceremony.get("sighash")));
        }
        Optional<Bytes> finished = finishedByCoreAs(psbt, input, context, signing, sighash);
        if (finished.isPresent()) {
            SchnorrSignature cores = new SchnorrSignature(finished.get());
            assertThat(Schnorr.verify(context.xOnlyKey(), sighash.toArray(), cores)).isTrue();
        }
        if (finished.filter(Vectors.hex(ceremony.get("aggregate_signature"))::equals).isPresent()) {
            finishedByCore++;
        }

        signOurselves(psbt, input, prevouts, signing, secrets);
    }

    /// Signs what the PSBT says with the type that it names; the interpreter accepts the witness.
    private void signOurselves(
            MiniPsbt psbt,
            int input,
            List<TxOut> prevouts,
            Signing signing,
            Map<Bytes, SecretKey> secrets)
            throws Exception {
        KeyAggContext context = context(psbt, input, prevouts.get(input), signing);
        SighashType type = psbt.sighashType(input);
        Bytes sighash = sighash(psbt.transaction, prevouts, input, signing, type);
        SchnorrSignature signature = ownSignature(context, sighash, secrets);
        assertThat(Schnorr.verify(context.xOnlyKey(), sighash.toArray(), signature)).isTrue();
        List<Bytes> witness = witness(psbt, input, signing, signature, type);
        assertThat(witness.getFirst().length()).isEqualTo(type == SighashType.DEFAULT ? 64 : 65);
        Transaction signed = psbt.transaction.withWitness(input, witness);
        assertThat(ScriptInterpreter.verifyAll(signed, prevouts)).isEmpty();
        if (type != SighashType.DEFAULT) {
            assertThat(witness.getFirst().get(64)).isEqualTo((byte) type.value());
            // Neither another type's byte nor none makes a valid witness of it.
            for (Bytes other :
                    List.of(
                            signature.bytes(),
                            Bytes.concat(signature.bytes(), Bytes.wrap(new byte[] {0})))) {
                List<Bytes> wrong = new ArrayList<>(witness);
                wrong.set(0, other);
                assertThat(
                                ScriptInterpreter.verifyAll(
                                        psbt.transaction.withWitness(input, wrong), prevouts))
                        .isNotEmpty();
            }
        }
        ours++;
    }

    /// The aggregate key, derived (BIP328) and tweaked (BIP341) until it is the one that signs.
    private static KeyAggContext context(MiniPsbt psbt, int input, TxOut prevout, Signing signing)
            throws Exception {
        for (var entry : psbt.entries(input, MiniPsbt.MUSIG2_PARTICIPANTS).entrySet()) {
            List<PublicKey> keys = keys(entry.getValue());
            KeyAggContext plain = KeyAggContext.of(keys);
            assertThat(KeySort.sort(keys)).isEqualTo(keys);
            assertThat(plain.aggregateKey().bytes()).isEqualTo(entry.getKey());
            for (KeyAggContext derived : withDerivations(psbt, input, plain)) {
                KeyAggContext candidate = tweaked(psbt, input, derived, signing);
                if (candidate.aggregateKey().bytes().equals(signing.signingKey())) {
                    assertIsTheKeyOnChain(psbt, input, prevout, signing, candidate);
                    return candidate;
                }
            }
        }
        throw new AssertionError("no aggregate leads to the key that signs: " + signing);
    }

    private static List<PublicKey> keys(Bytes value) throws Exception {
        List<PublicKey> keys = new ArrayList<>();
        for (int at = 0; at < value.length(); at += PublicKey.BYTES) {
            keys.add(PublicKey.parse(value.slice(at, at + PublicKey.BYTES)));
        }
        return keys;
    }

    /// The aggregate itself and every descendant of it that the PSBT tells of.
    private static List<KeyAggContext> withDerivations(
            MiniPsbt psbt, int input, KeyAggContext plain) throws Exception {
        List<KeyAggContext> all = new ArrayList<>(List.of(plain));
        Bytes fingerprint = Hash160.of(plain.aggregateKey().bytes()).slice(0, 4);
        for (var entry : psbt.entries(input, MiniPsbt.TAP_BIP32_DERIVATION).entrySet()) {
            Origin origin = Origin.of(entry.getValue());
            if (!origin.fingerprint().equals(fingerprint) || origin.path().steps().isEmpty()) {
                continue;
            }
            Bip328.Derived derived = Bip328.derive(plain.aggregateKey(), origin.path());
            assertThat(derived.key().publicKey().xOnly().bytes()).isEqualTo(entry.getKey());
            KeyAggContext context = plain.withPlainTweaks(derived.tweaks());
            assertThat(context.aggregateKey()).isEqualTo(derived.key().publicKey());
            all.add(context);
        }
        return all;
    }

    private static KeyAggContext tweaked(
            MiniPsbt psbt, int input, KeyAggContext context, Signing signing) {
        Optional<Bytes> internal = psbt.single(input, MiniPsbt.TAP_INTERNAL_KEY);
        boolean isInternal =
                signing.leafHash().isEmpty()
                        && internal.filter(context.xOnlyKey().bytes()::equals).isPresent();
        return isInternal
                ? context.withTapTweak(psbt.single(input, MiniPsbt.TAP_MERKLE_ROOT))
                : context;
    }

    private static void assertIsTheKeyOnChain(
            MiniPsbt psbt, int input, TxOut prevout, Signing signing, KeyAggContext context)
            throws Exception {
        if (signing.leafHash().isEmpty()) {
            assertThat(Script.p2tr(context.xOnlyKey().bytes())).isEqualTo(prevout.scriptPubKey());
            return;
        }
        Leaf leaf = Leaf.of(psbt, input, signing.leafHash().get());
        // pk(key): a push of 32 bytes and OP_CHECKSIG.
        assertThat(leaf.leaf().script())
                .isEqualTo(
                        Bytes.concat(
                                Bytes.fromHex("20"),
                                context.xOnlyKey().bytes(),
                                Bytes.fromHex("ac")));
        XOnlyPublicKey internal =
                XOnlyPublicKey.parse(psbt.single(input, MiniPsbt.TAP_INTERNAL_KEY).orElseThrow());
        TaprootOutput output =
                TapTweak.output(internal, psbt.single(input, MiniPsbt.TAP_MERKLE_ROOT));
        assertThat(Script.of(output.scriptPubKey())).isEqualTo(prevout.scriptPubKey());
    }

    /// A leaf script with the control block that spends it.
    private record Leaf(TapLeaf leaf, Bytes controlBlock) {
        static Leaf of(MiniPsbt psbt, int input, Bytes leafHash) {
            for (var entry : psbt.entries(input, MiniPsbt.TAP_LEAF_SCRIPT).entrySet()) {
                Bytes value = entry.getValue();
                TapLeaf leaf =
                        new TapLeaf(
                                value.get(value.length() - 1) & 0xff,
                                value.slice(0, value.length() - 1));
                if (leaf.hash().equals(leafHash)) {
                    return new Leaf(leaf, entry.getKey());
                }
            }
            throw new AssertionError("no leaf " + leafHash);
        }
    }

    private static Bytes sighash(
            Transaction transaction,
            List<TxOut> prevouts,
            int input,
            Signing signing,
            SighashType type) {
        TaprootSighash sighash = TaprootSighash.of(transaction, prevouts);
        return signing.leafHash()
                .map(leaf ->
                        sighash.scriptPath(
                                input,
                                type,
                                Optional.empty(),
                                leaf,
                                TaprootSighash.NO_CODE_SEPARATOR))
                .orElseGet(() -> sighash.keyPath(input, type, Optional.empty()));
    }

    /// Core's nonces and partial signatures, each checked; the signature they add up to when all
    /// are there.
    private static Optional<Bytes> finishedByCoreAs(
            MiniPsbt psbt, int input, KeyAggContext context, Signing signing, Bytes sighash)
            throws Exception {
        Map<Bytes, Bytes> nonceFields = psbt.entries(input, MiniPsbt.MUSIG2_PUB_NONCE);
        Map<Bytes, Bytes> partialFields = psbt.entries(input, MiniPsbt.MUSIG2_PARTIAL_SIG);
        List<PublicNonce> nonces = new ArrayList<>();
        for (PublicKey key : context.keys()) {
            nonces.add(
                    PublicNonce.parse(
                            Objects.requireNonNull(nonceFields.get(signing.field(key.bytes())))));
        }
        SigningSession session = SigningSession.of(context, AggregateNonce.of(nonces), sighash);
        List<PartialSignature> partials = new ArrayList<>();
        for (int i = 0; i < nonces.size(); i++) {
            PublicKey key = context.keys().get(i);
            Bytes partial = partialFields.get(signing.field(key.bytes()));
            if (partial != null) {
                PartialSignature parsed = PartialSignature.parse(partial);
                assertThat(session.verify(parsed, nonces.get(i), key)).isTrue();
                partials.add(parsed);
            }
        }
        return partials.size() == nonces.size()
                ? Optional.of(session.aggregate(partials).bytes())
                : Optional.empty();
    }

    private SchnorrSignature ownSignature(
            KeyAggContext context, Bytes sighash, Map<Bytes, SecretKey> secrets) {
        List<SecretKey> keys =
                context.keys().stream().map(key -> secrets.get(key.bytes())).toList();
        List<NoncePair> pairs =
                keys.stream()
                        .map(key ->
                                NonceGenerator.generate(
                                        key,
                                        key.publicKey(),
                                        context,
                                        sighash,
                                        Bytes.EMPTY,
                                        random))
                        .toList();
        AggregateNonce nonce = AggregateNonce.of(pairs.stream().map(NoncePair::pub).toList());
        SigningSession session = SigningSession.of(context, nonce, sighash);
        return session.aggregate(
                IntStream.range(0, keys.size())
                        .mapToObj(i -> session.sign(pairs.get(i).secret(), keys.get(i)))
                        .toList());
    }

    /// BIP341: the type's byte follows the signature, unless it is DEFAULT.
    private static List<Bytes> witness(
            MiniPsbt psbt,
            int input,
            Signing signing,
            SchnorrSignature signature,
            SighashType type) {
        Bytes first =
                type == SighashType.DEFAULT
                        ? signature.bytes()
                        : Bytes.concat(
                                signature.bytes(), Bytes.wrap(new byte[] {(byte) type.value()}));
        return signing.leafHash()
                .map(hash -> Leaf.of(psbt, input, hash))
                .map(leaf -> List.of(first, leaf.leaf().script(), leaf.controlBlock()))
                .orElse(List.of(first));
    }
}
