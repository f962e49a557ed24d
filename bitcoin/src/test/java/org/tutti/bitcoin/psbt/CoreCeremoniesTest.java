package org.tutti.bitcoin.psbt;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.Vectors;
import org.tutti.bitcoin.address.Address;
import org.tutti.bitcoin.interpreter.ScriptInterpreter;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.SighashType;
import org.tutti.bitcoin.tx.TaprootSighash;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.musig.keys.Bip328;
import org.tutti.musig.keys.ExtendedPrivateKey;
import org.tutti.musig.keys.Hash160;
import org.tutti.musig.keys.KeySort;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.keys.SecretKey;
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

/// Signings that Bitcoin Core's wallets made, read from their PSBTs: we derive the same keys and
/// hashes, accept Core's partial signatures, finalise and extract Core's transactions, and sign
/// with the throw-away keys ourselves.
class CoreCeremoniesTest {
    /// One key that signs in one input: the plain key that BIP373 names, and the leaf it stands in,
    /// if any.
    private record Signing(PublicKey signingKey, Optional<Bytes> leafHash) {
        static Signing of(Musig2Key key) {
            return new Signing(key.aggregate(), key.leafHash());
        }

        Musig2Key field(PublicKey participant) {
            return new Musig2Key(participant, signingKey, leafHash);
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
                Psbt psbt = Psbt.parseBase64(ceremony.get("psbt_nonces_combined").asString());
                for (int i = 0; i < psbt.inputs().size(); i++) {
                    Psbt typed = psbt.withInput(i, input -> input.withSighashType(type));
                    Map<PublicKey, SecretKey> secrets = secrets(ceremony, typed.inputs().get(i));
                    for (Signing signing : signings(typed.inputs().get(i))) {
                        signOurselves(typed, i, signing, secrets);
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
        Psbt psbt = Psbt.parseBase64(ceremony.get("psbt_created").asString());
        PsbtInput input = psbt.inputs().getFirst();
        assertThat(input.sighashTypeNumber()).isEmpty();
        assertThat(input.sighashType()).isEqualTo(SighashType.DEFAULT);
        assertThat(input.withSighashType(SighashType.ALL).sighashType()).isEqualTo(SighashType.ALL);
    }

    private static List<Signing> signings(PsbtInput input) {
        return input.musig2PubNonces().keySet().stream().map(Signing::of).distinct().toList();
    }

    private void replay(JsonNode ceremony) throws Exception {
        Psbt psbt = Psbt.parseBase64(ceremony.get("psbt_nonces_combined").asString());
        for (JsonNode each : ceremony.get("psbt_partial_sigs_each")) {
            psbt = psbt.combine(Psbt.parseBase64(each.asString()));
        }
        assertStepsAgree(ceremony, psbt);
        List<TxOut> prevouts = psbt.prevouts();
        Script funded = Script.of(Vectors.hex(ceremony.get("funding").get("scriptPubKey")));
        assertThat(prevouts.getFirst().scriptPubKey()).isEqualTo(funded);
        assertThat(Address.of(funded, Network.REGTEST).text())
                .isEqualTo(ceremony.get("address").asString());
        Transaction coresOwn = Transaction.parse(Vectors.hex(ceremony.get("final_tx")));
        assertThat(coresOwn.txid()).isEqualTo(psbt.unsignedTransaction().txid());
        assertThat(ScriptInterpreter.verifyAll(coresOwn, prevouts)).isEmpty();
        for (int i = 0; i < psbt.inputs().size(); i++) {
            Map<PublicKey, SecretKey> secrets = secrets(ceremony, psbt.inputs().get(i));
            for (Signing signing : signings(psbt.inputs().get(i))) {
                sign(ceremony, psbt, i, signing, secrets);
            }
        }
    }

    /// The PSBT after each step is of the same transaction, and has nothing that the end does not.
    private static void assertStepsAgree(JsonNode ceremony, Psbt end) throws Exception {
        List<JsonNode> steps = new ArrayList<>(List.of(ceremony.get("psbt_created")));
        ceremony.get("psbt_nonce_each").forEach(steps::add);
        steps.add(ceremony.get("psbt_combined"));
        for (JsonNode step : steps) {
            Psbt psbt = Psbt.parseBase64(step.asString());
            assertThat(psbt.toBase64()).isEqualTo(step.asString());
            assertThat(end.combine(psbt)).isEqualTo(end);
        }
    }

    /// The participants' secret keys by public key, from the test private keys and the derivations
    /// that the PSBT tells.
    private static Map<PublicKey, SecretKey> secrets(JsonNode ceremony, PsbtInput input)
            throws Exception {
        Map<Bytes, ExtendedPrivateKey> masters = new HashMap<>();
        for (JsonNode participant : ceremony.get("participants")) {
            String text = participant.get("xprv_test_only").asString();
            ExtendedPrivateKey master = ExtendedPrivateKey.parse(text.split("/", 2)[0]);
            masters.put(Hash160.of(master.publicKey().bytes()).slice(0, 4), master);
        }
        Map<PublicKey, SecretKey> secrets = new LinkedHashMap<>();
        for (TapDerivation derivation : input.tapDerivations().values()) {
            KeyOrigin origin = derivation.origin();
            ExtendedPrivateKey master = masters.get(origin.fingerprint());
            if (master != null) {
                SecretKey secret = master.derive(origin.path()).secretKey();
                secrets.put(secret.publicKey(), secret);
            }
        }
        return secrets;
    }

    private void sign(
            JsonNode ceremony,
            Psbt psbt,
            int index,
            Signing signing,
            Map<PublicKey, SecretKey> secrets)
            throws Exception {
        PsbtInput input = psbt.inputs().get(index);
        KeyAggContext context = context(input, signing);
        Bytes sighash = sighash(psbt, index, signing);
        boolean keyPath = signing.leafHash().isEmpty();
        boolean isTheOneToldOf = keyPath == ceremony.get("path").asString().equals("key");
        if (isTheOneToldOf && ceremony.get("sighash").isString()) {
            assertThat(sighash).isEqualTo(Vectors.hex(ceremony.get("sighash")));
        }
        Optional<SchnorrSignature> finished = finishedByCoreAs(input, context, signing, sighash);
        if (finished.isPresent()) {
            SchnorrSignature cores = finished.get();
            assertThat(Schnorr.verify(context.xOnlyKey(), sighash.toArray(), cores)).isTrue();
            if (keyPath) {
                assertThat(finalised(psbt, index, cores).serialize())
                        .isEqualTo(Vectors.hex(ceremony.get("final_tx")));
            }
        }
        if (finished.map(SchnorrSignature::bytes)
                .filter(Vectors.hex(ceremony.get("aggregate_signature"))::equals)
                .isPresent()) {
            finishedByCore++;
        }

        signOurselves(psbt, index, signing, secrets);
    }

    private static Transaction finalised(Psbt psbt, int index, SchnorrSignature signature)
            throws Exception {
        TaprootSignature typed =
                new TaprootSignature(signature, psbt.inputs().get(index).sighashType());
        return psbt.withTapKeySig(index, typed).finalizeAll().extract();
    }

    /// Signs what the PSBT says with the type that it names; the interpreter accepts the witness.
    private void signOurselves(
            Psbt psbt, int index, Signing signing, Map<PublicKey, SecretKey> secrets)
            throws Exception {
        PsbtInput input = psbt.inputs().get(index);
        KeyAggContext context = context(input, signing);
        SighashType type = input.sighashType();
        Bytes sighash = sighash(psbt, index, signing);
        SchnorrSignature signature = ownSignature(context, sighash, secrets);
        assertThat(Schnorr.verify(context.xOnlyKey(), sighash.toArray(), signature)).isTrue();
        List<Bytes> witness = witness(input, signing, signature);
        assertThat(witness.getFirst().length()).isEqualTo(type == SighashType.DEFAULT ? 64 : 65);
        Transaction unsigned = psbt.unsignedTransaction();
        Transaction signed = unsigned.withWitness(index, witness);
        assertThat(ScriptInterpreter.verifyAll(signed, psbt.prevouts())).isEmpty();
        if (signing.leafHash().isEmpty()) {
            assertThat(finalised(psbt, index, signature)).isEqualTo(signed);
        }
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
                                        unsigned.withWitness(index, wrong), psbt.prevouts()))
                        .isNotEmpty();
            }
        }
        ours++;
    }

    /// The aggregate key, derived (BIP328) and tweaked (BIP341) until it is the one that signs.
    private static KeyAggContext context(PsbtInput input, Signing signing) throws Exception {
        for (var entry : input.musig2Participants().entrySet()) {
            List<PublicKey> keys = entry.getValue();
            KeyAggContext plain = KeyAggContext.of(keys);
            assertThat(KeySort.sort(keys)).isEqualTo(keys);
            assertThat(plain.aggregateKey()).isEqualTo(entry.getKey());
            for (KeyAggContext derived : withDerivations(input, plain)) {
                KeyAggContext candidate = tweaked(input, derived, signing);
                if (candidate.aggregateKey().equals(signing.signingKey())) {
                    assertIsTheKeyOnChain(input, signing, candidate);
                    return candidate;
                }
            }
        }
        throw new AssertionError("no aggregate leads to the key that signs: " + signing);
    }

    /// The aggregate itself and every descendant of it that the PSBT tells of.
    private static List<KeyAggContext> withDerivations(PsbtInput input, KeyAggContext plain)
            throws Exception {
        List<KeyAggContext> all = new ArrayList<>(List.of(plain));
        Bytes fingerprint = Hash160.of(plain.aggregateKey().bytes()).slice(0, 4);
        for (var entry : input.tapDerivations().entrySet()) {
            KeyOrigin origin = entry.getValue().origin();
            if (!origin.fingerprint().equals(fingerprint) || origin.path().steps().isEmpty()) {
                continue;
            }
            Bip328.Derived derived = Bip328.derive(plain.aggregateKey(), origin.path());
            assertThat(derived.key().publicKey().xOnly()).isEqualTo(entry.getKey());
            KeyAggContext context = plain.withPlainTweaks(derived.tweaks());
            assertThat(context.aggregateKey()).isEqualTo(derived.key().publicKey());
            all.add(context);
        }
        return all;
    }

    private static KeyAggContext tweaked(PsbtInput input, KeyAggContext context, Signing signing) {
        boolean isInternal =
                signing.leafHash().isEmpty()
                        && input.tapInternalKey().filter(context.xOnlyKey()::equals).isPresent();
        return isInternal ? context.withTapTweak(input.tapMerkleRoot()) : context;
    }

    private static void assertIsTheKeyOnChain(
            PsbtInput input, Signing signing, KeyAggContext context) throws Exception {
        Script prevout = input.prevout().orElseThrow().scriptPubKey();
        if (signing.leafHash().isEmpty()) {
            assertThat(Script.p2tr(context.xOnlyKey().bytes())).isEqualTo(prevout);
            return;
        }
        Leaf leaf = Leaf.of(input, signing.leafHash().get());
        // pk(key): a push of 32 bytes and OP_CHECKSIG.
        assertThat(leaf.leaf().script())
                .isEqualTo(
                        Bytes.concat(
                                Bytes.fromHex("20"),
                                context.xOnlyKey().bytes(),
                                Bytes.fromHex("ac")));
        TaprootOutput output =
                TapTweak.output(input.tapInternalKey().orElseThrow(), input.tapMerkleRoot());
        assertThat(Script.of(output.scriptPubKey())).isEqualTo(prevout);
    }

    /// A leaf script with the control block that spends it.
    private record Leaf(TapLeaf leaf, Bytes controlBlock) {
        static Leaf of(PsbtInput input, Bytes leafHash) {
            for (var entry : input.tapLeafScripts().entrySet()) {
                if (entry.getValue().hash().equals(leafHash)) {
                    return new Leaf(entry.getValue(), entry.getKey());
                }
            }
            throw new AssertionError("no leaf " + leafHash);
        }
    }

    private static Bytes sighash(Psbt psbt, int index, Signing signing) throws Exception {
        if (signing.leafHash().isEmpty()) {
            return psbt.sighash(index);
        }
        return psbt.taprootSighash()
                .scriptPath(
                        index,
                        psbt.inputs().get(index).sighashType(),
                        Optional.empty(),
                        signing.leafHash().get(),
                        TaprootSighash.NO_CODE_SEPARATOR);
    }

    /// Core's nonces and partial signatures, each checked; the signature they add up to when all
    /// are there.
    private static Optional<SchnorrSignature> finishedByCoreAs(
            PsbtInput input, KeyAggContext context, Signing signing, Bytes sighash)
            throws Exception {
        List<PublicNonce> nonces = new ArrayList<>();
        for (PublicKey key : context.keys()) {
            nonces.add(Objects.requireNonNull(input.musig2PubNonces().get(signing.field(key))));
        }
        SigningSession session = SigningSession.of(context, AggregateNonce.of(nonces), sighash);
        List<PartialSignature> partials = new ArrayList<>();
        for (int i = 0; i < nonces.size(); i++) {
            PublicKey key = context.keys().get(i);
            PartialSignature partial = input.musig2PartialSigs().get(signing.field(key));
            if (partial != null) {
                assertThat(session.verify(partial, nonces.get(i), key)).isTrue();
                partials.add(partial);
            }
        }
        return partials.size() == nonces.size()
                ? Optional.of(session.aggregate(partials))
                : Optional.empty();
    }

    private SchnorrSignature ownSignature(
            KeyAggContext context, Bytes sighash, Map<PublicKey, SecretKey> secrets) {
        List<SecretKey> keys = context.keys().stream().map(secrets::get).toList();
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
    private static List<Bytes> witness(PsbtInput input, Signing signing, SchnorrSignature signature)
            throws Exception {
        Bytes first = new TaprootSignature(signature, input.sighashType()).bytes();
        return signing.leafHash()
                .map(hash -> Leaf.of(input, hash))
                .map(leaf -> List.of(first, leaf.leaf().script(), leaf.controlBlock()))
                .orElse(List.of(first));
    }
}
