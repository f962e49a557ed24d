package org.tutti.wallet.policy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.SighashType;
import org.tutti.bitcoin.tx.TaprootSighash;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.units.FeeRate;
import org.tutti.signing.approval.Decision;
import org.tutti.signing.request.KeyTweak;
import org.tutti.signing.request.MessageToSign;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.request.SigningRequestDraft;
import org.tutti.wallet.FakeChain;
import org.tutti.wallet.Group;
import org.tutti.wallet.spend.CoinSelection;
import org.tutti.wallet.spend.PaymentBuilder;
import org.tutti.wallet.spend.UnsignedPayment;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
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
        SigningRequestDraft draft = PaymentApproval.draft(payment, Duration.ofMinutes(1));
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

    // Sessions side by side.

    @Test
    void aCoinIsNotSignedIntoTwoTransactionsAtTheSameTime() {
        SigningRequest first = request(spend(to(FRIEND, 40_000), to(ours, 59_000)));
        Transaction second = spend(to(FRIEND_TOO, 40_000), to(ours, 59_000));
        assertThat(decide(alice, first)).isInstanceOf(Decision.Approved.class);
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
        assertThat(decide(alice, first)).isInstanceOf(Decision.Approved.class);
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
        CoinLocks small = new CoinLocks(1);
        PaymentApproval strict = approval(new Allowlist.Any(), small);
        assertThat(decide(strict, request(spend(to(FRIEND, 40_000), to(ours, 59_000)))))
                .isInstanceOf(Decision.Approved.class);
        refused(
                RefusalCode.TOO_MANY_SESSIONS,
                decide(
                        strict,
                        request(
                                FakeChain.spend(
                                        ourCoins.subList(1, 2),
                                        to(FRIEND, 40_000),
                                        to(ours, 59_000)))));
        assertThat(small.size()).isEqualTo(1);
    }

    @Test
    void aSessionThatGoesOnAfterARestartBindsItsCoinsAgain() {
        SigningRequest first = request(spend(to(FRIEND, 40_000), to(ours, 59_000)));
        CoinLocks locks = new CoinLocks();
        PaymentApproval restarted = approval(new Allowlist.Any(), locks);
        restarted.resumed(first);
        assertThat(locks.isLocked(ourCoins.getFirst(), NOW)).isTrue();
        assertThat(locks.isLocked(ourCoins.get(1), NOW)).isFalse();
        refused(
                RefusalCode.CONFLICTING_SESSION,
                decide(restarted, request(spend(to(FRIEND_TOO, 40_000), to(ours, 59_000)))));
        restarted.resumed(request("message", keys(), first.context(), first.messages()));
        restarted.resumed(request(Bytes.fromHex("00"), first.messages()));
        assertThat(locks.size()).isEqualTo(1);
        assertThat(locks.isLocked(ourCoins.getFirst(), first.expires())).isFalse();
    }

    // A chain that is behind.

    @Test
    void aSignerWhoseChainIsBehindWaitsForTheBlockWithTheCoin() throws Exception {
        timeout = Duration.ofMinutes(1);
        PaymentApproval late = approval(new Allowlist.Any(), new CoinLocks());
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
    void whatNoBlockCanMendIsRefusedAtOnce() throws Exception {
        timeout = Duration.ofDays(1);
        PaymentApproval late = approval(new Allowlist.Any(), new CoinLocks());
        chain.mine(spend(to(Group.STRANGER, 99_000)));
        refused(
                RefusalCode.ALREADY_SPENT,
                late.decide(request(spend(to(FRIEND, 40_000), to(ours, 59_000))), bob));
    }
}
