package org.tutti.app.demo;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.address.Address;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.LockTime;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.Sequence;
import org.tutti.bitcoin.tx.SighashType;
import org.tutti.bitcoin.tx.TaprootSighash;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.Sat;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.node.json.JsonObject;
import org.tutti.signing.group.GroupException;
import org.tutti.signing.group.SignerGroup;
import org.tutti.signing.internal.wire.RequestCodec;
import org.tutti.signing.request.KeyTweak;
import org.tutti.signing.request.MessageToSign;
import org.tutti.signing.request.RequestGroup;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.request.SigningRequestDraft;
import org.tutti.wallet.coins.GroupWallet;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// Requests that a hostile member sends: each is the honest one with one thing changed.
final class CraftedRequests {
    /// What is changed, and the code that an honest node answers.
    enum Case {
        /// Nothing: shows that the others are refused for what they change.
        HONEST(""),
        /// The hash to sign is not the transaction's.
        WRONG_SIGHASH("SIGHASH_MISMATCH"),
        /// The hashes belong to the same transaction over prevouts of other values.
        SIGHASH_OVER_CLAIMED_AMOUNTS("SIGHASH_MISMATCH"),
        /// The hashes belong to a transaction that spends another coin than the one shown.
        SIGHASH_OF_OTHER_PREVOUTS("SIGHASH_MISMATCH"),
        SIGHASH_TYPE_NONE("SIGHASH_MISMATCH"),
        UNTWEAKED("SIGHASH_MISMATCH"),
        TWEAKED_BY_A_TREE("SIGHASH_MISMATCH"),
        MORE_MESSAGES_THAN_INPUTS("SIGHASH_MISMATCH"),
        FEWER_MESSAGES_THAN_INPUTS("SIGHASH_MISMATCH"),
        SWAPPED_MESSAGES("SIGHASH_MISMATCH"),
        NO_TRANSACTION("MALFORMED_TRANSACTION"),
        TRAILING_BYTE("MALFORMED_TRANSACTION"),
        /// The count of inputs in three bytes where one would do.
        LONG_COUNT("MALFORMED_TRANSACTION"),
        WITH_WITNESS("MALFORMED_TRANSACTION"),
        WITH_SCRIPT_SIG("MALFORMED_TRANSACTION"),
        BARE_MESSAGE("PURPOSE_NOT_ALLOWED"),
        CHANGE_TO_A_STRANGER("CHANGE_NOT_OURS"),
        PAYS_A_STRANGER("DESTINATION_NOT_ALLOWED"),
        ABOVE_THE_AMOUNT("AMOUNT_ABOVE_LIMIT"),
        ABOVE_THE_FEE("FEE_ABOVE_LIMIT"),
        NO_FEE("FEE_BELOW_RELAY"),
        MORE_OUT_THAN_IN("OUTPUTS_EXCEED_INPUTS"),
        DUST("DUST_OUTPUT"),
        LOCKED_FOR_LATER("NOT_FINAL"),
        SAME_COIN_TWICE("DUPLICATE_INPUT"),
        COIN_FROM_NOWHERE("UNKNOWN_PREVOUT"),
        IMMATURE_COIN("IMMATURE"),
        /// The same transaction in a regtest block would have the same hashes.
        OTHER_NETWORK("WRONG_GROUP"),
        SAME_KEYS_ON_ANOTHER_NETWORK("dropped WRONG_GROUP"),
        OTHER_EPOCH("WRONG_GROUP"),
        OTHER_KEY_ORDER("WRONG_GROUP"),
        /// Not worth an answer: dropped and counted.
        EXPIRED("dropped EXPIRED"),
        FROM_THE_FUTURE("BAD_TIMES"),
        LIVES_TOO_LONG("BAD_TIMES"),
        IN_ANOTHERS_NAME("dropped WRONG_INDEX");

        final String code;

        Case(String code) {
            this.code = code;
        }
    }

    private static final long COIN = 5_000_000_000L;
    private static final long PAID = 6_000_000_000L;
    private static final long CHANGE = 2 * COIN - PAID - 1_000;

    private final SignerGroup group;
    private final PeerId self;
    private final Script ours;
    private final Script allowed;
    private final Script stranger =
            Script.fromHex(
                    "5120" + "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798");
    private final SecureRandom random = new SecureRandom();

    CraftedRequests(SignerGroup group, PeerId self, Network network) throws Exception {
        this.group = group;
        this.self = self;
        this.ours = GroupWallet.of(group.signingKeys(), network).scriptPubKey();
        this.allowed = Address.parse(BitcoinPeer.NOBODY, network).scriptPubKey();
    }

    /// @param order has the group's coins: two that can be spent, and one that is immature
    SigningRequest make(Case what, JsonObject order) throws Exception {
        List<OutPoint> coins = new ArrayList<>();
        for (JsonObject coin : order.objects("coins")) {
            coins.add(new OutPoint(Txid.fromDisplayHex(coin.string("txid")), coin.integer("vout")));
        }
        Transaction transaction = transaction(what, coins);
        return request(what, context(what, transaction), messages(what, transaction, coins));
    }

    private Transaction transaction(Case what, List<OutPoint> coins) {
        List<OutPoint> two = coins.subList(0, 2);
        TxOut pays = new TxOut(Sat.of(PAID), allowed);
        TxOut change = new TxOut(Sat.of(CHANGE), ours);
        return switch (what) {
            case CHANGE_TO_A_STRANGER -> spend(two, pays, new TxOut(change.value(), stranger));
            case PAYS_A_STRANGER -> spend(two, new TxOut(pays.value(), stranger), change);
            case ABOVE_THE_AMOUNT ->
                    // The nodes' limit is below two coins.
                    spend(two, new TxOut(Sat.of(2 * COIN - 1_000), allowed));
            case ABOVE_THE_FEE -> spend(two, pays, new TxOut(Sat.of(CHANGE - 99_001), ours));
            case NO_FEE -> spend(two, pays, new TxOut(Sat.of(CHANGE + 1_000), ours));
            case MORE_OUT_THAN_IN -> spend(two, pays, new TxOut(Sat.of(CHANGE + 1_001), ours));
            case DUST -> spend(two, pays, change, new TxOut(Sat.of(329), ours));
            case LOCKED_FOR_LATER -> {
                Transaction good = spend(two, pays, change);
                yield new Transaction(2, good.inputs(), good.outputs(), LockTime.of(10_000));
            }
            case SAME_COIN_TWICE -> spend(List.of(two.getFirst(), two.getFirst()), pays, change);
            case COIN_FROM_NOWHERE ->
                    spend(List.of(two.getFirst(), new OutPoint(Txid.ZERO, 0)), pays, change);
            case IMMATURE_COIN -> spend(List.of(two.getFirst(), coins.get(2)), pays, change);
            case WITH_SCRIPT_SIG -> {
                Transaction good = spend(two, pays, change);
                TxIn first =
                        new TxIn(
                                two.getFirst(),
                                Script.fromHex("51"),
                                Sequence.REPLACEABLE,
                                List.of());
                yield new Transaction(
                        2, List.of(first, good.inputs().getLast()), good.outputs(), LockTime.NONE);
            }
            default -> spend(two, pays, change);
        };
    }

    private static Transaction spend(List<OutPoint> coins, TxOut... outputs) {
        return new Transaction(
                2,
                coins.stream().map(c -> TxIn.unsigned(c, Sequence.REPLACEABLE)).toList(),
                List.of(outputs),
                LockTime.NONE);
    }

    private static Bytes context(Case what, Transaction transaction) {
        Bytes good = transaction.serializeWithoutWitness();
        return switch (what) {
            case NO_TRANSACTION, BARE_MESSAGE -> Bytes.EMPTY;
            case TRAILING_BYTE -> Bytes.concat(good, Bytes.fromHex("00"));
            // Version, then the count: one byte, 02.
            case LONG_COUNT ->
                    Bytes.concat(
                            good.slice(0, 4),
                            Bytes.fromHex("fd0200"),
                            good.slice(5, good.length()));
            case WITH_WITNESS ->
                    transaction.withWitness(0, List.of(Bytes.wrap(new byte[64]))).serialize();
            default -> good;
        };
    }

    private List<MessageToSign> messages(Case what, Transaction transaction, List<OutPoint> coins) {
        Transaction signed =
                what == Case.SIGHASH_OF_OTHER_PREVOUTS
                        ? spend(
                                List.of(coins.get(0), coins.get(2)),
                                transaction.outputs().toArray(TxOut[]::new))
                        : transaction;
        long claimed = what == Case.SIGHASH_OVER_CLAIMED_AMOUNTS ? COIN - 1 : COIN;
        SighashType type = what == Case.SIGHASH_TYPE_NONE ? SighashType.NONE : SighashType.DEFAULT;
        TxOut prevout = new TxOut(Sat.of(claimed), ours);
        TaprootSighash sighash = TaprootSighash.of(signed, List.of(prevout, prevout));
        List<MessageToSign> messages = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            messages.add(
                    new MessageToSign(
                            sighash.keyPath(i, type, Optional.empty()), KeyTweak.keyPathOnly()));
        }
        return switch (what) {
            case WRONG_SIGHASH ->
                    List.of(messages.getFirst(), changed(messages.get(1), h -> noise()));
            case UNTWEAKED -> retweaked(messages, KeyTweak.none());
            case TWEAKED_BY_A_TREE ->
                    retweaked(messages, new KeyTweak.Bip341KeyPath(Optional.of(noise())));
            case MORE_MESSAGES_THAN_INPUTS ->
                    List.of(
                            messages.get(0),
                            messages.get(1),
                            changed(messages.get(1), h -> noise()));
            case FEWER_MESSAGES_THAN_INPUTS -> messages.subList(0, 1);
            case SWAPPED_MESSAGES -> messages.reversed();
            default -> messages;
        };
    }

    private static MessageToSign changed(MessageToSign message, UnaryOperator<Bytes> change) {
        return new MessageToSign(change.apply(message.hash()), message.tweak());
    }

    private static List<MessageToSign> retweaked(List<MessageToSign> messages, KeyTweak tweak) {
        return messages.stream().map(m -> new MessageToSign(m.hash(), tweak)).toList();
    }

    private Bytes noise() {
        byte[] noise = new byte[32];
        random.nextBytes(noise);
        return Bytes.wrap(noise);
    }

    private SigningRequest request(Case what, Bytes context, List<MessageToSign> messages) {
        List<Bytes> keys = group.signingKeys().stream().map(key -> key.bytes()).toList();
        Instant now = Instant.now();
        Instant created =
                switch (what) {
                    case EXPIRED -> now.minus(Duration.ofMinutes(2));
                    case FROM_THE_FUTURE -> now.plus(Duration.ofMinutes(5));
                    default -> now;
                };
        Duration lifetime =
                switch (what) {
                    case EXPIRED -> Duration.ofMinutes(1);
                    case LIVES_TOO_LONG -> Duration.ofMinutes(61);
                    default -> Duration.ofMinutes(10);
                };
        RequestGroup named =
                what == Case.SAME_KEYS_ON_ANOTHER_NETWORK
                        ? RequestGroup.of(onMainnet())
                        : new RequestGroup(
                                what == Case.OTHER_NETWORK ? Network.MAINNET.id() : group.network(),
                                group.id(),
                                what == Case.OTHER_EPOCH ? group.epoch() + 1 : group.epoch(),
                                what == Case.OTHER_KEY_ORDER ? keys.reversed() : keys);
        return RequestCodec.create(
                named,
                what == Case.IN_ANOTHERS_NAME ? another() : self,
                noise(),
                created,
                new SigningRequestDraft(
                        messages,
                        what == Case.BARE_MESSAGE ? "message" : "payment",
                        context,
                        lifetime));
    }

    private SignerGroup onMainnet() {
        try {
            return SignerGroup.of(
                    Network.MAINNET.id(),
                    group.epoch(),
                    group.members().stream()
                            .map(member ->
                                    new SignerGroup.Candidate(
                                            member.peerId(), member.signingKey(), List.of()))
                            .toList());
        } catch (GroupException e) {
            throw new IllegalStateException(e);
        }
    }

    private PeerId another() {
        return group.members().stream()
                .map(member -> member.peerId())
                .filter(peer -> !peer.equals(self))
                .findFirst()
                .orElseThrow();
    }
}
