package org.tutti.node.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.base.Bytes;
import org.tutti.signing.approval.Approval;
import org.tutti.signing.approval.Decision;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.group.Member;
import org.tutti.signing.request.RequestGroup;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningRequest;
import org.tutti.wallet.policy.PaymentApproval;
import org.tutti.wallet.policy.StatedPolicyApproval;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

@Timeout(30)
class GroupPartTest {
    private static final Bytes ZEROS = Bytes.wrap(new byte[32]);

    private final TestGroup group = new TestGroup();
    private final Setup setup = group.setup(0);

    /// Approves everything.
    private final Approval policy =
            Approval.holdingNothing(
                    (request, _) -> new Decision.Approved(request.messages(), Hold.NONE));

    private Decision decide(BooleanSupplier caughtUp, boolean signs) throws InterruptedException {
        GroupPart.Kind kind =
                new GroupPart.Kind(
                        setup,
                        "group-a1",
                        group.keysOf(0).signing(),
                        Path.of("approved-a1"),
                        Optional.empty(),
                        caughtUp,
                        approval -> StatedPolicyApproval.around(approval, () -> signs));
        Member bob = setup.others().getFirst();
        SigningRequest payment =
                new SigningRequest(
                        new SessionId(ZEROS),
                        new RequestGroup(ZEROS, ZEROS, 1, List.of(ZEROS)),
                        bob.peerId(),
                        ZEROS,
                        Instant.EPOCH,
                        Instant.EPOCH.plusSeconds(60),
                        List.of(),
                        PaymentApproval.PURPOSE,
                        Bytes.EMPTY,
                        Bytes.EMPTY,
                        Bytes.EMPTY);
        return GroupPart.decides(kind, policy, group.config(TestGroup.POLICY)).decide(payment, bob);
    }

    @Test
    void nothingIsApprovedBeforeAllBlocksSinceTheBirthdayAreRead() throws Exception {
        AtomicBoolean caughtUp = new AtomicBoolean();
        CountDownLatch asked = new CountDownLatch(3);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Decision> decision =
                    threads.submit(() ->
                            decide(
                                    () -> {
                                        asked.countDown();
                                        return caughtUp.get();
                                    },
                                    true));
            asked.await();
            assertThat(decision.isDone()).isFalse();
            caughtUp.set(true);
            assertThat(decision.get()).isInstanceOf(Decision.Approved.class);
        }
    }

    @Test
    void whoNamedNoPolicyRefusesAtOnce() throws Exception {
        assertThat(decide(() -> false, false))
                .isInstanceOfSatisfying(
                        Decision.Refused.class,
                        refused -> assertThat(refused.code()).isEqualTo("NO_POLICY"));
    }
}
