package org.tutti.wallet.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.tutti.bitcoin.psbt.Psbt;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.FeeRate;
import org.tutti.bitcoin.units.Sat;
import org.tutti.coordinator.message.ElectionMethod;
import org.tutti.coordinator.message.InvitationDraft;
import org.tutti.coordinator.message.KeyOrder;
import org.tutti.wallet.policy.RefusalCode;
import org.tutti.wallet.policy.RefusedException;
import org.tutti.wallet.spend.PaymentException;

import java.time.Duration;

/// Requests made of transactions.
class RequestDraftsTest extends RequestFixture {
    private static final FeeRate RATE = FeeRate.satPerVirtualByte(2);

    private Psbt spend(long value, long amount) throws PaymentException {
        return RequestDrafts.spend(group.wallet, coin(1), Sat.of(value), out(FRIEND, amount), RATE);
    }

    private InvitationDraft draft(Psbt psbt) throws RefusedException {
        return RequestDrafts.ofPsbt(
                psbt.serialize(),
                group.publicKeys(),
                new InvitationDraft.Description(1, "spend", "", ""),
                ElectionMethod.HASH,
                5,
                Duration.ofHours(1));
    }

    @Test
    void aDraftAsksForWhatSignersFindInThePsbt() throws Exception {
        Psbt psbt = spend(100_000, 60_000);
        InvitationDraft draft = draft(psbt);
        assertThat(draft.keys()).isEqualTo(group.wallet.keys());
        assertThat(draft.keyOrder()).isEqualTo(KeyOrder.SORTED);
        assertThat(draft.birthday()).isEqualTo(5);
        assertThat(draft.psbt()).isEqualTo(psbt.serialize());
        assertThat(
                        RequestTransaction.read(
                                        request(draft.psbt(), draft.messages()),
                                        draft.psbt(),
                                        NETWORK)
                                .messages())
                .isEqualTo(draft.messages());
    }

    @Test
    void whatIsLeftComesBackAndTheRateIsPaid() throws Exception {
        RequestTransaction read = read(spend(100_000, 60_000).serialize());
        assertThat(read.psbt().version()).isEqualTo(2);
        assertThat(read.destinations()).containsExactly(out(FRIEND, 60_000));
        assertThat(read.change()).hasSize(1);
        assertThat(read.fee()).isEqualTo(RATE.feeFor(read.weight()));
        assertThat(read.transaction().outputs().stream().map(TxOut::value).toList()).hasSize(2);
    }

    @Test
    void whatWouldBeDustGoesToTheMiner() throws Exception {
        RequestTransaction read = read(spend(60_500, 60_000).serialize());
        assertThat(read.change()).isEmpty();
        assertThat(read.fee()).isEqualTo(Sat.of(500));
    }

    @Test
    void whatCannotBeBuiltIsRefused() {
        refused(PaymentException.Code.INSUFFICIENT_FUNDS, 60_000, 60_001, RATE);
        refused(PaymentException.Code.INSUFFICIENT_FUNDS, 60_100, 60_000, RATE);
        refused(PaymentException.Code.DUST, 60_000, 100, RATE);
        refused(PaymentException.Code.FEE_RATE_TOO_LOW, 60_000, 1_000, new FeeRate(999));
    }

    private void refused(PaymentException.Code code, long value, long amount, FeeRate rate) {
        assertThatExceptionOfType(PaymentException.class)
                .isThrownBy(() ->
                        RequestDrafts.spend(
                                group.wallet, coin(1), Sat.of(value), out(FRIEND, amount), rate))
                .satisfies(e -> assertThat(e.code()).isEqualTo(code));
    }

    @Test
    void aPsbtOfOtherKeysIsNoDraft() throws Exception {
        Psbt psbt = payment();
        assertThatExceptionOfType(RefusedException.class)
                .isThrownBy(() ->
                        RequestDrafts.ofPsbt(
                                psbt.serialize(),
                                group.publicKeys().subList(0, 2),
                                new InvitationDraft.Description(1, "spend", "", ""),
                                ElectionMethod.HASH,
                                0,
                                Duration.ofHours(1)))
                .satisfies(e -> assertThat(e.code()).isEqualTo(RefusalCode.NO_INPUT_OF_KEYS));
    }
}
