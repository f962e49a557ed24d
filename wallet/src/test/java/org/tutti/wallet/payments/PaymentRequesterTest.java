package org.tutti.wallet.payments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.address.Address;
import org.tutti.bitcoin.address.AddressException;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.FeeRate;
import org.tutti.bitcoin.units.Sat;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.signing.approval.SettledHold;
import org.tutti.signing.group.Member;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.request.SigningRequestDraft;
import org.tutti.signing.session.SessionOutcome;
import org.tutti.wallet.FakeChain;
import org.tutti.wallet.Group;
import org.tutti.wallet.policy.PaymentApproval;
import org.tutti.wallet.policy.PaymentHold;
import org.tutti.wallet.spend.CoinSelection;
import org.tutti.wallet.spend.PaymentBuilder;
import org.tutti.wallet.spend.PaymentException;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/// What [PaymentRequester] answers to an order: one method, whose answer depends on everything that
/// became of orders with the same key, so that its cases need one set of sessions and coins.
class PaymentRequesterTest extends PaymentFixture {
    private static final Bytes RENT = key("rent");

    private final List<SigningRequestDraft> asked = Collections.synchronizedList(new ArrayList<>());
    private final Member carol = new Member(2, bob, group.publicKeys().get(2), List.of());

    /// What becomes of a session: told to the payments as signing tells it, then returned.
    private Function<SigningRequest, SessionOutcome> group3 = this::signs;

    /// The session that goes on after a restart, by its key.
    private Function<Bytes, Optional<PaymentSigner.Started>> running = _ -> Optional.empty();

    private final PaymentRequester requester = requester(Session::new);

    /// A session as the signing service would run it.
    private class Session implements PaymentSigner.Started {
        private final SigningRequest request;

        Session(SigningRequestDraft draft) {
            this(draft, /* approved= */ true);
        }

        /// @param approved false as it is after a restart, until the approval is given again
        Session(SigningRequestDraft draft, boolean approved) {
            asked.add(draft);
            request = request(draft, alice, asked.size());
            if (approved) {
                payments.reserved(request);
            }
        }

        @Override
        public SessionId session() {
            return request.sessionId();
        }

        @Override
        public SessionOutcome await(Duration timeout)
                throws InterruptedException, TimeoutException {
            return group3.apply(request);
        }
    }

    private SigningRequest request(SigningRequestDraft draft, PeerId requester, int number) {
        SigningRequest like = request(payment(coinElsewhere(12_345)), requester);
        byte[] id = new byte[32];
        id[31] = (byte) number;
        return new SigningRequest(
                new SessionId(Bytes.of(id)),
                like.group(),
                requester,
                like.salt(),
                NOW,
                NOW.plus(draft.lifetime()),
                draft.messages(),
                draft.purpose(),
                draft.context(),
                draft.idempotencyKey(),
                Bytes.EMPTY);
    }

    private SessionOutcome signs(SigningRequest request) {
        payments.committed(request);
        List<SchnorrSignature> signatures =
                request.messages().stream().map(message -> group.sign(message.hash())).toList();
        payments.signed(request, signatures, now);
        return new SessionOutcome.Signed(request.sessionId(), signatures);
    }

    /// Nothing of alice's left.
    private SessionOutcome refuses(SigningRequest request, String code) {
        payments.released(request);
        return refused(request, code, false);
    }

    /// Her partial signatures left.
    private SessionOutcome leavesUnknown(SigningRequest request) {
        payments.committed(request);
        payments.unknown(request);
        return refused(request, "FEE_ABOVE_LIMIT", true);
    }

    private SessionOutcome refused(SigningRequest request, String code, boolean left) {
        return new SessionOutcome.Refused(request.sessionId(), carol, code, "too much", left);
    }

    // One order.

    @Test
    void anOrderIsBuiltAndSignedAndItsFeeIsTold() throws Exception {
        payment();
        SignedPayment signed = requester.pay(order(10_000));
        SigningRequestDraft draft = asked.getFirst();
        Transaction transaction = transaction(0);
        assertThat(draft.purpose()).isEqualTo(PaymentApproval.PURPOSE);
        assertThat(draft.lifetime()).isEqualTo(PaymentRequester.LIFETIME);
        assertThat(draft.idempotencyKey()).isEqualTo(signed.key());
        assertThat(transaction.outputs().getFirst().value()).isEqualTo(Sat.of(10_000));
        assertThat(transaction.outputs().getFirst().scriptPubKey()).isEqualTo(Group.STRANGER);
        assertThat(signed.txid()).isEqualTo(transaction.txid());
        long outputs = transaction.outputs().stream().mapToLong(o -> o.value().value()).sum();
        assertThat(signed.fee()).contains(Sat.of(50_000 - outputs));
        assertThat(signed.state()).isEqualTo(PaymentState.SIGNED);
    }

    @Test
    void whatCannotBeBuiltIsNotAskedFor() {
        assertThatExceptionOfType(PaymentException.class)
                .isThrownBy(() -> requester.pay(order(10_000)))
                .satisfies(e ->
                        assertThat(e.code()).isEqualTo(PaymentException.Code.INSUFFICIENT_FUNDS));
        assertThat(asked).isEmpty();
    }

    @Test
    void coinsThatASessionHoldsAreNotChosen() throws Exception {
        Bytes coin = PaymentHold.resource(payment().utxos().getFirst().outPoint());
        holds.held.add(coin);
        assertThatExceptionOfType(PaymentException.class)
                .isThrownBy(() -> requester.pay(order(10_000)));
        holds.held.remove(coin);
        requester.pay(order(10_000));
        assertThat(asked).hasSize(1);
    }

    @Test
    void aRefusalKeepsTheSignersCodeAndSaysWhoRefuses() {
        payment();
        group3 = request -> refuses(request, "FEE_ABOVE_LIMIT");
        failed(order(10_000), "FEE_ABOVE_LIMIT", carol + " refuses: too much");
    }

    @Test
    void anAbortedSessionSaysWhoIsToBlame() {
        payment();
        group3 = r -> aborted(r, List.of(carol), List.of(), Optional.of(Path.of("evidence/x")));
        failed(
                order(10_000),
                "BAD_PARTIAL",
                carol + " gave up: wrong, because of [" + carol + "], see evidence/x");
        group3 = r -> aborted(r, List.of(), List.of(carol), Optional.empty());
        failed(
                order(10_000),
                "BAD_PARTIAL",
                carol + " gave up: wrong, and blames, unproven, [" + carol + "]");
    }

    @Test
    void aSessionThatCannotStartIsBusy() {
        payment();
        PaymentRequester busy =
                requester(_ -> {
                    throw new IllegalStateException("too many sessions");
                });
        assertThatExceptionOfType(SigningFailedException.class)
                .isThrownBy(() -> busy.pay(order(10_000)))
                .satisfies(e -> {
                    assertThat(e.code()).isEqualTo("BUSY");
                    assertThat(e.reason()).isEqualTo("too many sessions");
                });
    }

    @Test
    void whereNobodyMayWaitForASessionThatRunsThePaymentIsBusy() {
        payment();
        running =
                _ -> {
                    throw new IllegalStateException("the service does not answer");
                };
        failed(order(10_000, RENT), "BUSY", "the service does not answer");
        assertThat(asked).isEmpty();
    }

    // An outcome that is not known.

    @Test
    void whatMayStillBeSignedIsOfUnknownOutcomeAndNamesSessionAndKey() {
        payment();
        group3 = this::leavesUnknown;
        failed(
                order(10_000, RENT),
                "UNKNOWN_OUTCOME",
                "session "
                        + session(1)
                        + " is over: "
                        + carol
                        + " refuses: too much; the payment may still be signed: do not repeat it"
                        + " without --key rent");
    }

    @Test
    void aSessionThatDoesNotEndIsOfUnknownOutcome() {
        payment();
        PaymentRequester slow =
                requester(draft ->
                        new Session(draft) {
                            @Override
                            public SessionOutcome await(Duration timeout) throws TimeoutException {
                                throw new TimeoutException();
                            }
                        });
        failed(
                slow,
                order(10_000, RENT),
                "UNKNOWN_OUTCOME",
                "session "
                        + session(1)
                        + " has not ended within 11 min; the payment may still be signed: do not"
                        + " repeat it without --key rent");
    }

    @Test
    void aNodeThatEndsLeavesTheOutcomeUnknown() {
        payment();
        PaymentRequester ending =
                requester(draft ->
                        new Session(draft) {
                            @Override
                            public SessionOutcome await(Duration timeout)
                                    throws InterruptedException {
                                throw new InterruptedException();
                            }
                        });
        failed(
                ending,
                order(10_000, RENT),
                "UNKNOWN_OUTCOME",
                "session "
                        + session(1)
                        + " continues after the next start of this node; the payment may still be signed:"
                        + " do not repeat it without --key rent");
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void aRefusalOfAPaymentThatTheOthersCompletedIsASuccess() throws Exception {
        payment();
        group3 =
                request -> {
                    signs(request);
                    return refused(request, "FEE_ABOVE_LIMIT", true);
                };
        assertThat(requester.pay(order(10_000, RENT)).session()).isEqualTo(session(1));
    }

    // Asked again with its key.

    @Test
    void aPaymentWithoutAKeyGetsARandomOne() throws Exception {
        payment();
        payment();
        Bytes first = requester.pay(order(10_000)).key();
        holds.held.addAll(held(0));
        Bytes second = requester.pay(order(10_001)).key();
        assertThat(text(first)).matches("[0-9a-f]{32}");
        assertThat(second).isNotEqualTo(first);
    }

    @Test
    void askedAgainWithItsKeyASignedOrConfirmedPaymentIsAnswered() throws Exception {
        payment();
        SignedPayment once = requester.pay(order(10_000, RENT));
        assertThat(requester.pay(order(10_000, RENT))).isEqualTo(once);
        mine(transaction(0));
        SignedPayment confirmed = requester.pay(order(10_000, RENT));
        assertThat(confirmed.state()).isEqualTo(PaymentState.CONFIRMED);
        assertThat(confirmed.txid()).isEqualTo(once.txid());
        assertThat(asked).hasSize(1);
    }

    @Test
    void theRandomKeyOfAPaymentAnswersItToo() throws Exception {
        payment();
        SignedPayment once = requester.pay(order(10_000));
        assertThat(requester.pay(order(10_000, once.key()))).isEqualTo(once);
        assertThat(asked).hasSize(1);
    }

    @Test
    void theSameKeyWithAnotherAmountIsRefusedNamingTheSession() throws Exception {
        payment();
        requester.pay(order(10_000, RENT));
        failed(
                order(10_001, RENT),
                "KEY_IN_USE",
                "this key belongs to another payment: session "
                        + session(1)
                        + " has another amount or destination");
        assertThat(asked).hasSize(1);
    }

    /// Another member's keys are its own.
    @Test
    void anothersPaymentWithTheSameKeyIsNoMatter() throws Exception {
        payment();
        payments.reserved(request(payment(), bob, RENT));
        requester.pay(order(20_000, RENT));
        assertThat(asked).hasSize(1);
    }

    @Test
    void anOrderThatRunsIsJoined() throws Exception {
        payment();
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        group3 =
                request -> {
                    running.countDown();
                    try {
                        end.await();
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    }
                    return signs(request);
                };
        FutureTask<SignedPayment> first =
                new FutureTask<>(() -> requester.pay(order(10_000, RENT)));
        Thread.startVirtualThread(first);
        running.await();
        FutureTask<SignedPayment> second =
                new FutureTask<>(() -> requester.pay(order(10_000, RENT)));
        Thread joins = Thread.startVirtualThread(second);
        while (joins.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
        failed(
                order(10_001, RENT),
                "KEY_IN_USE",
                "this key belongs to another payment: an order that runs has another amount or"
                        + " destination");
        failed(
                order(10_000),
                "EQUAL_PAYMENT",
                "a payment of the same amount to the same destination runs now; to make another"
                        + " one, say so with --again");
        end.countDown();
        assertThat(second.get(30, TimeUnit.SECONDS)).isEqualTo(first.get(30, TimeUnit.SECONDS));
        assertThat(asked).hasSize(1);
    }

    /// The session is resumed at the next start, and may be signed then.
    @ParameterizedTest
    @ValueSource(strings = {"SHUTTING_DOWN", "GROUP_DROPPED"})
    void aSessionThatANodesEndSuspendsIsOfUnknownOutcome(String code) {
        payment();
        group3 = request -> stopped(request, code);
        failed(
                order(10_000, RENT),
                "UNKNOWN_OUTCOME",
                "session "
                        + session(1)
                        + " continues after the next start of this node; the payment may still be signed:"
                        + " do not repeat it without --key rent");
    }

    /// Its holds are not told: they are the same at the next start.
    private SessionOutcome stopped(SigningRequest request, String code) {
        return new SessionOutcome.Aborted(
                request.sessionId(),
                carol,
                code,
                List.of(),
                List.of(),
                List.of(),
                "the node stops",
                Optional.empty(),
                false);
    }

    /// The first one has no session yet that payments could tell of.
    @Test
    void anOrderThatOnlyBeginsIsJoinedAndTheWaitCanBeInterrupted() throws Exception {
        payment();
        CountDownLatch end = new CountDownLatch(1);
        AtomicInteger starts = new AtomicInteger();
        PaymentRequester slow =
                requester(draft -> {
                    starts.incrementAndGet();
                    try {
                        end.await();
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    }
                    return new Session(draft);
                });
        FutureTask<SignedPayment> first = new FutureTask<>(() -> slow.pay(order(10_000, RENT)));
        Thread.startVirtualThread(first);
        while (starts.get() == 0) {
            Thread.onSpinWait();
        }
        Thread.currentThread().interrupt();
        assertThatExceptionOfType(SigningFailedException.class)
                .isThrownBy(() -> slow.pay(order(10_000, RENT)))
                .satisfies(e -> {
                    assertThat(e.code()).isEqualTo("UNKNOWN_OUTCOME");
                    assertThat(e.reason()).contains("continues after the next start of this node");
                });
        assertThat(Thread.interrupted()).isTrue();
        end.countDown();
        first.get(30, TimeUnit.SECONDS);
        assertThat(starts).hasValue(1);
    }

    @Test
    void whoIsInterruptedWhileJoiningASessionKeepsTheInterrupt() {
        payments.reserved(request(payment(), alice, RENT));
        Thread.currentThread().interrupt();
        failed(order(10_000, RENT), "UNKNOWN_OUTCOME");
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void anOrderOfAnotherAmountRunsBesideTheFirst() throws Exception {
        payment();
        payment();
        List<SignedPayment> second = new ArrayList<>();
        group3 =
                request -> {
                    if (second.isEmpty()) {
                        holds.held.addAll(held(0));
                        group3 = this::signs;
                        second.add(pay(order(9_000)));
                    }
                    return signs(request);
                };
        SignedPayment first = requester.pay(order(10_000));
        assertThat(second).singleElement().isNotEqualTo(first);
    }

    private SignedPayment pay(PaymentOrder order) {
        try {
            return requester.pay(order);
        } catch (PaymentException | SigningFailedException e) {
            throw new AssertionError(e);
        }
    }

    /// What the group pays to itself is nobody's second payment.
    @Test
    void moneyMovedWithinTheGroupMayBeMovedAgain() throws Exception {
        payment();
        payment();
        PaymentOrder order =
                new PaymentOrder(
                        group.wallet.address(),
                        Sat.of(10_000),
                        FeeRate.satPerVirtualByte(2),
                        new CoinSelection.Fewest(),
                        Optional.empty(),
                        false);
        SignedPayment first = requester.pay(order);
        holds.held.addAll(held(0));
        assertThat(requester.pay(order)).isNotEqualTo(first);
        assertThat(asked).hasSize(2);
        PaymentOrder again =
                new PaymentOrder(
                        order.to(),
                        order.amount(),
                        order.feeRate(),
                        order.coins(),
                        Optional.of(first.key()),
                        false);
        assertThat(requester.pay(again).session()).isEqualTo(first.session());
    }

    @Test
    void aPaymentWhoseSignaturesDoNotSpendTheCoinIsNotAskedForAgain() {
        SigningRequest request = request(payment(), alice, RENT);
        payments.signed(request, List.of(new SchnorrSignature(Bytes.wrap(new byte[64]))), NOW);
        runChecks();
        failed(order(10_000, RENT), "SCRIPT_FAILS");
        assertThat(asked).isEmpty();
    }

    @Test
    void aKeyHasAtLeastOneByteAndNotTooMany() {
        int most = SigningRequestDraft.MAX_KEY_BYTES;
        assertThat(order(1, Bytes.wrap(new byte[most])).key()).isPresent();
        for (int length : new int[] {0, most + 1}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> order(1, Bytes.wrap(new byte[length])))
                    .withMessage("a key of " + length + " bytes");
        }
    }

    /// The session goes on, told by signing, and this process never asked for it.
    @Test
    void aSessionOfBeforeARestartIsJoined() throws Exception {
        SigningRequest request = request(payment(), alice, RENT);
        payments.reserved(request);
        FutureTask<SignedPayment> again =
                new FutureTask<>(() -> requester.pay(order(10_000, RENT)));
        Thread joins = Thread.startVirtualThread(again);
        while (joins.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
        signs(request);
        assertThat(again.get(30, TimeUnit.SECONDS).session()).isEqualTo(request.sessionId());
        assertThat(asked).isEmpty();
    }

    @Test
    void aJoinedSessionThatMayStillBeSignedIsOfUnknownOutcome() throws Exception {
        SigningRequest request = request(payment(), alice, RENT);
        payments.committed(request);
        FutureTask<SignedPayment> again =
                new FutureTask<>(() -> requester.pay(order(10_000, RENT)));
        Thread joins = Thread.startVirtualThread(again);
        while (joins.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
        payments.unknown(request);
        assertThatExceptionOfType(java.util.concurrent.ExecutionException.class)
                .isThrownBy(() -> again.get(30, TimeUnit.SECONDS))
                .withMessageContaining("session " + request.sessionId())
                .withMessageContaining("--key rent");
    }

    // Versions.

    @Test
    void anotherVersionSpendsTheFirstCoinOfTheFirstOneFirst() throws Exception {
        payment();
        group3 = this::leavesUnknown;
        failed(order(10_000, RENT), "UNKNOWN_OUTCOME");
        OutPoint pinned = transaction(0).inputs().getFirst().outPoint();
        holds.held.addAll(held(0));
        mine(coinElsewhere(9_000_000));
        failed(order(10_000, RENT), "UNKNOWN_OUTCOME");
        holds.held.addAll(held(1));
        group3 = this::signs;
        requester.pay(order(10_000, RENT));
        assertThat(asked).hasSize(3);
        for (int i = 0; i < 3; i++) {
            assertThat(transaction(i).inputs().getFirst().outPoint()).isEqualTo(pinned);
            assertThat(asked.get(i).idempotencyKey()).isEqualTo(RENT);
        }
    }

    /// Another version that costs more needs more coins, and has the pinned one among them.
    @Test
    void anotherVersionThatNeedsMoreCoinsStillHasThePinnedOne() throws Exception {
        payment();
        group3 = this::leavesUnknown;
        failed(order(49_000, RENT), "UNKNOWN_OUTCOME");
        OutPoint pinned = transaction(0).inputs().getFirst().outPoint();
        holds.held.addAll(held(0));
        payment();
        group3 = this::signs;
        requester.pay(
                new PaymentOrder(
                        stranger(),
                        Sat.of(49_000),
                        FeeRate.satPerVirtualByte(20),
                        new CoinSelection.Fewest(),
                        Optional.of(RENT),
                        false));
        assertThat(transaction(1).inputs()).hasSize(2);
        assertThat(transaction(1).inputs().getFirst().outPoint()).isEqualTo(pinned);
    }

    @Test
    void anotherVersionMaySpendAllCoinsOfTheEarlierOne() throws Exception {
        payment();
        payment();
        group3 = this::leavesUnknown;
        failed(order(60_000, RENT), "UNKNOWN_OUTCOME");
        holds.held.addAll(held(0));
        group3 = this::signs;
        requester.pay(order(60_000, RENT));
        assertThat(coins(1)).isEqualTo(coins(0)).hasSize(2);
    }

    @Test
    void aVersionThatCanNoLongerBeSignedPinsNothing() throws Exception {
        payment();
        group3 = request -> refuses(request, "FEE_ABOVE_LIMIT");
        failed(order(10_000, RENT), "FEE_ABOVE_LIMIT");
        holds.held.addAll(held(0));
        payment();
        group3 = this::signs;
        requester.pay(order(10_000, RENT));
        assertThat(coins(1)).doesNotContainAnyElementsOf(coins(0));
    }

    // Replacements.

    private void replaceFailed(boolean cancel, Optional<FeeRate> rate, String code) {
        int before = asked.size();
        assertThatThrownBy(
                        () -> {
                            var _ =
                                    cancel
                                            ? requester.cancel(RENT, rate)
                                            : requester.bump(RENT, rate);
                        })
                .satisfies(e -> {
                    switch (e) {
                        case SigningFailedException failed ->
                                assertThat(failed.code()).isEqualTo(code);
                        case PaymentException failed ->
                                assertThat(failed.code().name()).isEqualTo(code);
                        default -> throw new AssertionError(e);
                    }
                });
        assertThat(asked).hasSize(before);
    }

    private Sat fee(int request) {
        return payments.fee(transaction(request)).orElseThrow();
    }

    @Test
    void aBumpPaysTheSameFromTheSameCoinWithAHigherFee() throws Exception {
        payment();
        requester.pay(order(10_000, RENT));
        SignedPayment bumped = requester.bump(RENT, Optional.of(FeeRate.satPerVirtualByte(10)));
        assertThat(bumped.txid()).isEqualTo(transaction(1).txid());
        assertThat(bumped.key()).isEqualTo(RENT);
        assertThat(coins(1)).isEqualTo(coins(0));
        assertThat(payments.foreign(transaction(1))).isEqualTo(payments.foreign(transaction(0)));
        assertThat(bumped.fee()).contains(fee(1));
        assertThat(fee(1))
                .isEqualTo(
                        FeeRate.satPerVirtualByte(10)
                                .feeFor(PaymentBuilder.signedWeight(transaction(1))));
        // Asked for again it is the newest version that is told.
        assertThat(requester.pay(order(10_000, RENT)).txid()).isEqualTo(bumped.txid());
    }

    @Test
    void withoutARateABumpPaysWhatReplacesTheNewestVersion() throws Exception {
        payment();
        requester.pay(order(10_000, RENT));
        requester.bump(RENT, Optional.empty());
        long size = PaymentBuilder.signedWeight(transaction(1)).virtualBytes();
        assertThat(fee(1).value()).isEqualTo(fee(0).value() + size);
        requester.bump(RENT, Optional.empty());
        assertThat(fee(2).value()).isEqualTo(fee(1).value() + size);
        replaceFailed(false, Optional.of(FeeRate.satPerVirtualByte(3)), "FEE_RATE_TOO_LOW");
    }

    @Test
    void aBumpThatNeedsMoreCoinsStillPaysAHigherRate() throws Exception {
        payment();
        requester.pay(order(49_000, RENT));
        payment();
        requester.bump(RENT, Optional.of(FeeRate.satPerVirtualByte(30)));
        assertThat(coins(1)).hasSize(2).startsWith(coins(0).getFirst());
    }

    /// A replacement that is larger needs more than the first one's fee and its own relaying:
    /// Bitcoin Core asks for a higher rate, too.
    @Test
    void theLeastThatReplacesIsAHigherRateAlsoWhereMoreCoinsAreSpent() throws Exception {
        payment();
        requester.pay(
                new PaymentOrder(
                        stranger(),
                        Sat.of(49_000),
                        FeeRate.satPerVirtualByte(6),
                        new CoinSelection.Fewest(),
                        Optional.of(RENT),
                        false));
        payment();
        payment();
        requester.bump(RENT, Optional.empty());
        assertThat(coins(1)).hasSizeGreaterThan(1);
        long oldSize = PaymentBuilder.signedWeight(transaction(0)).virtualBytes();
        long newSize = PaymentBuilder.signedWeight(transaction(1)).virtualBytes();
        assertThat(fee(1).value() * oldSize).isGreaterThan(fee(0).value() * newSize);
    }

    @Test
    void onlyTheNewestVersionIsSentAgain() throws Exception {
        payment();
        requester.pay(order(10_000, RENT));
        runChecks();
        requester.bump(RENT, Optional.empty());
        runChecks();
        broadcast.clear();
        now = now.plus(PaymentLedger.REBROADCAST_AGAIN).plus(PaymentLedger.REBROADCAST_AFTER);
        payments.rebroadcast();
        assertThat(broadcast).extracting(Transaction::txid).containsExactly(transaction(1).txid());
    }

    /// As after a restart, where all signatures are told before the first is checked.
    @Test
    void ofTwoVersionsWhoseSignaturesAreToldTogetherTheNewestAloneIsSent() throws Exception {
        payment();
        requester.pay(order(10_000, RENT));
        requester.bump(RENT, Optional.empty());
        assertThat(broadcast).isEmpty();
        runChecks();
        assertThat(broadcast).extracting(Transaction::txid).containsExactly(transaction(1).txid());
    }

    @Test
    void whileAVersionIsAskedForThePaymentRuns() throws Exception {
        payment();
        requester.pay(order(10_000, RENT));
        group3 =
                request -> {
                    failed(order(10_000, RENT), "ALREADY_RUNNING");
                    return signs(request);
                };
        requester.bump(RENT, Optional.empty());
        assertThat(asked).hasSize(2);
    }

    @Test
    void whatABlockSpentOtherwiseCannotBeReplaced() throws Exception {
        payment();
        requester.pay(order(10_000, RENT));
        mine(otherwise(transaction(0)));
        replaceFailed(false, Optional.empty(), "CONFLICTED");
        replaceFailed(true, Optional.empty(), "CONFLICTED");
    }

    @Test
    void aCancellationPaysTheGroupAloneFromThePinnedCoin() throws Exception {
        payment();
        payment();
        requester.pay(order(60_000, RENT));
        assertThat(coins(0)).hasSize(2);
        SignedPayment cancelled = requester.cancel(RENT, Optional.empty());
        assertThat(coins(1)).containsExactly(coins(0).getFirst());
        assertThat(payments.foreign(transaction(1))).isEmpty();
        assertThat(asked.get(1).idempotencyKey()).isEqualTo(RENT);
        assertThat(fee(1).isMoreThan(fee(0))).isTrue();
        failed(order(60_000, RENT), "CANCELLED");
        // The operator changes his mind: in the place of both.
        SignedPayment bumped = requester.bump(RENT, Optional.empty());
        assertThat(payments.foreign(transaction(2))).isEqualTo(payments.foreign(transaction(0)));
        assertThat(fee(2).isMoreThan(fee(1))).isTrue();
        assertThat(coins(2)).startsWith(coins(0).getFirst());
        assertThat(bumped.txid()).isNotEqualTo(cancelled.txid());
    }

    @Test
    void whatCannotBeReplacedIsRefusedWithTheReason() throws Exception {
        replaceFailed(false, Optional.empty(), "NOTHING_TO_REPLACE");
        payment();
        requester.pay(order(10_000, RENT));
        Transaction first = payments.payments().getLast().transaction().orElseThrow();
        mine(first);
        replaceFailed(false, Optional.empty(), "ALREADY_CONFIRMED");
        replaceFailed(true, Optional.empty(), "ALREADY_CONFIRMED");
    }

    @Test
    void aBumpThatTheGroupRefusesIsNoSuccessThoughTheFirstVersionIsSigned() throws Exception {
        payment();
        requester.pay(order(10_000, RENT));
        group3 = request -> refuses(request, "FEE_ABOVE_LIMIT");
        assertThatExceptionOfType(SigningFailedException.class)
                .isThrownBy(() -> requester.bump(RENT, Optional.empty()))
                .satisfies(e -> assertThat(e.code()).isEqualTo("FEE_ABOVE_LIMIT"));
        group3 = this::leavesUnknown;
        assertThatExceptionOfType(SigningFailedException.class)
                .isThrownBy(() -> requester.bump(RENT, Optional.empty()))
                .satisfies(e -> assertThat(e.code()).isEqualTo("UNKNOWN_OUTCOME"));
    }

    @Test
    void ofANewVersionOnlyWhatItTakesBeyondTheOthersIsNew() throws Exception {
        payment();
        requester.pay(order(10_000, RENT));
        requester.bump(RENT, Optional.of(FeeRate.satPerVirtualByte(10)));
        SigningRequest next = request(asked.get(1), alice, 9);
        assertThat(payments.countedBefore(next, transaction(1)))
                .isEqualTo(Sat.of(10_000).plus(fee(1)));
        // Of another member, of another key, or where both could be mined, nothing is taken off.
        assertThat(payments.countedBefore(request(asked.get(1), bob, 9), transaction(1)))
                .isEqualTo(Sat.ZERO);
        payment();
        assertThat(payments.countedBefore(next, otherwise(coinElsewhere(5)))).isEqualTo(Sat.ZERO);
    }

    @Test
    void theFirstVersionIsReplacedOnceTheSecondIsFinal() throws Exception {
        payment();
        requester.pay(order(10_000, RENT));
        requester.bump(RENT, Optional.empty());
        mine(payments.payments().getLast().transaction().orElseThrow());
        assertThat(payments.payments())
                .extracting(TrackedPayment::state)
                .containsExactly(PaymentState.CONFLICTED, PaymentState.CONFIRMED);
        mineEmpty(5);
        assertThat(payments.payments())
                .extracting(TrackedPayment::state)
                .containsExactly(PaymentState.REPLACED, PaymentState.CONFIRMED);
    }

    @Test
    void aPaymentWhoseCoinIsSpentOtherwiseIsVoidOnlySixBlocksDeep() {
        payment();
        group3 = this::leavesUnknown;
        failed(order(10_000, RENT), "UNKNOWN_OUTCOME");
        Transaction other = otherwise(transaction(0));
        payment();
        mine(other);
        mineEmpty(4);
        failed(
                order(10_000, RENT),
                "UNKNOWN_OUTCOME",
                "a coin of this payment was spent by transaction "
                        + other.txid()
                        + ", only 5 block(s) deep; the payment may still be signed: do not repeat"
                        + " it without --key rent");
        mine();
        failed(
                order(10_000, RENT),
                "CONFLICTED",
                "a coin of this payment was spent by transaction "
                        + other.txid()
                        + ": it will never be made; to pay, use another key");
        assertThat(asked).hasSize(1);
    }

    @Test
    void withTheOperatorsConsentAnotherPaymentTakesTheCoinAndTheFirstOneIsVoidSixBlocksDeep()
            throws Exception {
        payment();
        group3 = this::leavesUnknown;
        failed(order(10_000, RENT), "UNKNOWN_OUTCOME");
        holds.hold(session(1), held(0));
        group3 = this::signs;
        notEnough(order(20_000, key("food")));
        holds.allowConflict(session(1));
        requester.pay(order(20_000, key("food")));
        assertThat(coins(1)).isEqualTo(coins(0));
        holds.hold(session(2), held(1));
        notEnough(order(30_000, key("wood")));
        mine(transaction(1));
        mineEmpty(4);
        failed(order(10_000, RENT), "UNKNOWN_OUTCOME");
        assertThat(holds.settled).isEmpty();
        mine();
        assertThat(payments.payments())
                .extracting(TrackedPayment::state)
                .containsExactly(PaymentState.CONFLICTED, PaymentState.CONFIRMED);
        assertThat(holds.settled).containsExactly(session(1), session(2));
        failed(order(10_000, RENT), "CONFLICTED");
    }

    /// The second version may still be signed: paid under another key it would be paid twice.
    @Test
    void aPaymentWithOneVersionThatIsNotVoidIsNotVoid() throws Exception {
        payment();
        payment();
        group3 = this::leavesUnknown;
        failed(order(60_000, RENT), "UNKNOWN_OUTCOME");
        OutPoint second = transaction(0).inputs().get(1).outPoint();
        holds.held.addAll(held(0));
        Transaction other =
                FakeChain.spend(List.of(second), new TxOut(Sat.of(1_000), Group.STRANGER));
        mine(other);
        mineEmpty(6);
        mine(coinElsewhere(800_000));
        failed(order(60_000, RENT), "CONFLICTED");
        payments.unknown(request(draftOf(transaction(0).inputs().getFirst()), alice, 99));
        group3 = this::signs;
        requester.pay(order(60_000, RENT));
        assertThat(transaction(1).inputs().getFirst())
                .isEqualTo(transaction(0).inputs().getFirst());
    }

    // Asked again after a restart, or after so many others that the ledger has forgotten it.

    private void signingRemembers(Bytes content, Optional<PaymentOutcome> outcome) {
        SettledHold settled =
                new SettledHold(
                        session(7),
                        content,
                        outcome.map(PaymentOutcome::encode).orElse(Bytes.EMPTY));
        List<SettledHold> known = new ArrayList<>(holds.settled(RENT));
        known.add(settled);
        holds.byKey.put(RENT, known);
    }

    private static Bytes content(long satoshis) {
        return PaymentHold.content(List.of(new TxOut(Sat.of(satoshis), Group.STRANGER)));
    }

    @Test
    void aPaymentThatIsFinalIsAnsweredAfterARestart() throws Exception {
        payment();
        Txid txid = payment().transaction().txid();
        signingRemembers(content(10_000), Optional.of(new PaymentOutcome(true, txid)));
        assertThat(requester.pay(order(10_000, RENT)))
                .isEqualTo(
                        new SignedPayment(
                                session(7), txid, Optional.empty(), PaymentState.CONFIRMED, RENT));
        failed(order(10_001, RENT), "KEY_IN_USE");
        replaceFailed(false, Optional.empty(), "ALREADY_CONFIRMED");
        replaceFailed(true, Optional.empty(), "ALREADY_CONFIRMED");
        assertThat(asked).isEmpty();
    }

    @Test
    void theVersionThatWasMadeIsAnsweredAndNotTheOnesThatItReplaced() throws Exception {
        payment();
        Txid txid = payment().transaction().txid();
        signingRemembers(content(10_000), Optional.of(new PaymentOutcome(false, txid)));
        signingRemembers(content(10_000), Optional.of(new PaymentOutcome(true, txid)));
        assertThat(requester.pay(order(10_000, RENT)).txid()).isEqualTo(txid);
    }

    @Test
    void aPaymentThatIsVoidIsVoidAfterARestart() {
        Txid txid = payment().transaction().txid();
        signingRemembers(content(10_000), Optional.of(new PaymentOutcome(false, txid)));
        failed(
                order(10_000, RENT),
                "CONFLICTED",
                "a coin of this payment was spent by transaction "
                        + txid
                        + ": it will never be made; to pay, use another key");
        failed(order(10_001, RENT), "KEY_IN_USE");
        assertThat(asked).isEmpty();
    }

    @Test
    void aPaymentThatWasCancelledIsCancelledAfterARestart() {
        Txid txid = payment().transaction().txid();
        signingRemembers(content(10_000), Optional.of(new PaymentOutcome(false, txid)));
        signingRemembers(Bytes.EMPTY, Optional.of(new PaymentOutcome(true, txid)));
        failed(order(10_000, RENT), "CANCELLED");
        assertThat(asked).isEmpty();
    }

    /// Handed over by another signer, of the group's earlier program, or of no payment.
    @Test
    void ofAKeyWhoseOutcomeNobodyKnowsTheSignersDecide() {
        payment();
        signingRemembers(content(10_000), Optional.empty());
        group3 = request -> refuses(request, "ALREADY_DONE");
        failed(order(10_000, RENT), "ALREADY_DONE");
        assertThat(asked).hasSize(1);
    }

    @Test
    void whatIsSettledIsRememberedWithWhatBecameOfIt() throws Exception {
        payment();
        requester.pay(order(10_000, RENT));
        requester.bump(RENT, Optional.empty());
        Transaction made = payments.payments().getLast().transaction().orElseThrow();
        mine(made);
        mineEmpty(5);
        assertThat(holds.outcomes)
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of(
                                session(1), new PaymentOutcome(false, made.txid()).encode(),
                                session(2), new PaymentOutcome(true, made.txid()).encode()));
    }

    // Asked again without a key.

    @Test
    void withoutAKeyAPaymentEqualToOneThatIsNotConfirmedIsRefused() throws Exception {
        payment();
        SignedPayment once = requester.pay(order(10_000));
        payment();
        String reason =
                "a payment of the same amount to the same destination is not confirmed: session "
                        + session(1)
                        + ", transaction "
                        + once.txid()
                        + "; to make another one, say so with --again";
        failed(order(10_000), "EQUAL_PAYMENT", reason);
        runChecks();
        payments.broadcasted(requested(once.txid()));
        failed(order(10_000), "EQUAL_PAYMENT", reason);
        assertThat(asked).hasSize(1);
        holds.held.addAll(held(0));
        requester.pay(order(10_001));
        assertThat(asked).hasSize(2);
    }

    @Test
    void withoutAKeyAPaymentEqualToOneOfUnknownOutcomeIsRefusedWhoeverAsked() {
        SigningRequest bobs = request(payment(), bob);
        payments.committed(bobs);
        payments.unknown(bobs);
        failed(order(10_000), "EQUAL_PAYMENT");
        assertThat(asked).isEmpty();
    }

    @Test
    void withoutAKeyAPaymentEqualToOneThatGoesOnAfterARestartIsRefused() throws Exception {
        holds.underWay.put(session(7), PaymentHold.of(payment().transaction(), group.wallet::owns));
        failed(
                order(10_000),
                "EQUAL_PAYMENT",
                "a payment of the same amount to the same destination is being asked for: session "
                        + session(7)
                        + "; to make another one, say so with --again");
        assertThat(asked).isEmpty();
        requester.pay(order(10_001));
        assertThat(asked).hasSize(1);
    }

    @Test
    void withItsKeyAPaymentThatGoesOnAfterARestartIsJoinedBeforeItIsApprovedAgain()
            throws Exception {
        Session session = goesOnAfterARestart();
        group3 =
                _ -> {
                    throw new AssertionError("it is not waited for");
                };
        failed(order(10_001, RENT), "KEY_IN_USE");
        replaceFailed(false, Optional.empty(), "ALREADY_RUNNING");
        replaceFailed(true, Optional.empty(), "ALREADY_RUNNING");
        group3 = this::signs;
        SignedPayment joined = requester.pay(order(10_000, RENT));
        assertThat(joined.session()).isEqualTo(session.session());
        assertThat(joined.txid()).isEqualTo(transaction(0).txid());
        assertThat(joined.state()).isEqualTo(PaymentState.SIGNED);
        assertThat(asked).hasSize(1);
    }

    @Test
    void whoeverJoinsAPaymentThatIsNotApprovedAgainGetsTheReason() {
        goesOnAfterARestart();
        group3 = request -> refuses(request, "FEE_ABOVE_LIMIT");
        failed(order(10_000, RENT), "FEE_ABOVE_LIMIT", carol + " refuses: too much");
        group3 = this::leavesUnknown;
        failed(order(10_000, RENT), "UNKNOWN_OUTCOME");
        assertThat(asked).hasSize(1);
    }

    /// A session of one's own that no payment is known of.
    private Session goesOnAfterARestart() {
        Transaction payment = payment().transaction();
        Session session =
                new Session(
                        new SigningRequestDraft(
                                List.of(),
                                PaymentApproval.PURPOSE,
                                payment.serializeWithoutWitness(),
                                RENT,
                                PaymentRequester.LIFETIME),
                        /* approved= */ false);
        running = key -> key.equals(RENT) ? Optional.of(session) : Optional.empty();
        holds.underWay.put(session.session(), PaymentHold.of(payment, group.wallet::owns));
        return session;
    }

    @Test
    void withAgainAnEqualPaymentIsMadeFromOtherCoins() throws Exception {
        payment();
        requester.pay(order(10_000));
        holds.held.addAll(held(0));
        payment();
        PaymentOrder order = order(10_000);
        requester.pay(
                new PaymentOrder(
                        order.to(),
                        order.amount(),
                        order.feeRate(),
                        order.coins(),
                        Optional.empty(),
                        true));
        assertThat(coins(1)).doesNotContainAnyElementsOf(coins(0));
        assertThat(asked.get(1).idempotencyKey()).isNotEqualTo(asked.get(0).idempotencyKey());
    }

    @Test
    void whatIsConfirmedOrGivenUpIsNoReasonToRefuseAnEqualPayment() throws Exception {
        payment();
        group3 = request -> refuses(request, "FEE_ABOVE_LIMIT");
        failed(order(10_000), "FEE_ABOVE_LIMIT");
        group3 = this::signs;
        requester.pay(order(10_000));
        mine(transaction(1));
        payment();
        requester.pay(order(10_000));
        assertThat(asked).hasSize(3);
    }

    // The loser chooses again.

    @Test
    void whoLosesItsCoinsToAnotherSessionChoosesOthersWithTheSameKey() throws Exception {
        payment();
        payment();
        group3 =
                request ->
                        asked.size() == 1
                                ? refuses(request, "CONFLICTING_SESSION")
                                : signs(request);
        requester.pay(order(10_000, RENT));
        assertThat(asked).hasSize(2);
        assertThat(coins(1)).doesNotContainAnyElementsOf(coins(0));
        assertThat(asked.get(1).idempotencyKey()).isEqualTo(RENT);
    }

    /// That the session is over may come to the payments after the answer.
    @Test
    void theLosersCoinIsNotPinnedThoughItsReleaseIsToldLate() throws Exception {
        payment();
        payment();
        group3 =
                request ->
                        asked.size() == 1
                                ? refused(request, "CONFLICTING_SESSION", false)
                                : signs(request);
        requester.pay(order(10_000, RENT));
        assertThat(coins(1)).doesNotContainAnyElementsOf(coins(0));
    }

    @Test
    void otherCoinsAreChosenThreeTimesAtMost() {
        for (int i = 0; i < 6; i++) {
            payment();
        }
        group3 = request -> refuses(request, "CONFLICTING_SESSION");
        failed(order(10_000), "CONFLICTING_SESSION");
        assertThat(asked).hasSize(1 + PaymentRequester.MAX_CHOICES);
        assertThat(asked.stream().map(SigningRequestDraft::context).distinct()).hasSize(4);
    }

    @Test
    void withoutOtherCoinsTheConflictIsTheReason() {
        payment();
        group3 = request -> refuses(request, "CONFLICTING_SESSION");
        failed(order(10_000), "CONFLICTING_SESSION", carol + " refuses: too much");
        assertThat(asked).hasSize(1);
    }

    /// Whose partial signatures left must not choose other coins: both could be mined.
    @Test
    void aConflictAfterThePartialSignaturesLeftIsOfUnknownOutcome() {
        payment();
        payment();
        group3 =
                request -> {
                    leavesUnknown(request);
                    return refused(request, "CONFLICTING_SESSION", true);
                };
        failed(order(10_000), "UNKNOWN_OUTCOME");
        assertThat(asked).hasSize(1);
    }

    private SigningRequestDraft draftOf(TxIn first) {
        Transaction transaction =
                FakeChain.spend(
                        List.of(first.outPoint()), new TxOut(Sat.of(60_000), Group.STRANGER));
        return new SigningRequestDraft(
                List.of(),
                PaymentApproval.PURPOSE,
                transaction.serializeWithoutWitness(),
                RENT,
                PaymentRequester.LIFETIME);
    }

    private static Transaction otherwise(Transaction transaction) {
        return FakeChain.spend(
                List.of(transaction.inputs().getFirst().outPoint()),
                new TxOut(Sat.of(1_000), Group.STRANGER));
    }

    private Transaction transaction(int request) {
        try {
            return Transaction.parseWithoutWitness(asked.get(request).context());
        } catch (org.tutti.bitcoin.codec.DecodeException e) {
            throw new AssertionError(e);
        }
    }

    private List<OutPoint> coins(int request) {
        return transaction(request).inputs().stream().map(TxIn::outPoint).toList();
    }

    private List<Bytes> held(int request) {
        return coins(request).stream().map(PaymentHold::resource).toList();
    }

    private void notEnough(PaymentOrder order) {
        int before = asked.size();
        assertThatExceptionOfType(PaymentException.class)
                .isThrownBy(() -> requester.pay(order))
                .satisfies(e ->
                        assertThat(e.code()).isEqualTo(PaymentException.Code.INSUFFICIENT_FUNDS));
        assertThat(asked).hasSize(before);
    }

    private static SessionId session(int number) {
        byte[] id = new byte[32];
        id[31] = (byte) number;
        return new SessionId(Bytes.of(id));
    }

    private void failed(PaymentOrder order, String code, String reason) {
        failed(requester, order, code, reason);
    }

    private static void failed(
            PaymentRequester requester, PaymentOrder order, String code, String reason) {
        assertThatExceptionOfType(SigningFailedException.class)
                .isThrownBy(() -> requester.pay(order))
                .satisfies(e -> {
                    assertThat(e.code()).isEqualTo(code);
                    assertThat(e.reason()).isEqualTo(reason);
                });
    }

    private void failed(PaymentOrder order, String code) {
        assertThatExceptionOfType(SigningFailedException.class)
                .isThrownBy(() -> requester.pay(order))
                .satisfies(e -> assertThat(e.code()).isEqualTo(code));
    }

    private PaymentRequester requester(Function<SigningRequestDraft, PaymentSigner.Started> start) {
        return requester(
                new PaymentSigner() {
                    @Override
                    public Started start(SigningRequestDraft draft) {
                        return start.apply(draft);
                    }

                    @Override
                    public Optional<Started> running(Bytes idempotencyKey) {
                        return running.apply(idempotencyKey);
                    }
                });
    }

    private SessionOutcome aborted(
            SigningRequest request,
            List<Member> culprits,
            List<Member> claimed,
            Optional<Path> evidence) {
        payments.released(request);
        return new SessionOutcome.Aborted(
                request.sessionId(),
                carol,
                "BAD_PARTIAL",
                culprits,
                List.of(),
                claimed,
                "wrong",
                evidence,
                false);
    }

    private static Bytes key(String text) {
        return Bytes.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static String text(Bytes key) {
        return new String(key.toArray(), StandardCharsets.US_ASCII);
    }

    private static PaymentOrder order(long amount) {
        return order(amount, Optional.empty());
    }

    private static PaymentOrder order(long amount, Bytes key) {
        return order(amount, Optional.of(key));
    }

    private static PaymentOrder order(long amount, Optional<Bytes> key) {
        return new PaymentOrder(
                stranger(),
                Sat.of(amount),
                FeeRate.satPerVirtualByte(2),
                new CoinSelection.Fewest(),
                key,
                false);
    }

    private static Address stranger() {
        try {
            return Address.of(Group.STRANGER, Network.REGTEST);
        } catch (AddressException e) {
            throw new AssertionError(e);
        }
    }
}
