package org.tutti.app.chain;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.lightclient.broadcast.BroadcastEvent;
import org.tutti.lightclient.broadcast.BroadcastEvent.Accepted;
import org.tutti.lightclient.broadcast.BroadcastEvent.Announced;
import org.tutti.lightclient.broadcast.BroadcastEvent.BelowFeeFilter;
import org.tutti.lightclient.broadcast.BroadcastEvent.Confirmed;
import org.tutti.lightclient.broadcast.BroadcastEvent.Conflicted;
import org.tutti.lightclient.broadcast.BroadcastEvent.Dropped;
import org.tutti.lightclient.broadcast.BroadcastEvent.HeldBack;
import org.tutti.lightclient.broadcast.BroadcastEvent.NotTaken;
import org.tutti.lightclient.broadcast.BroadcastEvent.Refused;
import org.tutti.lightclient.broadcast.BroadcastEvent.Reopened;
import org.tutti.lightclient.broadcast.BroadcastEvent.Requested;
import org.tutti.lightclient.broadcast.BroadcastEvent.Seen;
import org.tutti.lightclient.broadcast.BroadcastEvent.Unseen;
import org.tutti.lightclient.broadcast.BroadcastFault;
import org.tutti.lightclient.broadcast.Reach;

class BroadcastTallyTest {
    private static final Txid TXID = Txid.hashOf(new byte[] {1});
    private static final Reach REACH = new Reach(0, 0, 0, 0);

    private final BroadcastTally tally = new BroadcastTally(TXID);

    private void add(BroadcastEvent... events) {
        for (BroadcastEvent event : events) {
            tally.add(event);
        }
    }

    private void isFailure(String code, String state) {
        assertThat(tally.ok(true)).isFalse();
        assertThat(tally.failure(true).code()).isEqualTo(code);
        assertThat(tally.failure(true).message()).isNotBlank();
        assertThat(tally.fields()).containsEntry("state", state);
    }

    @Test
    void beforeAnythingIsKnownItIsNoSuccess() {
        isFailure("NO_TAKER", "not-announced");
        assertThat(tally.failure(false).code()).isEqualTo("NO_PEER");
        add(new Announced(Txid.ZERO, "a", REACH), new Confirmed(Txid.ZERO, 7));
        isFailure("NO_TAKER", "not-announced");
    }

    @Test
    void toldAloneIsNoSuccess() {
        add(new Announced(TXID, "a", REACH));
        isFailure("UNSEEN", "unseen");
        add(new Unseen(TXID, 1, REACH));
        isFailure("UNSEEN", "unseen");
    }

    @Test
    void theOnlyPeerThatTakesTransactionsHasToAsk() {
        add(new Announced(TXID, "a", REACH), new Requested(TXID, "a", REACH));
        assertThat(tally.ok(false)).as("others may be on their way").isFalse();
        assertThat(tally.ok(true)).isTrue();
        assertThat(tally.isSettled(true)).as("it may drop it").isFalse();
        add(new Dropped(TXID, "a"));
        isFailure("DROPPED", "dropped");
        add(new Accepted(TXID, "a", REACH));
        assertThat(tally.ok(true)).isTrue();
        assertThat(tally.isSettled(false)).isFalse();
        assertThat(tally.isSettled(true)).isTrue();
    }

    @Test
    void ofTwoThatTakeTransactionsTheOtherHasToHaveIt() {
        add(
                new Announced(TXID, "a", REACH),
                new HeldBack(TXID, "b"),
                new Requested(TXID, "a", REACH));
        isFailure("NOT_RELAYED", "requested");
        add(new Accepted(TXID, "a", REACH));
        isFailure("NOT_RELAYED", "accepted");
        add(new Seen(TXID, "b", REACH));
        assertThat(tally.ok(true)).isTrue();
        assertThat(tally.isSettled(true)).isTrue();
        assertThat(tally.fields()).containsEntry("state", "seen");
    }

    @Test
    void whatAllHaveAlreadyNobodyNeedsToAskFor() {
        add(new Announced(TXID, "a", REACH), new HeldBack(TXID, "b"), new Seen(TXID, "a", REACH));
        assertThat(tally.ok(true)).as("the other may not").isFalse();
        add(new Seen(TXID, "b", REACH));
        assertThat(tally.ok(true)).isTrue();
    }

    @Test
    void aRefusalIsNoSuccess() {
        add(
                new Announced(TXID, "a", REACH),
                new Requested(TXID, "a", REACH),
                new Refused(TXID, "a", 66, "min relay fee not met"));
        isFailure("REFUSED", "refused");
    }

    @Test
    void aFeeBelowAllFiltersIsNamed() {
        add(new BelowFeeFilter(TXID, "a", 5_000));
        isFailure("FEE_TOO_LOW", "not-announced");
    }

    @Test
    void aBlockDecidesEitherWayUntilItLeavesTheChain() {
        add(new Confirmed(TXID, 7));
        assertThat(tally.ok(false)).isTrue();
        assertThat(tally.isSettled(false)).isTrue();
        add(new Reopened(TXID, 7));
        assertThat(tally.ok(true)).isFalse();
        add(new Conflicted(TXID, new OutPoint(Txid.ZERO, 1), Txid.ZERO, 7));
        assertThat(tally.isSettled(false)).isTrue();
        isFailure("CONFLICTED", "conflicted");
    }

    @Test
    void whatIsNotTakenOnIsNamed() {
        add(new NotTaken(TXID, BroadcastFault.NOT_FINAL, "not final yet"));
        assertThat(tally.isSettled(false)).isTrue();
        isFailure("NOT_FINAL", "not-taken");
    }
}
