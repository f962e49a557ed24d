package org.tutti.coordinator.service;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.coordinator.approval.Judgement;
import org.tutti.coordinator.approval.RequestPolicy;
import org.tutti.coordinator.internal.wire.Crafted;
import org.tutti.coordinator.message.Invitation;
import org.tutti.coordinator.message.RequestId;
import org.tutti.musig.keys.PublicKey;
import org.tutti.signing.approval.Decision;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.group.Member;
import org.tutti.signing.request.KeyTweak;
import org.tutti.signing.request.MessageToSign;
import org.tutti.signing.request.RequestGroup;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningRequest;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

/// Nothing is signed for a request but what this node joined, for whoever asked for it.
class InvitationApprovalTest {
    private static final Hold HOLD = new Hold(Set.of(Bytes.fromHex("aa")), Bytes.fromHex("bb"));
    private final Crafted alice = new Crafted();
    private final Crafted bob = new Crafted();
    private final Invitation request =
            alice.signer.request(alice.draft(bob.publicKey()), Crafted.NOW.toEpochMilli());
    private final List<MessageToSign> messages = InvitationApproval.messages(request);
    private final AtomicReference<Judgement> judgement =
            new AtomicReference<>(new Judgement.Approved(messages, HOLD, List.of()));
    private final RequestPolicy policy =
            new RequestPolicy() {
                @Override
                public Judgement judge(Invitation asked, Bytes psbt) {
                    throw new AssertionError("it was asked before joining");
                }

                @Override
                public Judgement judgeBeforeSigning(Invitation asked, Bytes psbt) {
                    return Objects.requireNonNull(judgement.get());
                }

                @Override
                public Hold holdOf(Invitation asked, Bytes psbt) {
                    return HOLD;
                }
            };

    private Decision decide(boolean joined, PublicKey requester, SigningRequest session)
            throws InterruptedException {
        Map<RequestId, InvitationApproval.Known> known =
                Map.of(request.id(), new InvitationApproval.Known(request, Bytes.EMPTY, joined));
        return new InvitationApproval(policy, id -> Optional.ofNullable(known.get(id)))
                .decide(
                        session,
                        new Member(0, alice.identity.publicKey().peerId(), requester, List.of()));
    }

    private SigningRequest session(
            String purpose, Bytes context, Bytes key, List<MessageToSign> toSign) {
        return new SigningRequest(
                new SessionId(Bytes.wrap(new byte[32])),
                new RequestGroup(
                        Crafted.NETWORK, Bytes.wrap(new byte[32]), SigningGroups.EPOCH, List.of()),
                alice.identity.publicKey().peerId(),
                Bytes.wrap(new byte[32]),
                Crafted.NOW,
                Crafted.NOW.plusSeconds(60),
                toSign,
                purpose,
                context,
                key,
                Bytes.EMPTY);
    }

    private SigningRequest session() {
        return session("invitation", request.id().bytes(), request.id().bytes(), messages);
    }

    private static void refused(String code, Decision decision) {
        assertThat(decision)
                .isInstanceOfSatisfying(
                        Decision.Refused.class, no -> assertThat(no.code()).isEqualTo(code));
    }

    @Test
    void whatWasJoinedIsApprovedWithWhatItHolds() throws Exception {
        assertThat(decide(true, alice.publicKey(), session()))
                .isEqualTo(new Decision.Approved(messages, HOLD));
        // A person was asked before joining.
        judgement.set(new Judgement.AskPerson(messages, HOLD, List.of()));
        assertThat(decide(true, alice.publicKey(), session()))
                .isEqualTo(new Decision.Approved(messages, HOLD));
    }

    @Test
    void whatWasNotJoinedOrHasEndedIsNotSignedAlthoughTheGroupIsThere() throws Exception {
        refused("NOT_JOINED", decide(false, alice.publicKey(), session()));
        Bytes other = Bytes.fromHex("55".repeat(32));
        refused(
                "NOT_JOINED",
                decide(true, alice.publicKey(), session("invitation", other, other, messages)));
    }

    @Test
    void nobodyButTheRequesterBeginsItsSessions() throws Exception {
        refused("NOT_THE_REQUESTER", decide(true, bob.publicKey(), session()));
    }

    @Test
    void aSessionHasExactlyTheRequestsMessages() throws Exception {
        MessageToSign other = new MessageToSign(Bytes.fromHex("66".repeat(32)), KeyTweak.none());
        for (List<MessageToSign> wrong :
                List.of(
                        List.of(other),
                        List.of(messages.getFirst(), other),
                        List.of(messages.getFirst(), messages.getFirst()),
                        List.of(
                                new MessageToSign(
                                        messages.getFirst().hash(), KeyTweak.keyPathOnly())))) {
            refused(
                    "MESSAGES_DIFFER",
                    decide(
                            true,
                            alice.publicKey(),
                            session(
                                    "invitation",
                                    request.id().bytes(),
                                    request.id().bytes(),
                                    wrong)));
        }
    }

    @Test
    void aSessionNamesItsRequestInEveryPlace() throws Exception {
        Bytes id = request.id().bytes();
        for (SigningRequest wrong :
                List.of(
                        session("payment", id, id, messages),
                        session("invitation", Bytes.EMPTY, Bytes.EMPTY, messages),
                        // Another key would let it be signed twice.
                        session("invitation", id, Bytes.fromHex("01"), messages))) {
            refused("NOT_A_REQUEST", decide(true, alice.publicKey(), wrong));
        }
    }

    @Test
    void thePolicyIsAskedAgain() throws Exception {
        judgement.set(new Judgement.Refused("AMOUNT_ABOVE_DAY_LIMIT", "not today"));
        refused("AMOUNT_ABOVE_DAY_LIMIT", decide(true, alice.publicKey(), session()));
    }
}
