package org.tutti.wallet.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.signing.approval.Decision;
import org.tutti.signing.request.SigningRequest;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

class FreshChainApprovalTest extends ApprovalFixture {
    private volatile boolean fresh;
    private final AtomicInteger looks = new AtomicInteger();
    private final FreshChainApproval careful =
            new FreshChainApproval(
                    alice,
                    () -> {
                        looks.incrementAndGet();
                        return fresh;
                    },
                    true);

    private Transaction payment() {
        return spend(to(FRIEND, 40_000), to(ours, 59_000));
    }

    private CompletableFuture<Decision> deciding(SigningRequest request) {
        CompletableFuture<Decision> decision = new CompletableFuture<>();
        Thread.ofVirtual()
                .start(() -> {
                    try {
                        decision.complete(careful.decide(request, bob));
                    } catch (InterruptedException e) {
                        decision.completeExceptionally(e);
                    }
                });
        return decision;
    }

    private static Decision within(CompletableFuture<Decision> decision)
            throws InterruptedException, ExecutionException, TimeoutException {
        return decision.get(30, TimeUnit.SECONDS);
    }

    private void waitsForTheChain() {
        int before = looks.get();
        while (looks.get() < before + 2) {
            Thread.onSpinWait();
        }
    }

    @Test
    void aPaymentWaitsUntilTheChainIsFresh() throws Exception {
        CompletableFuture<Decision> decision = deciding(request(payment()));
        waitsForTheChain();
        assertThat(decision).isNotDone();
        assertThat(careful.isHeldUp()).isTrue();
        fresh = true;
        assertThat(within(decision)).isInstanceOf(Decision.Approved.class);
        assertThat(careful.isHeldUp()).isFalse();
    }

    @Test
    void aFeeLadderWaitsToo() throws Exception {
        SigningRequest ladder =
                request(FeeLadder.PURPOSE, keys(), Bytes.EMPTY, request(payment()).messages());
        CompletableFuture<Decision> decision = deciding(ladder);
        waitsForTheChain();
        assertThat(decision).isNotDone();
        fresh = true;
        assertThat(within(decision)).isInstanceOf(Decision.Refused.class);
    }

    @Test
    void whoNoLongerAsksForAFreshChainDecidesAtOnce() throws Exception {
        CompletableFuture<Decision> decision = deciding(request(payment()));
        waitsForTheChain();
        careful.require(false);
        assertThat(within(decision)).isInstanceOf(Decision.Approved.class);
        assertThat(careful.isHeldUp()).isFalse();
    }

    @Test
    void theReadinessDeadlineEndsTheWait() {
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> careful.decide(request(payment()), bob))
                .isInstanceOf(InterruptedException.class);
    }

    @Test
    void whatIsNoPaymentIsRefusedWithoutWaiting() throws Exception {
        SigningRequest other =
                request("anything", keys(), Bytes.EMPTY, request(payment()).messages());
        assertThat(careful.decide(other, bob))
                .isInstanceOfSatisfying(
                        Decision.Refused.class,
                        refused -> assertThat(refused.code()).isEqualTo("PURPOSE_NOT_ALLOWED"));
    }

    @Test
    void whatARequestHoldsIsReadWhateverTheChainIs() {
        SigningRequest request = request(payment());
        assertThat(careful.holdOf(request)).isEqualTo(alice.holdOf(request));
        assertThat(careful.holdOf(request).resources()).isNotEmpty();
    }
}
