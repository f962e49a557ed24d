package org.tutti.wallet.request;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.codec.Sha256;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.psbt.Psbt;
import org.tutti.bitcoin.psbt.PsbtException;
import org.tutti.bitcoin.psbt.PsbtInput;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.SighashType;
import org.tutti.bitcoin.tx.TaprootSighash;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.Sat;
import org.tutti.bitcoin.units.Weight;
import org.tutti.coordinator.message.Invitation;
import org.tutti.coordinator.message.KeyOrder;
import org.tutti.coordinator.message.RequestedMessage;
import org.tutti.musig.keys.KeySort;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.musig.KeyAggContext;
import org.tutti.musig.schnorr.TaggedHash;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.request.MessageToSign;
import org.tutti.wallet.coins.GroupWallet;
import org.tutti.wallet.policy.PaymentHold;
import org.tutti.wallet.policy.RefusalCode;
import org.tutti.wallet.policy.RefusedException;
import org.tutti.wallet.policy.TransactionRules;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// What a request asks to sign, read from its PSBT and from nothing else that it says: which inputs
/// its keys sign, what these take from them, whom the outputs pay.
///
/// The outputs that are spent are those that the PSBT states, and nobody here has seen them. For
/// signing that suffices (SIGNING-SAFETY 14): a Taproot signature commits to amounts and scripts of
/// *all* outputs that are spent, so a false one, of whichever input, makes a signature that is
/// worth nothing, never one that takes more. An input counts as the keys' because its stated script
/// is theirs: what has another script in truth is not signed either.
///
/// Immutable.
public final class RequestTransaction {
    /// The most inputs, those of others included: each of the keys' is a message of the session.
    public static final int MAX_INPUTS = 256;

    /// What a key path signature or one of a key hash adds where it is not there yet.
    private static final Bytes SIGNATURE = Bytes.wrap(new byte[64]);

    private static final Bytes SIGNATURE_WITH_TYPE = Bytes.wrap(new byte[65]);
    private static final List<Bytes> KEY_HASH_WITNESS =
            List.of(Bytes.wrap(new byte[72]), Bytes.wrap(new byte[33]));

    private final Psbt psbt;
    private final Transaction transaction;
    private final List<TxOut> prevouts;
    private final List<KeyInput> keyInputs;
    private final List<TxOut> change;
    private final List<TxOut> destinations;
    private final long in;
    private final long out;
    private final Weight weight;

    /// An input that the request's keys sign.
    ///
    /// @param index among the transaction's inputs
    /// @param prevout as the PSBT states it
    /// @param type `DEFAULT` or `ALL`
    public record KeyInput(
            int index,
            OutPoint outPoint,
            TxOut prevout,
            KeyDerivation derivation,
            SighashType type,
            RequestedMessage message) {}

    private RequestTransaction(
            Psbt psbt,
            Transaction transaction,
            List<TxOut> prevouts,
            List<KeyInput> keyInputs,
            Set<Script> own)
            throws RefusedException {
        this.psbt = psbt;
        this.transaction = transaction;
        this.prevouts = prevouts;
        this.keyInputs = List.copyOf(keyInputs);
        this.change =
                transaction.outputs().stream()
                        .filter(output -> own.contains(output.scriptPubKey()))
                        .toList();
        this.destinations =
                transaction.outputs().stream()
                        .filter(output -> !own.contains(output.scriptPubKey()))
                        .toList();
        this.in = sum(prevouts);
        this.out = sum(transaction.outputs());
        this.weight = weightWhenSigned();
    }

    /// Reads the PSBT of a request.
    ///
    /// @throws RefusedException if this is nothing that its keys may sign on this network, or the
    ///   messages are not the transaction's
    public static RequestTransaction read(Invitation request, Bytes psbt, Network network)
            throws RefusedException {
        if (!request.header().network().equals(network.id())) {
            throw new RefusedException(
                    RefusalCode.OTHER_NETWORK, "the request is not for " + network);
        }
        if (request.keyOrder() != KeyOrder.SORTED
                || !request.keys().equals(KeySort.sort(request.keys()))) {
            throw new RefusedException(
                    RefusalCode.KEYS_NOT_SORTED, "the keys of an address are sorted");
        }
        Bytes named = request.psbt().map(Invitation.PsbtReference::hash).orElse(Bytes.EMPTY);
        if (!named.equals(Bytes.wrap(Sha256.single(psbt.toArray())))) {
            throw new RefusedException(
                    RefusalCode.OTHER_PSBT, "the transaction is not the one that is named");
        }
        RequestTransaction read = read(request.keys(), derivations(request.messages()), psbt);
        if (!read.toSign().equals(request.messages().stream().map(m -> m.toSign()).toList())) {
            throw new RefusedException(
                    RefusalCode.SIGHASH_MISMATCH,
                    "the messages are not this transaction's signature hashes");
        }
        return read;
    }

    private static Set<KeyDerivation> derivations(List<RequestedMessage> messages)
            throws RefusedException {
        Set<KeyDerivation> derivations = new LinkedHashSet<>();
        for (RequestedMessage message : messages) {
            switch (message.tweak()) {
                case RequestedMessage.None _ ->
                        throw new RefusedException(
                                RefusalCode.TWEAK_NOT_ALLOWED,
                                "a message for the aggregate key itself, which no output has");
                case RequestedMessage.KeyPath keyPath ->
                        derivations.add(new KeyDerivation(keyPath, message.path()));
            }
        }
        return derivations;
    }

    /// Reads a PSBT for these keys.
    ///
    /// @param keys sorted
    /// @param derivations of outputs that are theirs, besides [KeyDerivation#PLAIN]
    static RequestTransaction read(
            List<PublicKey> keys, Set<KeyDerivation> derivations, Bytes bytes)
            throws RefusedException {
        requireKeys(keys);
        Psbt psbt = parse(bytes);
        Transaction transaction = unsigned(psbt);
        // Before anything is hashed or derived.
        TransactionRules.checkBytes(transaction.serializeWithoutWitness().length());
        TransactionRules.checkShape(transaction, MAX_INPUTS);
        List<TxOut> prevouts = prevouts(psbt);
        Map<Script, KeyDerivation> scripts = scripts(keys, derivations);
        RequestTransaction read =
                new RequestTransaction(
                        psbt,
                        transaction,
                        prevouts,
                        keyInputs(psbt, transaction, prevouts, scripts),
                        keysOnly(scripts));
        TransactionRules.checkWeight(read.weight);
        if (read.out > read.in) {
            throw new RefusedException(
                    RefusalCode.OUTPUTS_EXCEED_INPUTS,
                    "outputs of " + read.out + " sat from inputs of " + read.in + " sat");
        }
        return read;
    }

    private static void requireKeys(List<PublicKey> keys) throws RefusedException {
        if (keys.size() < GroupWallet.MIN_KEYS || new HashSet<>(keys).size() < keys.size()) {
            throw new RefusedException(
                    RefusalCode.OTHER_GROUP, "an address has two keys at least, none twice");
        }
    }

    private static Psbt parse(Bytes bytes) throws RefusedException {
        try {
            return Psbt.parse(bytes.toArray());
        } catch (PsbtException e) {
            throw new RefusedException(
                    RefusalCode.MALFORMED_PSBT, e.code() + ": " + e.getMessage());
        }
    }

    private static Transaction unsigned(Psbt psbt) throws RefusedException {
        try {
            return psbt.unsignedTransaction();
        } catch (PsbtException e) {
            throw new RefusedException(RefusalCode.NOT_FINAL, String.valueOf(e.getMessage()));
        }
    }

    private static List<TxOut> prevouts(Psbt psbt) throws RefusedException {
        List<TxOut> prevouts;
        try {
            prevouts = psbt.prevouts();
        } catch (PsbtException e) {
            throw new RefusedException(RefusalCode.MISSING_PREVOUT, String.valueOf(e.getMessage()));
        }
        for (int i = 0; i < prevouts.size(); i++) {
            // What is followed in blocks is the txid; a scriptSig would change it.
            if (!prevouts.get(i).scriptPubKey().isWitnessProgram()) {
                throw new RefusedException(
                        RefusalCode.PREVOUT_NOT_SEGWIT,
                        "input " + i + " spends no witness program");
            }
        }
        return prevouts;
    }

    /// The scripts that are the keys' own, each derived here: a PSBT is believed none of it.
    private static Map<Script, KeyDerivation> scripts(
            List<PublicKey> keys, Set<KeyDerivation> derivations) throws RefusedException {
        Map<Script, KeyDerivation> scripts = new LinkedHashMap<>();
        KeyAggContext aggregate = KeyAggContext.of(keys);
        try {
            scripts.put(KeyDerivation.PLAIN.scriptPubKey(aggregate), KeyDerivation.PLAIN);
            for (KeyDerivation derivation : derivations) {
                scripts.putIfAbsent(derivation.scriptPubKey(aggregate), derivation);
            }
        } catch (IllegalArgumentException e) {
            throw new RefusedException(
                    RefusalCode.TWEAK_NOT_ALLOWED, String.valueOf(e.getMessage()));
        }
        return scripts;
    }

    /// What is paid to an output with scripts is not the keys' own any more, though the keys can
    /// spend it, too: the requester chose the scripts, and with them who else can.
    private static Set<Script> keysOnly(Map<Script, KeyDerivation> scripts) {
        return scripts.entrySet().stream()
                .filter(entry -> entry.getValue().isKeysOnly())
                .map(Map.Entry::getKey)
                .collect(Collectors.toUnmodifiableSet());
    }

    private static List<KeyInput> keyInputs(
            Psbt psbt,
            Transaction transaction,
            List<TxOut> prevouts,
            Map<Script, KeyDerivation> scripts)
            throws RefusedException {
        TaprootSighash sighash = TaprootSighash.of(transaction, prevouts);
        List<KeyInput> inputs = new ArrayList<>();
        for (int i = 0; i < prevouts.size(); i++) {
            PsbtInput input = psbt.inputs().get(i);
            SighashType type = type(i, input);
            KeyDerivation derivation = scripts.get(prevouts.get(i).scriptPubKey());
            if (derivation != null) {
                Bytes hash = sighash.keyPath(i, type, Optional.empty());
                inputs.add(
                        new KeyInput(
                                i,
                                input.outPoint(),
                                prevouts.get(i),
                                derivation,
                                type,
                                derivation.message(hash)));
            }
        }
        if (inputs.isEmpty()) {
            throw new RefusedException(
                    RefusalCode.NO_INPUT_OF_KEYS, "no input spends a coin of these keys");
        }
        return inputs;
    }

    /// Every other type leaves inputs or outputs open: whoever has the signature could change them.
    private static SighashType type(int index, PsbtInput input) throws RefusedException {
        long number = input.sighashTypeNumber().orElse(0L);
        if (number == SighashType.DEFAULT.value()) {
            return SighashType.DEFAULT;
        }
        if (number == SighashType.ALL.value()) {
            return SighashType.ALL;
        }
        throw new RefusedException(
                RefusalCode.SIGHASH_TYPE_NOT_ALLOWED,
                "input " + index + " wants the sighash type " + number);
    }

    /// Adds up without ever leaving the range of money.
    private static long sum(List<TxOut> outputs) throws RefusedException {
        long sum = 0;
        for (TxOut output : outputs) {
            sum += output.value().value();
            if (!Sat.isValid(sum)) {
                throw new RefusedException(
                        RefusalCode.MALFORMED_TRANSACTION, "more money than there is");
            }
        }
        return sum;
    }

    private Weight weightWhenSigned() {
        Set<Integer> withType =
                keyInputs.stream()
                        .filter(input -> input.type() == SighashType.ALL)
                        .map(KeyInput::index)
                        .collect(Collectors.toSet());
        List<TxIn> signed = new ArrayList<>();
        for (int i = 0; i < prevouts.size(); i++) {
            boolean isKeyHash =
                    prevouts.get(i).scriptPubKey().witnessVersion() == 0
                            && prevouts.get(i).scriptPubKey().witnessProgram().length() == 20;
            List<Bytes> guess =
                    isKeyHash
                            ? KEY_HASH_WITNESS
                            : List.of(withType.contains(i) ? SIGNATURE_WITH_TYPE : SIGNATURE);
            signed.add(
                    transaction
                            .inputs()
                            .get(i)
                            .withWitness(psbt.inputs().get(i).finalWitness().orElse(guess)));
        }
        return new Transaction(
                        transaction.version(),
                        signed,
                        transaction.outputs(),
                        transaction.lockTime())
                .weight();
    }

    // --- what it is

    public Psbt psbt() {
        return psbt;
    }

    /// Without signatures. Its id does not change when it is signed: all inputs are of segwit.
    public Transaction transaction() {
        return transaction;
    }

    public Txid txid() {
        return transaction.txid();
    }

    /// What all inputs spend, as stated, in their order.
    public List<TxOut> prevouts() {
        return prevouts;
    }

    /// The inputs that the keys sign, at least one, in the transaction's order.
    public List<KeyInput> keyInputs() {
        return keyInputs;
    }

    /// The coins of the keys that it spends.
    public List<OutPoint> keyCoins() {
        return keyInputs.stream().map(KeyInput::outPoint).toList();
    }

    /// The coins of all inputs.
    public List<OutPoint> coins() {
        return transaction.inputs().stream().map(TxIn::outPoint).toList();
    }

    /// What a request for it asks to sign: one message for each input of the keys, in their order.
    public List<RequestedMessage> messages() {
        return keyInputs.stream().map(KeyInput::message).toList();
    }

    /// The same as signing takes it.
    public List<MessageToSign> toSign() {
        return keyInputs.stream().map(input -> input.message().toSign()).toList();
    }

    /// The outputs that the keys alone can spend: derived from them here, without scripts.
    public List<TxOut> change() {
        return change;
    }

    /// All other outputs.
    public List<TxOut> destinations() {
        return destinations;
    }

    /// Its name where it counts against the limit of 24 hours, as if it were a txid: two requests
    /// with one name take the same. One transaction can spend coins of several sets of keys, each
    /// asked for by a request of its own, so its id alone would count the first of them for all.
    public Txid spendingName() {
        Bytes coins =
                Bytes.concat(keyCoins().stream().map(PaymentHold::resource).toArray(Bytes[]::new));
        return Txid.of(TaggedHash.of("tutti/request-spending", txid().bytes(), coins));
    }

    /// What the inputs of the keys bring.
    public Sat keyValue() {
        return Sat.of(keyInputs.stream().mapToLong(i -> i.prevout().value().value()).sum());
    }

    /// What the inputs of others bring.
    public Sat othersValue() {
        return Sat.of(in).minus(keyValue());
    }

    /// What the miner gets.
    public Sat fee() {
        return Sat.of(in - out);
    }

    /// What the keys lose, fee included: what their inputs bring, less what comes back to them.
    /// Nothing where others pay them more than they bring.
    public Sat outflow() {
        long back = change.stream().mapToLong(output -> output.value().value()).sum();
        return Sat.of(Math.max(0, keyValue().value() - back));
    }

    /// With the signatures that it needs, as far as they are not there yet.
    public Weight weight() {
        return weight;
    }

    /// What a request for it holds while it may be signed: the coins of the keys, and as content
    /// whom it pays how much (docs/protocol.md, Payments).
    public Hold hold() {
        return new Hold(
                keyCoins().stream().map(PaymentHold::resource).collect(Collectors.toSet()),
                PaymentHold.content(destinations));
    }
}
