package org.tutti.signing.internal.engine;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.units.Sat;
import org.tutti.signing.approval.Decision;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.approval.Holds;
import org.tutti.signing.approval.SettledHold;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningRequest;
import org.tutti.wallet.FakeChain;
import org.tutti.wallet.coins.ChainTime;
import org.tutti.wallet.coins.UtxoStore;
import org.tutti.wallet.payments.PaymentChainListener;
import org.tutti.wallet.payments.PaymentHolds;
import org.tutti.wallet.payments.PaymentProcessor;
import org.tutti.wallet.payments.TrackedPayment;
import org.tutti.wallet.policy.Allowlist;
import org.tutti.wallet.policy.DailySpending;
import org.tutti.wallet.policy.PaymentApproval;
import org.tutti.wallet.policy.SpendPolicy;
import org.tutti.wallet.spend.ConfirmationTracker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/// The real coins, policy and payments of one process of a simulated world.
final class PaymentWallet implements WorldWallet, Holds {
    private final PaymentWorldChain chain;
    private final WorldNode node;
    private final DayLimit dayLimit;
    private DailySpending spending = DailySpending.unlimited();

    /// Those that the payments want to have settled.
    private final Set<SessionId> toSettle = new LinkedHashSet<>();

    private int limit = NO_LIMIT;
    private UtxoStore coins;
    private PaymentProcessor payments;
    private PaymentHolds holds;
    private PaymentChainListener listener;

    /// The blocks that it has heard of.
    private final List<Block> heard = new ArrayList<>();

    /// After a start it is told of holds before it knows the chain.
    private boolean started;

    PaymentWallet(PaymentWorldChain chain, WorldNode node) {
        this.chain = chain;
        this.node = node;
        this.dayLimit = chain.dayLimit(node);
        begin();
    }

    private void begin() {
        coins = new UtxoStore(chain.wallet);
        ConfirmationTracker tracker = new ConfirmationTracker();
        payments =
                new PaymentProcessor(
                        chain.wallet,
                        node.member.peerId().multihash(),
                        coins,
                        tracker,
                        pending -> chain.broadcast(pending.transaction()),
                        this,
                        Runnable::run,
                        () -> node.time().wall(),
                        _ -> {});
        spending.close();
        spending = dayLimit.open();
        holds = new PaymentHolds(payments, spending);
        listener = new PaymentChainListener(coins, new ChainTime(), tracker, payments, _ -> {});
        heard.clear();
        toSettle.clear();
        started = false;
    }

    @Override
    public void limit(int amount) {
        limit = amount;
        if (amount == NO_LIMIT && node.world.calm() && node.group.mustEnd()) {
            // All that is asked for must be signed in the end, which may be more.
            dayLimit.lift();
            spending.close();
            spending = dayLimit.open();
            holds = new PaymentHolds(payments, spending);
        }
    }

    @Override
    public void doubtClock() {
        spending.doubtClock();
    }

    @Override
    public void trustClock() {
        spending.trustClock();
    }

    @Override
    public void signs(WorldChain.Transaction transaction) {
        if (node.intact()) {
            dayLimit.require(
                    node, transaction.id(), transaction.operation(), chain.outflow(transaction));
        }
    }

    void close() {
        spending.close();
    }

    @Override
    public int limit() {
        return limit;
    }

    @Override
    public void restarted() {
        begin();
    }

    @Override
    public Decision decide(SigningRequest request) {
        started = true;
        catchUp();
        SpendPolicy policy =
                new SpendPolicy(
                        limit == NO_LIMIT ? Sat.MAX : Sat.of(limit),
                        Sat.of(10_000),
                        new Allowlist.Any());
        PaymentApproval approval =
                new PaymentApproval(
                        chain.wallet,
                        coins,
                        policy,
                        spending,
                        payments::hasRoom,
                        payments::countedBefore,
                        Duration.ZERO);
        try {
            return approval.decide(request, node.member);
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts", e);
        }
    }

    @Override
    public void changed(EngineOutput.HoldChanged change) {
        SigningRequest request = change.request();
        switch (change.change()) {
            case RESERVED -> holds.reserved(request, change.hold());
            case COMMITTED -> holds.committed(request, change.hold());
            case RELEASED -> holds.released(request, change.hold());
            case UNKNOWN -> holds.unknown(request, change.hold());
            case SIGNED -> holds.signed(request, change.hold(), change.signatures(), change.at());
            case SETTLED -> {
                toSettle.remove(request.sessionId());
                holds.settled(request.sessionId());
            }
        }
    }

    // --- its chain

    /// Hears of the blocks that it has missed.
    void catchUp() {
        if (!node.alive() && !started) {
            return;
        }
        if (heard.size() == chain.blocks().size()) {
            return;
        }
        while (heard.size() < chain.blocks().size()) {
            Block next = chain.blocks().get(heard.size());
            heard.add(next);
            listener.blockConnected(height(), next.header(), next);
        }
        listener.tip(height(), heard.getLast().hash());
        payments.payments().forEach(this::requireTrue);
    }

    /// What it tells of a payment, once it has heard of a block, is what the chain did.
    private void requireTrue(TrackedPayment payment) {
        OptionalInt mined = chain.heightOf(payment.txid());
        boolean isTrue =
                switch (payment.state()) {
                    case CONFIRMED ->
                            mined.isPresent()
                                    && payment.depth(height()) == height() - mined.getAsInt() + 1;
                    case CONFLICTED, REPLACED ->
                            mined.isEmpty()
                                    && payment.conflict()
                                            .filter(by -> chain.heightOf(by).isPresent())
                                            .isPresent();
                    case PROPOSED, SIGNING, UNKNOWN, SIGNED, SENT, SEEN -> mined.isEmpty();
                    case FAILED -> false;
                    // A copy of this node, or another session, may have signed the same.
                    case GIVEN_UP -> true;
                };
        if (!isTrue) {
            throw new AssertionError(node + " tells " + payment + ", mined at " + mined);
        }
        node.world.counts.count("payments told as the chain has them");
    }

    private int height() {
        return FakeChain.FIRST_HEIGHT + heard.size() - 1;
    }

    /// The last block has left the chain.
    void disconnected(int height, BlockHeader header) {
        if (height() == height) {
            heard.removeLast();
            listener.blockDisconnected(height, header);
        }
    }

    void rebroadcast() {
        if (node.alive()) {
            payments.rebroadcast();
        }
    }

    // --- what its payments ask of the engine

    @Override
    public boolean isHeld(Bytes resource) {
        return node.engine().isHeld(resource);
    }

    @Override
    public void settle(SessionId session, Bytes outcome) {
        toSettle.add(session);
    }

    @Override
    public List<SettledHold> settled(Bytes idempotencyKey) {
        return node.engine().settled(idempotencyKey);
    }

    /// The operations of a world are told apart by its traffic.
    @Override
    public Map<SessionId, Hold> underWay() {
        throw new IllegalStateException("nobody orders payments here");
    }

    @Override
    public void allowConflict(SessionId session) {
        throw new IllegalStateException("an operator does that");
    }

    @Override
    public List<SessionId> settled() {
        catchUp();
        return List.copyOf(toSettle);
    }
}
