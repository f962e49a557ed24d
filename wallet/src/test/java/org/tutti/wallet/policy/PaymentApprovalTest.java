package org.tutti.wallet.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.SighashType;
import org.tutti.bitcoin.tx.TaprootSighash;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.units.FeeRate;
import org.tutti.bitcoin.units.Sat;
import org.tutti.signing.approval.Decision;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.request.KeyTweak;
import org.tutti.signing.request.MessageToSign;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.request.SigningRequestDraft;
import org.tutti.wallet.FakeChain;
import org.tutti.wallet.Group;
import org.tutti.wallet.coins.UtxoStore;
import org.tutti.wallet.spend.CoinSelection;
import org.tutti.wallet.spend.PaymentBuilder;
import org.tutti.wallet.spend.UnsignedPayment;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/// What is approved, what is no payment, and sessions side by side.
class PaymentApprovalTest extends ApprovalFixture {
    // What is approved.

    @Test
    void aPaymentWithinTheRulesIsApprovedWithTheHashesThatAliceComputed() throws Exception {
        UnsignedPayment payment =
                new PaymentBuilder(group.wallet, utxos)
                        .build(
                                List.of(to(FRIEND, 40_000)),
                                FeeRate.satPerVirtualByte(2),
                                new CoinSelection.AtLeast(2));
        SigningRequestDraft draft =
                PaymentApproval.draft(payment, Bytes.fromHex("aa"), Duration.ofMinutes(1));
        assertThat(draft.idempotencyKey()).isEqualTo(Bytes.fromHex("aa"));
        assertThat(draft.purpose()).isEqualTo(PaymentApproval.PURPOSE);
        Decision decision = decide(alice, request(draft.context(), draft.messages()));
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

    /// What was approved once is held, whatever the policy says now.
    @Test
    void whatARequestHoldsIsReadWithoutPolicyAndCoins() {
        Transaction refused = spend(to(Script.fromHex("0014" + "cc".repeat(20)), 90_000));
        assertThat(decide(refused)).isInstanceOf(Decision.Refused.class);
        assertThat(alice.holdOf(request(refused))).isEqualTo(PaymentHold.of(refused, ours::equals));
        assertThat(alice.holdOf(request(Bytes.fromHex("00"), List.of()))).isEqualTo(Hold.NONE);
        assertThat(
                        alice.holdOf(
                                request(
                                        "message",
                                        keys(),
                                        refused.serializeWithoutWitness(),
                                        List.of())))
                .isEqualTo(Hold.NONE);
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
                    decide(alice, request(purpose, keys(), Bytes.EMPTY, List.of(bare))));
        }
    }

    @Test
    void anotherGroupsKeysAreRefused() {
        SigningRequest good = request(spend(to(FRIEND, 40_000), to(ours, 59_000)));
        for (List<Bytes> keys : List.of(keys().reversed(), keys().subList(0, 2))) {
            refused(
                    RefusalCode.OTHER_GROUP,
                    decide(alice, request(good.purpose(), keys, good.context(), good.messages())));
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
            refused(RefusalCode.SIGHASH_MISMATCH, decide(alice, request(good.context(), messages)));
        }
    }

    @Test
    void aValueThatTheRequesterClaimsHasNoPlaceAndAHashOverItDoesNotFit() {
        Transaction transaction = spend(to(FRIEND, 40_000), to(ours, 59_000));
        TaprootSighash lie = TaprootSighash.of(transaction, List.of(to(ours, 41_000)));
        Bytes hash = lie.keyPath(0, SighashType.DEFAULT, Optional.empty());
        refused(
                RefusalCode.SIGHASH_MISMATCH,
                decide(
                        alice,
                        request(
                                transaction.serializeWithoutWitness(),
                                List.of(new MessageToSign(hash, KeyTweak.keyPathOnly())))));
    }

    // What is held.

    @Test
    void anApprovalHoldsTheCoinsAndSaysWhatThePaymentDoes() {
        Transaction two =
                FakeChain.spend(ourCoins.subList(0, 2), to(FRIEND, 40_000), to(ours, 159_000));
        Hold hold = hold(decide(two));
        assertThat(hold.resources())
                .containsExactlyInAnyOrder(
                        PaymentHold.resource(ourCoins.get(0)),
                        PaymentHold.resource(ourCoins.get(1)));
        assertThat(hold.content()).isEqualTo(PaymentHold.content(List.of(to(FRIEND, 40_000))));
    }

    /// Signing compares: which of two sessions gets a coin is not for the approval to say.
    @Test
    void twoPaymentsOfOneCoinAreBothApprovedAndNameIt() {
        Hold first = hold(decide(spend(to(FRIEND, 40_000), to(ours, 59_000))));
        Hold second = hold(decide(spend(to(FRIEND_TOO, 40_000), to(ours, 59_000))));
        assertThat(second.resources()).isEqualTo(first.resources());
        assertThat(second.content()).isNotEqualTo(first.content());
    }

    /// A session that ended during its approval leaves nothing behind: nothing was kept.
    @Test
    void anApprovalKeepsNothingThatSomebodyWouldHaveToTakeBack() {
        SigningRequest request = request(spend(to(FRIEND, 40_000), to(ours, 59_000)));
        Decision first = decide(alice, request);
        assertThat(decide(alice, request)).isEqualTo(first);
    }

    /// What may have been signed must be remembered until it is final.
    @Test
    void withoutRoomToRememberItNothingIsApproved() {
        room = false;
        refused(RefusalCode.TOO_MANY_PAYMENTS, spend(to(FRIEND, 40_000), to(ours, 59_000)));
        room = true;
        assertThat(decide(spend(to(FRIEND, 40_000), to(ours, 59_000))))
                .isInstanceOf(Decision.Approved.class);
    }

    private static Hold hold(Decision decision) {
        assertThat(decision).isInstanceOf(Decision.Approved.class);
        return ((Decision.Approved) decision).hold();
    }

    // A chain that is behind.

    @Test
    void aSignerWhoseChainIsBehindWaitsForTheBlockWithTheCoin() throws Exception {
        timeout = Duration.ofMinutes(1);
        PaymentApproval late = approval(new Allowlist.Any());
        Transaction pays = chain.pay(ours, 100_000);
        Transaction payment =
                FakeChain.spend(
                        List.of(new OutPoint(pays.txid(), 0)),
                        to(FRIEND, 40_000),
                        to(ours, 59_000));
        SigningRequest request = request(payment);
        FutureTask<Decision> decision = new FutureTask<>(() -> late.decide(request, bob));
        Thread.startVirtualThread(decision);
        chain.mineEmpty(3);
        chain.mine(pays);
        assertThat(decision.get(30, TimeUnit.SECONDS)).isInstanceOf(Decision.Approved.class);
    }

    @Test
    void aSignerWithoutAnyChainWaitsForItHoweverLongItTakes() throws Exception {
        UtxoStore empty = new UtxoStore(group.wallet);
        FakeChain later = new FakeChain(empty);
        Transaction pays = later.pay(ours, 100_000);
        Transaction payment =
                FakeChain.spend(
                        List.of(new OutPoint(pays.txid(), 0)),
                        to(FRIEND, 40_000),
                        to(ours, 59_000));
        SigningRequest request = request(payment);
        PaymentApproval started = approval(empty);
        FutureTask<Decision> decision = new FutureTask<>(() -> started.decide(request, bob));
        Thread waiting = Thread.startVirtualThread(decision);
        while (waiting.getState() != Thread.State.WAITING && !decision.isDone()) {
            Thread.onSpinWait();
        }
        assertThat(decision.isDone()).isFalse();
        later.mine(pays);
        assertThat(decision.get(30, TimeUnit.SECONDS)).isInstanceOf(Decision.Approved.class);
    }

    @Test
    void theReadinessDeadlineEndsTheWaitForTheChain() throws Exception {
        PaymentApproval started = approval(new UtxoStore(group.wallet));
        SigningRequest request = request(spend(to(FRIEND, 40_000), to(ours, 59_000)));
        FutureTask<Decision> decision = new FutureTask<>(() -> started.decide(request, bob));
        Thread waiting = Thread.startVirtualThread(decision);
        waiting.interrupt();
        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(() -> decision.get(30, TimeUnit.SECONDS))
                .withCauseInstanceOf(InterruptedException.class);
    }

    @Test
    void withoutAChainWhatIsNoPaymentIsRefusedAtOnce() {
        PaymentApproval started = approval(new UtxoStore(group.wallet));
        refused(
                RefusalCode.MALFORMED_TRANSACTION,
                decide(started, request(Bytes.fromHex("00"), List.of())));
    }

    private PaymentApproval approval(UtxoStore chain) {
        return new PaymentApproval(
                group.wallet,
                chain,
                new SpendPolicy(Sat.of(50_000), Sat.of(2_000), new Allowlist.Any()),
                DailySpending.unlimited(),
                () -> true,
                (_, _) -> Sat.ZERO,
                timeout);
    }

    @Test
    void whatNoBlockCanMendIsRefusedAtOnce() throws Exception {
        timeout = Duration.ofDays(1);
        PaymentApproval late = approval(new Allowlist.Any());
        chain.mine(spend(to(Group.STRANGER, 99_000)));
        refused(
                RefusalCode.ALREADY_SPENT,
                late.decide(request(spend(to(FRIEND, 40_000), to(ours, 59_000))), bob));
    }
}
