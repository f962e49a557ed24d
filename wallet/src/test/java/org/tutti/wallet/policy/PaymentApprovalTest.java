package org.tutti.wallet.policy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tutti.bitcoin.codec.WireWriter;
import org.tutti.bitcoin.tx.Hash256;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.SighashType;
import org.tutti.bitcoin.tx.TaprootSighash;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.FeeRate;
import org.tutti.bitcoin.units.Sat;
import org.tutti.bytes.Bytes;
import org.tutti.coordinator.approval.Decision;
import org.tutti.coordinator.group.Member;
import org.tutti.coordinator.request.KeyTweak;
import org.tutti.coordinator.request.MessageToSign;
import org.tutti.coordinator.request.SessionId;
import org.tutti.coordinator.request.SigningRequest;
import org.tutti.coordinator.request.SigningRequestDraft;
import org.tutti.libp2p.crypto.KeyType;
import org.tutti.libp2p.crypto.Keys;
import org.tutti.libp2p.peer.PeerId;
import org.tutti.musig.keys.PublicKey;
import org.tutti.wallet.FakeChain;
import org.tutti.wallet.Group;
import org.tutti.wallet.spend.CoinChoice;
import org.tutti.wallet.spend.PaymentBuilder;
import org.tutti.wallet.spend.UnsignedPayment;
import org.tutti.wallet.wallet.CoinStore;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/// Alice decides; bob asks, and sometimes mallory.
class PaymentApprovalTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final Bytes FRIEND = Bytes.fromHex("0014" + "aa".repeat(20));
    private static final Bytes FRIEND_TOO = Bytes.fromHex("0014" + "bb".repeat(20));

    private final Group group = new Group();
    private final Bytes ours = group.wallet.scriptPubKey();
    private final CoinStore coins = new CoinStore(group.wallet);
    private final FakeChain chain = new FakeChain(coins);
    private final List<OutPoint> ourCoins = new ArrayList<>();
    private final Member bob = member();
    private Instant now = NOW;
    private int sessions;
    private final PaymentApproval alice =
            approval(new Destinations.Only(Set.of(FRIEND, FRIEND_TOO)), new CoinReservations());

    private PaymentApproval approval(Destinations destinations, CoinReservations reservations) {
        SpendPolicy policy = new SpendPolicy(Sat.of(50_000), Sat.of(2_000), destinations);
        InstantSource clock = () -> now;
        return new PaymentApproval(group.wallet, coins, policy, reservations, clock);
    }

    private Member member() {
        PeerId peer = Keys.generate(KeyType.ED25519, new SecureRandom()).publicKey().peerId();
        return new Member(1, peer, group.publicKeys().get(1), List.of());
    }

    @BeforeEach
    void threeCoinsOf100000() {
        Transaction pays = chain.pay(ours, 100_000, 100_000, 100_000);
        chain.mine(pays);
        for (int i = 0; i < 3; i++) {
            ourCoins.add(new OutPoint(pays.txid(), i));
        }
    }

    private static TxOut to(Bytes script, long amount) {
        return new TxOut(Sat.of(amount), script);
    }

    /// Spends the first of our coins.
    private Transaction spend(TxOut... outputs) {
        return FakeChain.spend(ourCoins.subList(0, 1), outputs);
    }

    /// What bob would ask for this transaction, with the sighashes of the prevouts that he claims:
    /// all of ours.
    private SigningRequest request(Transaction transaction) {
        List<TxOut> prevouts = Collections.nCopies(transaction.inputs().size(), to(ours, 100_000));
        TaprootSighash sighash = TaprootSighash.of(transaction, prevouts);
        List<MessageToSign> messages = new ArrayList<>();
        for (int i = 0; i < prevouts.size(); i++) {
            Bytes hash = sighash.keyPath(i, SighashType.DEFAULT, Optional.empty());
            messages.add(new MessageToSign(hash, KeyTweak.keyPathOnly()));
        }
        return request(transaction.serializeWithoutWitness(), messages);
    }

    private SigningRequest request(Bytes context, List<MessageToSign> messages) {
        return request(PaymentApproval.PURPOSE, keys(), context, messages);
    }

    private List<Bytes> keys() {
        return group.wallet.keys().stream().map(PublicKey::bytes).toList();
    }

    private SigningRequest request(
            String purpose, List<Bytes> keys, Bytes context, List<MessageToSign> messages) {
        byte[] id = new byte[32];
        id[0] = (byte) sessions;
        id[1] = (byte) (sessions++ >> 8);
        return new SigningRequest(
                new SessionId(Bytes.of(id)),
                1,
                keys,
                bob.peerId(),
                Bytes.wrap(new byte[32]),
                NOW,
                NOW.plus(Duration.ofMinutes(10)),
                messages,
                purpose,
                context,
                Bytes.EMPTY);
    }

    private Decision decide(Transaction transaction) {
        return alice.decide(request(transaction), bob);
    }

    private static void refused(RefusalCode code, Decision decision) {
        assertThat(decision)
                .isInstanceOfSatisfying(
                        Decision.Refused.class,
                        refused -> {
                            assertThat(refused.code()).isEqualTo(code.name());
                            assertThat(refused.reason()).isNotBlank().hasSizeLessThan(512);
                        });
    }

    private void refused(RefusalCode code, Transaction transaction) {
        refused(code, decide(transaction));
    }

    // What is approved.

    @Test
    void aPaymentWithinTheRulesIsApprovedWithTheHashesThatAliceComputed() throws Exception {
        UnsignedPayment payment =
                new PaymentBuilder(group.wallet, coins)
                        .build(
                                List.of(to(FRIEND, 40_000)),
                                FeeRate.satPerVirtualByte(2),
                                new CoinChoice.AtLeast(2));
        SigningRequestDraft draft = PaymentApproval.draft(payment, Duration.ofMinutes(1));
        assertThat(draft.purpose()).isEqualTo(PaymentApproval.PURPOSE);
        Decision decision = alice.decide(request(draft.context(), draft.messages()), bob);
        assertThat(decision)
                .isInstanceOfSatisfying(
                        Decision.Approved.class,
                        approved -> {
                            assertThat(approved.messages())
                                    .extracting(MessageToSign::hash)
                                    .isEqualTo(payment.sighashes());
                            assertThat(approved.messages())
                                    .extracting(MessageToSign::tweak)
                                    .containsOnly(KeyTweak.keyPathOnly());
                        });
        assertThat(alice.read(draft.context())).contains(payment);
    }

    @Test
    void severalAllowedDestinationsAndChangeAreFine() {
        assertThat(decide(spend(to(FRIEND, 20_000), to(FRIEND_TOO, 20_000), to(ours, 59_000))))
                .isInstanceOf(Decision.Approved.class);
    }

    @Test
    void movingCoinsToTheGroupItselfPaysNobody() {
        assertThat(decide(spend(to(ours, 99_000)))).isInstanceOf(Decision.Approved.class);
    }

    // Requests that are no payment.

    @Test
    void aBareMessageIsRefused() {
        MessageToSign bare = new MessageToSign(Bytes.wrap(new byte[32]), KeyTweak.none());
        for (String purpose : List.of("", "message", "Payment", "payment ")) {
            refused(
                    RefusalCode.PURPOSE_NOT_ALLOWED,
                    alice.decide(request(purpose, keys(), Bytes.EMPTY, List.of(bare)), bob));
        }
    }

    @Test
    void anotherGroupsKeysAreRefused() {
        SigningRequest good = request(spend(to(FRIEND, 40_000), to(ours, 59_000)));
        for (List<Bytes> keys : List.of(keys().reversed(), keys().subList(0, 2))) {
            refused(
                    RefusalCode.OTHER_GROUP,
                    alice.decide(
                            request(good.purpose(), keys, good.context(), good.messages()), bob));
        }
    }

    @Test
    void messagesThatAreNotTheTransactionsHashesAreRefused() {
        SigningRequest good = request(spend(to(FRIEND, 40_000), to(ours, 59_000)));
        MessageToSign message = good.messages().getFirst();
        MessageToSign other =
                new MessageToSign(Bytes.fromHex("11".repeat(32)), KeyTweak.keyPathOnly());
        MessageToSign untweaked = new MessageToSign(message.hash(), KeyTweak.none());
        for (List<MessageToSign> messages :
                List.<List<MessageToSign>>of(
                        List.of(), List.of(other), List.of(untweaked), List.of(message, other))) {
            refused(
                    RefusalCode.SIGHASH_MISMATCH,
                    alice.decide(request(good.context(), messages), bob));
        }
    }

    @Test
    void aValueThatTheRequesterClaimsHasNoPlaceAndAHashOverItDoesNotFit() {
        Transaction transaction = spend(to(FRIEND, 40_000), to(ours, 59_000));
        TaprootSighash lie = TaprootSighash.of(transaction, List.of(to(ours, 41_000)));
        Bytes hash = lie.keyPath(0, SighashType.DEFAULT, Optional.empty());
        refused(
                RefusalCode.SIGHASH_MISMATCH,
                alice.decide(
                        request(
                                transaction.serializeWithoutWitness(),
                                List.of(new MessageToSign(hash, KeyTweak.keyPathOnly()))),
                        bob));
    }

    // Bytes that are no transaction.

    @Test
    void garbageIsRefusedAndNeverCrashes() {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(3);
        Bytes good = spend(to(FRIEND, 40_000), to(ours, 59_000)).serializeWithoutWitness();
        List<MessageToSign> messages =
                List.of(new MessageToSign(Bytes.wrap(new byte[32]), KeyTweak.keyPathOnly()));
        for (int round = 0; round < 5_000; round++) {
            byte[] bytes = good.toArray();
            for (int flips = random.nextInt(1, 4); flips > 0; flips--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            Bytes context =
                    Bytes.of(
                            bytes,
                            0,
                            random.nextInt(4) == 0 ? random.nextInt(bytes.length) : bytes.length);
            assertThat(alice.decide(request(context, messages), bob))
                    .isInstanceOf(Decision.Refused.class);
        }
    }

    @Test
    void otherFormsOfTheTransactionAreRefused() {
        Transaction good = spend(to(FRIEND, 40_000), to(ours, 59_000));
        Transaction signed = good.withWitness(0, List.of(Bytes.wrap(new byte[64])));
        SigningRequest request = request(good);
        refusedContext(request, signed.serialize());
        refusedContext(request, Bytes.EMPTY);
        refusedContext(request, Bytes.concat(request.context(), Bytes.fromHex("00")));
        refused(
                RefusalCode.MALFORMED_TRANSACTION,
                new Transaction(1, good.inputs(), good.outputs(), 0));
        refused(
                RefusalCode.MALFORMED_TRANSACTION,
                new Transaction(2, List.of(), good.outputs(), 0));
        refused(RefusalCode.MALFORMED_TRANSACTION, new Transaction(2, good.inputs(), List.of(), 0));
        TxIn withScript =
                new TxIn(ourCoins.getFirst(), Bytes.fromHex("51"), 0xffff_fffdL, List.of());
        refused(
                RefusalCode.MALFORMED_TRANSACTION,
                new Transaction(2, List.of(withScript), good.outputs(), 0));
    }

    private void refusedContext(SigningRequest like, Bytes context) {
        refused(
                RefusalCode.MALFORMED_TRANSACTION,
                alice.decide(request(context, like.messages()), bob));
    }

    @Test
    void aHugeTransactionIsRefusedBeforeItIsRead() {
        TxOut[] many = new TxOut[4_000];
        Arrays.fill(many, to(FRIEND, 1_000));
        refused(RefusalCode.TRANSACTION_TOO_LARGE, spend(many));
        // Just small enough to be read, but too heavy once it is signed.
        TxOut[] heavy = new TxOut[3_224];
        Arrays.fill(heavy, to(FRIEND, 1_000));
        Transaction transaction = spend(heavy);
        int size = transaction.serializeWithoutWitness().length();
        assertThat(size).isBetween(99_900, PaymentReader.MAX_BYTES);
        refused(RefusalCode.TRANSACTION_TOO_LARGE, transaction);
    }

    @Test
    void tooManyInputsAreRefused() {
        List<OutPoint> many = new ArrayList<>();
        for (int i = 0; i <= PaymentBuilder.MAX_INPUTS; i++) {
            many.add(new OutPoint(Hash256.ZERO, i));
        }
        refused(RefusalCode.TOO_MANY_INPUTS, FakeChain.spend(many, to(FRIEND, 1_000)));
    }

    @Test
    void aCountOfInputsThatTheBytesCannotHoldIsRefused() {
        Bytes bomb = new WireWriter().i32(2).compactSize(1L << 40).toBytes();
        refusedContext(request(spend(to(FRIEND, 40_000))), bomb);
    }

    // Coins.

    @Test
    void theSameCoinTwiceIsRefused() {
        OutPoint coin = ourCoins.getFirst();
        refused(
                RefusalCode.DUPLICATE_INPUT,
                FakeChain.spend(List.of(coin, coin), to(FRIEND, 40_000), to(ours, 159_000)));
    }

    @Test
    void aCoinThatAlicesChainDoesNotShowIsRefused() {
        OutPoint unknown = new OutPoint(Hash256.of(new byte[] {1}), 0);
        OutPoint beyond = new OutPoint(ourCoins.getFirst().txid(), 3);
        for (OutPoint outPoint : List.of(unknown, beyond)) {
            refused(
                    RefusalCode.UNKNOWN_PREVOUT,
                    FakeChain.spend(List.of(ourCoins.getFirst(), outPoint), to(FRIEND, 40_000)));
        }
    }

    @Test
    void aCoinWhoseBlockLeftTheChainIsRefused() {
        chain.disconnect();
        refused(RefusalCode.UNKNOWN_PREVOUT, spend(to(FRIEND, 40_000), to(ours, 59_000)));
    }

    @Test
    void aSpentCoinIsRefused() {
        chain.mine(spend(to(Group.STRANGER, 99_000)));
        refused(RefusalCode.ALREADY_SPENT, spend(to(FRIEND, 40_000), to(ours, 59_000)));
    }

    @Test
    void anImmatureCoinbaseIsRefusedUntilItIsMature() {
        chain.mineTo(ours);
        OutPoint coinbase = coins.unspent().getLast().outPoint();
        Transaction spend =
                FakeChain.spend(List.of(coinbase), to(FRIEND, 40_000), to(ours, 4_999_959_000L));
        refused(RefusalCode.IMMATURE, spend);
        chain.mineEmpty(99);
        // The claimed hashes are over other amounts: what matters is that maturity is no longer the
        // reason.
        refused(RefusalCode.SIGHASH_MISMATCH, spend);
    }

    @Test
    void whatCannotBeMinedNowIsRefused() {
        Transaction good = spend(to(FRIEND, 40_000), to(ours, 59_000));
        int height = chain.height();
        for (long lock : new long[] {height + 1, 499_999_999, 500_000_000, 0xffff_ffffL}) {
            refused(RefusalCode.NOT_FINAL, new Transaction(2, good.inputs(), good.outputs(), lock));
        }
        TxIn relative = TxIn.unsigned(ourCoins.getFirst(), 1);
        refused(RefusalCode.NOT_FINAL, new Transaction(2, List.of(relative), good.outputs(), 0));
        assertThat(decide(new Transaction(2, good.inputs(), good.outputs(), height)))
                .isInstanceOf(Decision.Approved.class);
    }

    // Money.

    @Test
    void moreThanTheLimitIsRefusedAlsoInPieces() {
        refused(RefusalCode.AMOUNT_ABOVE_LIMIT, spend(to(FRIEND, 50_001), to(ours, 48_000)));
        refused(
                RefusalCode.AMOUNT_ABOVE_LIMIT,
                spend(to(FRIEND, 25_001), to(FRIEND_TOO, 25_000), to(ours, 48_000)));
        assertThat(decide(spend(to(FRIEND, 50_000), to(ours, 49_000))))
                .isInstanceOf(Decision.Approved.class);
    }

    @Test
    void aFeeAboveTheLimitOrBelowWhatNodesRelayIsRefused() {
        refused(RefusalCode.FEE_ABOVE_LIMIT, spend(to(FRIEND, 40_000), to(ours, 57_999)));
        refused(RefusalCode.FEE_ABOVE_LIMIT, spend(to(FRIEND, 40_000)));
        refused(RefusalCode.FEE_BELOW_RELAY, spend(to(FRIEND, 40_000), to(ours, 60_000)));
        refused(RefusalCode.FEE_BELOW_RELAY, spend(to(FRIEND, 40_000), to(ours, 59_900)));
        assertThat(decide(spend(to(FRIEND, 40_000), to(ours, 58_000))))
                .isInstanceOf(Decision.Approved.class);
    }

    @Test
    void outputsThatPayMoreThanTheInputsBringAreRefused() {
        refused(RefusalCode.OUTPUTS_EXCEED_INPUTS, spend(to(FRIEND, 40_000), to(ours, 60_001)));
        refused(RefusalCode.OUTPUTS_EXCEED_INPUTS, spend(to(ours, Sat.MAX_VALUE)));
    }

    @Test
    void outputsWhoseSumWouldOverflowALongAreRefused() {
        // 4,393 times all the money is more than a long holds.
        TxOut[] all = new TxOut[4_400];
        Arrays.fill(all, to(Bytes.EMPTY, Sat.MAX_VALUE));
        refused(RefusalCode.OUTPUTS_EXCEED_INPUTS, spend(all));
    }

    @Test
    void dustIsRefused() {
        refused(RefusalCode.DUST_OUTPUT, spend(to(FRIEND, 293), to(ours, 98_000)));
        refused(RefusalCode.DUST_OUTPUT, spend(to(FRIEND, 40_000), to(ours, 329)));
    }

    // Destinations.

    @Test
    void aDestinationThatIsNotAllowedIsRefused() {
        refused(
                RefusalCode.DESTINATION_NOT_ALLOWED,
                spend(to(Group.STRANGER, 40_000), to(ours, 59_000)));
        refused(RefusalCode.DESTINATION_NOT_ALLOWED, spend(to(Group.STRANGER, 40_000)));
        Bytes longScript = Bytes.fromHex("51".repeat(2_000));
        refused(
                RefusalCode.DESTINATION_NOT_ALLOWED,
                spend(to(longScript, 40_000), to(ours, 59_000)));
    }

    @Test
    void changeToAStrangerIsRefused() {
        refused(RefusalCode.CHANGE_NOT_OURS, spend(to(FRIEND, 40_000), to(Group.STRANGER, 59_000)));
        refused(
                RefusalCode.CHANGE_NOT_OURS,
                spend(to(FRIEND, 40_000), to(ours, 29_000), to(Group.STRANGER, 30_000)));
        PaymentApproval anywhere = approval(new Destinations.Any(), new CoinReservations());
        refused(
                RefusalCode.CHANGE_NOT_OURS,
                anywhere.decide(
                        request(spend(to(FRIEND, 40_000), to(Group.STRANGER, 59_000))), bob));
        assertThat(
                        anywhere.decide(
                                request(spend(to(Group.STRANGER, 40_000), to(ours, 59_000))), bob))
                .isInstanceOf(Decision.Approved.class);
    }

    // Sessions side by side.

    @Test
    void aCoinIsNotSignedIntoTwoTransactionsAtTheSameTime() {
        SigningRequest first = request(spend(to(FRIEND, 40_000), to(ours, 59_000)));
        Transaction second = spend(to(FRIEND_TOO, 40_000), to(ours, 59_000));
        assertThat(alice.decide(first, bob)).isInstanceOf(Decision.Approved.class);
        refused(RefusalCode.CONFLICTING_SESSION, second);
        // The same transaction in another session is no conflict, and other coins are not either.
        assertThat(decide(spend(to(FRIEND, 40_000), to(ours, 59_000))))
                .isInstanceOf(Decision.Approved.class);
        assertThat(
                        decide(
                                FakeChain.spend(
                                        ourCoins.subList(1, 2),
                                        to(FRIEND, 40_000),
                                        to(ours, 59_000))))
                .isInstanceOf(Decision.Approved.class);
    }

    @Test
    void aSessionThatEndedOrExpiredFreesItsCoins() {
        SigningRequest first = request(spend(to(FRIEND, 40_000), to(ours, 59_000)));
        Transaction second = spend(to(FRIEND_TOO, 40_000), to(ours, 59_000));
        Transaction third = spend(to(FRIEND_TOO, 30_000), to(ours, 69_000));
        assertThat(alice.decide(first, bob)).isInstanceOf(Decision.Approved.class);
        alice.ended(first.sessionId());
        assertThat(decide(second)).isInstanceOf(Decision.Approved.class);
        refused(RefusalCode.CONFLICTING_SESSION, third);
        now = NOW.plus(Duration.ofMinutes(10));
        assertThat(decide(third)).isInstanceOf(Decision.Approved.class);
    }

    @Test
    void aRefusedRequestBindsNothing() {
        refused(RefusalCode.AMOUNT_ABOVE_LIMIT, spend(to(FRIEND, 50_001), to(ours, 48_000)));
        assertThat(decide(spend(to(FRIEND, 40_000), to(ours, 59_000))))
                .isInstanceOf(Decision.Approved.class);
    }

    @Test
    void moreSessionsThanTheBoundAreRefused() {
        CoinReservations small = new CoinReservations(1);
        PaymentApproval strict = approval(new Destinations.Any(), small);
        assertThat(strict.decide(request(spend(to(FRIEND, 40_000), to(ours, 59_000))), bob))
                .isInstanceOf(Decision.Approved.class);
        refused(
                RefusalCode.TOO_MANY_SESSIONS,
                strict.decide(
                        request(
                                FakeChain.spend(
                                        ourCoins.subList(1, 2),
                                        to(FRIEND, 40_000),
                                        to(ours, 59_000))),
                        bob));
        assertThat(small.size()).isEqualTo(1);
    }
}
