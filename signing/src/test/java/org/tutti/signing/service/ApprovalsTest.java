package org.tutti.signing.service;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.musig.keys.SecretKey;
import org.tutti.signing.SeededRandom;
import org.tutti.signing.approval.Decision;
import org.tutti.signing.group.Member;
import org.tutti.signing.internal.wire.GroupFixture;
import org.tutti.signing.request.KeyTweak;
import org.tutti.signing.request.MessageToSign;
import org.tutti.signing.request.SigningRequest;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

class ApprovalsTest {
    private final SeededRandom random = new SeededRandom(34);
    private final PeerId peer = Keys.generate(KeyType.ED25519, random).publicKey().peerId();
    private final Member requester =
            new Member(0, peer, SecretKey.generate(random).publicKey(), List.of());

    private SigningRequest request(int number) {
        byte[] salt = new byte[32];
        salt[0] = (byte) number;
        return GroupFixture.requestOf(
                GroupFixture.groupOf(1, List.of()),
                peer,
                Bytes.wrap(salt),
                Instant.EPOCH,
                Instant.EPOCH.plusSeconds(60),
                List.of(new MessageToSign(Bytes.wrap(new byte[32]), KeyTweak.none())),
                "test",
                Bytes.EMPTY);
    }

    @Test
    void approvalsThatIgnoreTheirInterruptAreBounded() throws InterruptedException {
        CountDownLatch never = new CountDownLatch(1);
        CountDownLatch asked = new CountDownLatch(1);
        BlockingQueue<Decision> answers = new LinkedBlockingQueue<>();
        Approvals approvals =
                new Approvals(
                        (request, _) -> {
                            asked.countDown();
                            never.await();
                            return new Decision.Approved(request.messages());
                        },
                        1,
                        (_, decision) -> answers.add(decision),
                        _ -> {});
        approvals.ask(request(1), requester);
        asked.await();
        approvals.ask(request(2), requester);
        assertThat(answers.poll(30, TimeUnit.SECONDS))
                .isInstanceOfSatisfying(
                        Decision.Refused.class, r -> assertThat(r.code()).isEqualTo("BUSY"));
        approvals.close();
        assertThat(answers.poll(30, TimeUnit.SECONDS))
                .isInstanceOfSatisfying(
                        Decision.Refused.class,
                        r -> assertThat(r.code()).isEqualTo("APPROVAL_TIMEOUT"));
    }

    @Test
    void anApprovalThatIsNotNeededIsInterruptedAndMakesRoomForTheNext()
            throws InterruptedException {
        CountDownLatch asked = new CountDownLatch(1);
        BlockingQueue<Decision> answers = new LinkedBlockingQueue<>();
        Approvals approvals =
                new Approvals(
                        (request, _) -> {
                            if (asked.getCount() > 0) {
                                asked.countDown();
                                new CountDownLatch(1).await();
                            }
                            return new Decision.Approved(request.messages());
                        },
                        1,
                        (_, decision) -> answers.add(decision),
                        _ -> {});
        SigningRequest first = request(1);
        approvals.ask(first, requester);
        asked.await();
        approvals.cancel(first.sessionId());
        assertThat(answers.poll(30, TimeUnit.SECONDS))
                .isInstanceOfSatisfying(
                        Decision.Refused.class,
                        r -> assertThat(r.code()).isEqualTo("APPROVAL_TIMEOUT"));
        // Its place is free a moment after its answer.
        Decision next = new Decision.Refused("BUSY", "");
        while (next instanceof Decision.Refused busy && busy.code().equals("BUSY")) {
            approvals.ask(request(2), requester);
            next = answers.take();
        }
        assertThat(next).isInstanceOf(Decision.Approved.class);
    }

    /// An exception refuses one request; an Error is told to the owner of the node too.
    @Test
    void anApprovalThatFailsIsARefusalThatSaysNoMoreThanTheKindOfFailure()
            throws InterruptedException {
        Error error = new StackOverflowError("secret");
        BlockingQueue<Decision> answers = new LinkedBlockingQueue<>();
        BlockingQueue<Throwable> errors = new LinkedBlockingQueue<>();
        SigningRequest first = request(1);
        Approvals approvals =
                new Approvals(
                        (request, _) -> {
                            if (request.equals(first)) {
                                throw new IllegalStateException("secret");
                            }
                            throw error;
                        },
                        4,
                        (_, decision) -> answers.add(decision),
                        errors::add);
        approvals.ask(first, requester);
        assertThat(answers.poll(30, TimeUnit.SECONDS))
                .isEqualTo(new Decision.Refused("APPROVAL_FAILED", "IllegalStateException"));
        assertThat(errors).isEmpty();
        approvals.ask(request(2), requester);
        assertThat(answers.poll(30, TimeUnit.SECONDS))
                .isEqualTo(new Decision.Refused("APPROVAL_FAILED", "StackOverflowError"));
        assertThat(errors.poll(30, TimeUnit.SECONDS)).isSameAs(error);
    }
}
