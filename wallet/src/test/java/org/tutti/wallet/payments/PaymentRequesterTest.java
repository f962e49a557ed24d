package org.tutti.wallet.payments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.address.Address;
import org.tutti.bitcoin.address.AddressException;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.units.FeeRate;
import org.tutti.bitcoin.units.Sat;
import org.tutti.signing.group.Member;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningRequestDraft;
import org.tutti.signing.session.SessionOutcome;
import org.tutti.wallet.Group;
import org.tutti.wallet.policy.PaymentApproval;
import org.tutti.wallet.policy.PaymentHold;
import org.tutti.wallet.spend.CoinSelection;
import org.tutti.wallet.spend.PaymentException;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;

class PaymentRequesterTest extends PaymentFixture {
    private static final SessionId SESSION = new SessionId(Bytes.wrap(new byte[32]));

    private final FakeHolds holds = new FakeHolds();
    private final List<SigningRequestDraft> asked = new ArrayList<>();
    private final Member carol = new Member(2, bob, group.publicKeys().get(2), List.of());

    @Test
    void anOrderIsBuiltAndSignedAndItsFeeIsTold() throws Exception {
        payment();
        SignedPayment signed = requester(answers(signed())).pay(order(10_000));
        SigningRequestDraft draft = asked.getFirst();
        Transaction transaction = Transaction.parseWithoutWitness(draft.context());
        assertThat(draft.purpose()).isEqualTo(PaymentApproval.PURPOSE);
        assertThat(draft.lifetime()).isEqualTo(PaymentRequester.LIFETIME);
        assertThat(transaction.outputs().getFirst().value()).isEqualTo(Sat.of(10_000));
        assertThat(transaction.outputs().getFirst().scriptPubKey()).isEqualTo(Group.STRANGER);
        assertThat(signed.session()).isEqualTo(SESSION);
        assertThat(signed.txid()).isEqualTo(transaction.txid());
        long outputs = transaction.outputs().stream().mapToLong(o -> o.value().value()).sum();
        assertThat(signed.fee()).isEqualTo(Sat.of(50_000 - outputs));
    }

    @Test
    void whatCannotBeBuiltIsNotAskedFor() {
        assertThatExceptionOfType(PaymentException.class)
                .isThrownBy(() -> requester(answers(signed())).pay(order(10_000)))
                .satisfies(e ->
                        assertThat(e.code()).isEqualTo(PaymentException.Code.INSUFFICIENT_FUNDS));
        assertThat(asked).isEmpty();
    }

    @Test
    void coinsThatASessionHoldsAreNotChosen() throws Exception {
        Bytes coin = PaymentHold.resource(payment().utxos().getFirst().outPoint());
        holds.held.add(coin);
        assertThatExceptionOfType(PaymentException.class)
                .isThrownBy(() -> requester(answers(signed())).pay(order(10_000)));
        holds.held.remove(coin);
        requester(answers(signed())).pay(order(10_000));
        assertThat(asked).hasSize(1);
    }

    @Test
    void aRefusalKeepsTheSignersCodeAndSaysWhoRefuses() {
        payment();
        failed(
                answers(
                        new SessionOutcome.Refused(
                                SESSION, carol, "FEE_ABOVE_LIMIT", "too much", false)),
                "FEE_ABOVE_LIMIT",
                carol + " refuses: too much");
    }

    @Test
    void anAbortedSessionSaysWhoIsToBlame() {
        payment();
        failed(
                answers(aborted(List.of(carol), List.of(), Optional.of(Path.of("evidence/x")))),
                "BAD_PARTIAL",
                carol + " gave up: wrong, because of [" + carol + "], see evidence/x");
        failed(
                answers(aborted(List.of(), List.of(carol), Optional.empty())),
                "BAD_PARTIAL",
                carol + " gave up: wrong, and blames, unproven, [" + carol + "]");
    }

    @Test
    void aSessionThatCannotStartOrDoesNotEndIsToldApart() {
        payment();
        failed(
                (_, _) -> {
                    throw new IllegalStateException("too many sessions");
                },
                "BUSY",
                "too many sessions");
        failed(
                (_, _) -> {
                    throw new TimeoutException();
                },
                "TIMED_OUT",
                "no end of the session within 10 min");
    }

    private void failed(PaymentSigner signer, String code, String reason) {
        assertThatExceptionOfType(SigningFailedException.class)
                .isThrownBy(() -> requester(signer).pay(order(10_000)))
                .satisfies(e -> {
                    assertThat(e.code()).isEqualTo(code);
                    assertThat(e.reason()).isEqualTo(reason);
                });
    }

    private PaymentRequester requester(PaymentSigner signer) {
        return new PaymentRequester(group.wallet, coins, holds, signer);
    }

    private PaymentSigner answers(SessionOutcome outcome) {
        return (draft, _) -> {
            asked.add(draft);
            return outcome;
        };
    }

    private static SessionOutcome signed() {
        return new SessionOutcome.Signed(SESSION, List.of());
    }

    private SessionOutcome aborted(
            List<Member> culprits, List<Member> claimed, Optional<Path> evidence) {
        return new SessionOutcome.Aborted(
                SESSION,
                carol,
                "BAD_PARTIAL",
                culprits,
                List.of(),
                claimed,
                "wrong",
                evidence,
                false);
    }

    private static PaymentOrder order(long amount) {
        try {
            return new PaymentOrder(
                    Address.of(Group.STRANGER, Network.REGTEST),
                    Sat.of(amount),
                    FeeRate.satPerVirtualByte(2),
                    new CoinSelection.Fewest());
        } catch (AddressException e) {
            throw new AssertionError(e);
        }
    }
}
