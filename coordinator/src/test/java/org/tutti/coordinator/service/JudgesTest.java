package org.tutti.coordinator.service;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.base.Bytes;
import org.tutti.coordinator.approval.Judgement;
import org.tutti.coordinator.approval.RequestPolicy;
import org.tutti.coordinator.internal.wire.Crafted;
import org.tutti.coordinator.message.Invitation;
import org.tutti.coordinator.message.RequestId;

import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;

/// When the policy is asked, and how much at a time.
@Timeout(30)
class JudgesTest {
    private static final Bytes SMALL = Bytes.wrap(new byte[Judges.LARGE]);
    private static final Bytes LARGE = Bytes.wrap(new byte[Judges.LARGE + 1]);

    private final Crafted alice = new Crafted();
    private final Crafted bob = new Crafted();
    private final Tasks tasks = new Tasks();
    private final BlockingQueue<Bytes> asked = new LinkedBlockingQueue<>();
    private final Semaphore answers = new Semaphore(0);
    private final BlockingQueue<RequestId> judged = new LinkedBlockingQueue<>();
    private final Judges judges =
            new Judges(
                    RequestPolicy.holdingNothing((_, psbt) -> {
                        asked.add(psbt);
                        answers.acquire();
                        return new Judgement.Refused("NO", "no");
                    }),
                    tasks,
                    (request, _) -> judged.add(request));

    @AfterEach
    void close() {
        tasks.close();
    }

    private Invitation request() {
        return alice.signer.request(alice.draft(bob.publicKey()), Crafted.NOW.toEpochMilli());
    }

    @Test
    void aLargeTransactionIsOnlyReadOnceItsRequestWasTaken() throws Exception {
        Invitation request = request();
        try (Judges.Early early = judges.early(request, LARGE)) {
            assertThat(early.quick()).isEmpty();
        }
        try (Judges.Early _ = judges.early(request(), SMALL)) {
            assertThat(asked.take()).isEqualTo(SMALL);
        }
        assertThat(asked).isEmpty();
        judges.judge(request, LARGE);
        assertThat(asked.take()).isEqualTo(LARGE);
        answers.release(2);
        assertThat(judged.take()).isEqualTo(request.id());
    }

    @Test
    void onlyAFewLargeOnesAreReadAtATimeAndOthersNeedNotWaitForThem() throws Exception {
        for (int i = 0; i <= Judges.MAX_LARGE; i++) {
            judges.judge(request(), LARGE);
        }
        for (int i = 0; i < Judges.MAX_LARGE; i++) {
            assertThat(asked.take()).isEqualTo(LARGE);
        }
        judges.judge(request(), SMALL);
        // The last large one would have come before it.
        assertThat(asked.take()).isEqualTo(SMALL);
        answers.release(1);
        answers.release(Judges.MAX_LARGE + 1);
        for (int i = 0; i < Judges.MAX_LARGE + 2; i++) {
            var _ = judged.take();
        }
        assertThat(Optional.ofNullable(asked.poll())).contains(LARGE);
    }
}
