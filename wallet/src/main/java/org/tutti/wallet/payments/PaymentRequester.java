package org.tutti.wallet.payments;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.FeeRate;
import org.tutti.bitcoin.units.Sat;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.approval.Holds;
import org.tutti.signing.approval.SettledHold;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.session.AbortCode;
import org.tutti.signing.session.SessionOutcome;
import org.tutti.wallet.coins.GroupWallet;
import org.tutti.wallet.coins.UtxoStore;
import org.tutti.wallet.payments.TrackedPayment.Origin;
import org.tutti.wallet.policy.PaymentApproval;
import org.tutti.wallet.policy.PaymentHold;
import org.tutti.wallet.spend.CoinSelection;
import org.tutti.wallet.spend.PaymentBuilder;
import org.tutti.wallet.spend.PaymentException;
import org.tutti.wallet.spend.UnsignedPayment;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;

/// Makes a payment on this node's behalf, from the order to the signatures: chooses coins, builds
/// the transaction, and asks the group to sign it.
///
/// Each payment has a key, the caller's or a random one, and happens once. Ordered again with its
/// key, a payment that runs is joined, and one that is signed, or final since before a restart, is
/// answered; one that may have been signed gets a new version, which spends the first coin of the
/// first version, so that only one of them can ever be mined.
///
/// It is one file because it is one decision: whether an order is answered, joined, refused, made
/// or made again, from everything that became of its key before.
///
/// Threads: any number at once. The lock guards `running`; nothing blocks under it.
public final class PaymentRequester {
    /// How long a payment's session may last in all, restarts of members included.
    public static final Duration LIFETIME = Duration.ofMinutes(10);

    /// How often other coins are chosen after another session got those that were.
    static final int MAX_CHOICES = 3;

    /// How long a caller waits for a session: it should have ended by itself before.
    private static final Duration SESSION_TIMEOUT = LIFETIME.plusMinutes(1);

    /// The code of a signer who knows another session that holds a coin.
    static final String CONFLICTING_SESSION = "CONFLICTING_SESSION";

    private static final String NODE_ENDS = "continues after the next start of this node";

    /// The code for a payment that may or may not be signed.
    public static final String UNKNOWN_OUTCOME = "UNKNOWN_OUTCOME";

    private final GroupWallet wallet;
    private final Bytes self;
    private final UtxoStore coins;
    private final Holds holds;
    private final PaymentProcessor payments;
    private final PaymentSigner signer;
    private final RandomGenerator random;

    /// The orders that callers wait for, by key: bounded by the callers.
    private final Map<Bytes, Running> running = new HashMap<>();

    /// @param replaces whether it is asked for in the place of an earlier version
    private record Running(
            Bytes content, boolean replaces, CompletableFuture<SignedPayment> result) {}

    /// The versions of one payment, oldest first, without those that can no longer be signed.
    private record Versions(List<TrackedPayment> all) {
        /// The one in a block, or else the newest that has all signatures.
        Optional<TrackedPayment> signed() {
            return in(PaymentState.CONFIRMED).or(() -> newestSigned());
        }

        /// Of the rungs of a ladder the one that was sent last.
        private Optional<TrackedPayment> newestSigned() {
            List<TrackedPayment> signed = allSigned();
            if (signed.isEmpty()) {
                return Optional.empty();
            }
            SessionId newest = signed.getLast().origin().orElseThrow().session();
            List<TrackedPayment> rungs =
                    signed.stream()
                            .filter(one -> one.origin().orElseThrow().session().equals(newest))
                            .toList();
            return rungs.reversed().stream()
                    .filter(rung -> rung.state() != PaymentState.SIGNED)
                    .findFirst()
                    .or(() -> rungs.stream().findFirst());
        }

        private List<TrackedPayment> allSigned() {
            return all.stream()
                    .filter(version ->
                            switch (version.state()) {
                                case CONFIRMED, SIGNED, SENT, SEEN -> true;
                                case PROPOSED,
                                        SIGNING,
                                        UNKNOWN,
                                        CONFLICTED,
                                        REPLACED,
                                        FAILED,
                                        GIVEN_UP ->
                                        false;
                            })
                    .toList();
        }

        Optional<TrackedPayment> in(PaymentState state) {
            return all.stream().filter(version -> version.state() == state).findFirst();
        }

        Optional<TrackedPayment> running() {
            return all.stream().filter(version -> version.state().isRunning()).findFirst();
        }

        Versions without(Set<SessionId> over) {
            return new Versions(
                    all.stream()
                            .filter(version ->
                                    version.origin()
                                            .filter(origin -> over.contains(origin.session()))
                                            .isEmpty())
                            .toList());
        }

        /// What every further version must spend.
        Optional<OutPoint> pinned() {
            return all.stream()
                    .flatMap(version -> version.origin().stream())
                    .map(origin -> origin.coins().getFirst())
                    .findFirst();
        }

        /// Coins that a further version may spend although they are held: by this payment.
        Set<OutPoint> coins() {
            Set<OutPoint> coins = new HashSet<>();
            for (TrackedPayment version : all) {
                version.origin().map(Origin::coins).ifPresent(coins::addAll);
            }
            return coins;
        }
    }

    /// @param self this node
    /// @param holds names the coins that sessions hold: not chosen for another payment
    /// @param payments knows what became of earlier ones
    /// @param random for keys
    public PaymentRequester(
            GroupWallet wallet,
            Bytes self,
            UtxoStore coins,
            Holds holds,
            PaymentProcessor payments,
            PaymentSigner signer,
            RandomGenerator random) {
        this.wallet = wallet;
        this.self = self;
        this.coins = coins;
        this.holds = holds;
        this.payments = payments;
        this.signer = signer;
        this.random = random;
    }

    /// Returns when the group has signed.
    ///
    /// @throws PaymentException if it cannot be built
    /// @throws SigningFailedException if the group does not sign it, or it is not asked because of
    ///   an earlier payment
    public SignedPayment pay(PaymentOrder order) throws PaymentException, SigningFailedException {
        List<TxOut> outputs = List.of(new TxOut(order.amount(), order.to().scriptPubKey()));
        List<TxOut> foreign =
                outputs.stream().filter(output -> !wallet.owns(output.scriptPubKey())).toList();
        Bytes content = PaymentHold.content(foreign);
        Bytes key = order.key().orElseGet(this::randomKey);
        boolean mayRepeat = order.key().isPresent() || order.again() || foreign.isEmpty();
        CompletableFuture<SignedPayment> result = new CompletableFuture<>();
        Optional<Running> before =
                enter(key, new Running(content, /* replaces= */ false, result), mayRepeat);
        if (before.isPresent()) {
            return join(before.get(), key);
        }
        try {
            if (!mayRepeat) {
                requireNoEqual(content);
            }
            SignedPayment signed = pay(order, outputs, key, content);
            result.complete(signed);
            return signed;
        } catch (PaymentException | SigningFailedException | RuntimeException e) {
            result.completeExceptionally(e);
            throw e;
        } finally {
            leave(key);
        }
    }

    /// 16 random bytes, as text that can be typed in again.
    private Bytes randomKey() {
        byte[] key = new byte[16];
        random.nextBytes(key);
        return Bytes.wrap(Bytes.wrap(key).toHex().getBytes(StandardCharsets.US_ASCII));
    }

    /// @return the order with this key that runs already
    private synchronized Optional<Running> enter(Bytes key, Running order, boolean mayRepeat)
            throws SigningFailedException {
        Running same = running.get(key);
        if (same != null) {
            if (same.replaces()) {
                throw alreadyRunning();
            }
            if (!same.content().equals(order.content())) {
                throw otherContent("an order that runs");
            }
            return Optional.of(same);
        }
        if (!mayRepeat
                && running.values().stream().anyMatch(r -> r.content().equals(order.content()))) {
            throw equalPayment("runs now");
        }
        running.put(key, order);
        return Optional.empty();
    }

    private synchronized void leave(Bytes key) {
        running.remove(key);
    }

    private static SignedPayment join(Running order, Bytes key)
            throws PaymentException, SigningFailedException {
        try {
            return order.result().get(SESSION_TIMEOUT.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw unknown("the order that was joined", key, "has not ended");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unknown("the order that was joined", key, NODE_ENDS);
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case PaymentException cause -> throw cause;
                case SigningFailedException cause -> throw cause;
                case null, default ->
                        throw unknown("the order that was joined", key, "ended with a defect");
            }
        }
    }

    /// Whoever's payment it is: two operators may mean the same one.
    private void requireNoEqual(Bytes content) throws SigningFailedException {
        for (TrackedPayment payment : payments.payments()) {
            boolean open =
                    switch (payment.state()) {
                        case PROPOSED, SIGNING, UNKNOWN, SIGNED, SENT, SEEN -> true;
                        case CONFIRMED, CONFLICTED, REPLACED, FAILED, GIVEN_UP -> false;
                    };
            Optional<Origin> origin = payment.origin();
            if (open && origin.isPresent() && origin.get().content().equals(content)) {
                throw equalPayment(
                        "is not confirmed: session "
                                + origin.get().session()
                                + ", transaction "
                                + payment.txid());
            }
        }
        // One that was asked for before a restart is no payment here until it is approved again.
        for (Map.Entry<SessionId, Hold> session : sessionsUnderWay().entrySet()) {
            if (session.getValue().content().equals(content)) {
                throw equalPayment("is being asked for: session " + session.getKey());
            }
        }
    }

    private Map<SessionId, Hold> sessionsUnderWay() throws SigningFailedException {
        try {
            return holds.underWay();
        } catch (InterruptedException e) {
            throw shuttingDown();
        }
    }

    /// The session of this node with this key that has not ended. One from before a restart is no
    /// payment here until it is approved again.
    private Optional<PaymentSigner.Started> sessionOf(Bytes key) throws SigningFailedException {
        try {
            return signer.running(key);
        } catch (IllegalStateException e) {
            throw new SigningFailedException("BUSY", String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            throw shuttingDown();
        }
    }

    private static SigningFailedException shuttingDown() {
        Thread.currentThread().interrupt();
        return new SigningFailedException(
                "SHUTTING_DOWN", "this node ends: nobody was asked to sign");
    }

    private static SigningFailedException equalPayment(String what) {
        return new SigningFailedException(
                "EQUAL_PAYMENT",
                "a payment of the same amount to the same destination "
                        + what
                        + "; to make another one, say so with --again");
    }

    private SignedPayment pay(PaymentOrder order, List<TxOut> outputs, Bytes key, Bytes content)
            throws PaymentException, SigningFailedException {
        // Before the payments: they know of it when it ends meanwhile.
        Optional<PaymentSigner.Started> session = sessionOf(key);
        Optional<SignedPayment> earlier = earlier(versions(key), key, content);
        if (earlier.isPresent()) {
            return earlier.get();
        }
        if (session.isPresent()) {
            return joinUnapproved(session.get(), key, content);
        }
        Set<OutPoint> taken = new HashSet<>();
        Set<SessionId> over = new HashSet<>();
        Optional<SigningFailedException> conflict = Optional.empty();
        for (int choice = 0; choice <= MAX_CHOICES; choice++) {
            Versions versions = versions(key).without(over);
            List<UnsignedPayment> rungs = choose(order, outputs, versions, taken, conflict);
            try {
                return sign(rungs, key, over);
            } catch (SigningFailedException e) {
                if (!e.code().equals(CONFLICTING_SESSION) || !mayChoose(order)) {
                    throw e;
                }
                conflict = Optional.of(e);
            }
            rungs.getFirst().utxos().forEach(coin -> taken.add(coin.outPoint()));
        }
        throw conflict.orElseThrow();
    }

    /// @param taken coins that other sessions got
    /// @param conflict why other coins are needed: if there are none, this is the reason
    private List<UnsignedPayment> choose(
            PaymentOrder order,
            List<TxOut> outputs,
            Versions versions,
            Set<OutPoint> taken,
            Optional<SigningFailedException> conflict)
            throws PaymentException, SigningFailedException {
        Set<OutPoint> ours = versions.coins();
        try {
            return new PaymentBuilder(
                            wallet,
                            coins,
                            coin ->
                                    taken.contains(coin)
                                            || (holds.isHeld(PaymentHold.resource(coin))
                                                    && !ours.contains(coin)),
                            freshChange())
                    .build(outputs, order.rates(), order.coins(), versions.pinned());
        } catch (PaymentException e) {
            if (conflict.isPresent()) {
                throw conflict.get();
            }
            throw e;
        }
    }

    /// Paid by no block, and by no payment that is known: a payment that waits for its block uses
    /// its address, too.
    private Script freshChange() {
        Set<Script> promised = new HashSet<>();
        for (TrackedPayment payment : payments.payments()) {
            payment.origin().stream()
                    .flatMap(origin -> origin.unsigned().outputs().stream())
                    .forEach(output -> promised.add(output.scriptPubKey()));
        }
        return wallet.freshChange(script -> promised.contains(script) || coins.isUsed(script));
    }

    private static boolean mayChoose(PaymentOrder order) {
        return switch (order.coins()) {
            case CoinSelection.Named _ -> false;
            case CoinSelection.Fewest _, CoinSelection.AtLeast _, CoinSelection.All _ -> true;
        };
    }

    private Versions versions(Bytes key) {
        return new Versions(
                payments.payments().stream()
                        .filter(payment -> payment.state() != PaymentState.GIVEN_UP)
                        .filter(payment -> payment.origin().filter(o -> isOwn(o, key)).isPresent())
                        .toList());
    }

    private boolean isOwn(Origin origin, Bytes key) {
        return origin.requester().equals(self) && origin.key().equals(key);
    }

    /// The payment that has this key already, perhaps since before a restart: the answer if it is
    /// signed, also in the end of a session that runs; nothing if the payment should be asked for.
    private Optional<SignedPayment> earlier(Versions versions, Bytes key, Bytes content)
            throws SigningFailedException {
        for (TrackedPayment version : versions.all()) {
            Optional<Origin> origin = version.origin();
            if (origin.isPresent()
                    && !isCancellation(origin.get())
                    && !origin.get().content().equals(content)) {
                throw otherContent("session " + origin.get().session());
            }
        }
        Optional<TrackedPayment> signed = versions.signed();
        if (!content.isEmpty()
                && signed.flatMap(TrackedPayment::origin)
                        .filter(o -> isCancellation(o))
                        .isPresent()) {
            throw cancelled(signed.get().txid());
        }
        if (signed.isPresent()) {
            return signed.flatMap(this::answer);
        }
        Optional<SignedPayment> settled = settled(key, content);
        if (settled.isPresent()) {
            return settled;
        }
        Optional<TrackedPayment> runs = versions.running();
        if (runs.isPresent()) {
            return joinSession(runs.get(), key);
        }
        Optional<TrackedPayment> failed = versions.in(PaymentState.FAILED);
        if (failed.isPresent()) {
            throw new SigningFailedException(
                    "SCRIPT_FAILS", "transaction " + failed.get().txid() + " was refused");
        }
        requireNotVoid(versions, key);
        return Optional.empty();
    }

    /// The payment with this key that is final, as it was when it was settled: the ledger forgets
    /// it with a restart, and when many others are final too; its key is remembered for longer.
    ///
    /// @return nothing if there is none, or nobody said what became of it
    private Optional<SignedPayment> settled(Bytes key, Bytes content)
            throws SigningFailedException {
        for (SettledHold settled : holds.settled(key)) {
            boolean cancels = settled.content().isEmpty();
            if (!cancels && !content.isEmpty() && !settled.content().equals(content)) {
                throw otherContent("session " + settled.session());
            }
            Optional<PaymentOutcome> outcome = PaymentOutcome.decode(settled.outcome());
            if (outcome.filter(PaymentOutcome::made).isPresent()) {
                Txid txid = outcome.get().by();
                if (cancels && !content.isEmpty()) {
                    throw cancelled(txid);
                }
                return Optional.of(
                        new SignedPayment(
                                settled.session(),
                                txid,
                                Optional.empty(),
                                PaymentState.CONFIRMED,
                                key));
            }
        }
        return Optional.empty();
    }

    /// What spends a coin of the settled payment with this key otherwise, if that is why it is
    /// settled.
    private Optional<Txid> settledBy(Bytes key) {
        return holds.settled(key).stream()
                .flatMap(settled -> PaymentOutcome.decode(settled.outcome()).stream())
                .map(PaymentOutcome::by)
                .findFirst();
    }

    /// It pays the group alone.
    private static boolean isCancellation(Origin origin) {
        return origin.content().isEmpty();
    }

    /// Asks the group for a version of a payment that pays more to the miner, and takes the place
    /// of all earlier ones: it spends a coin of each, so that at most one of all is ever mined.
    /// Only the member that asked for the payment can do so, because the payment's key is its own.
    ///
    /// @param key of the payment
    /// @param feeRate as little as replaces the earlier ones if absent
    /// @throws PaymentException if it cannot be built, `FEE_RATE_TOO_LOW` among others
    /// @throws SigningFailedException `ALREADY_CONFIRMED`, `CONFLICTED`, `ALREADY_RUNNING`,
    ///   `NOTHING_TO_REPLACE`, or as [#pay]
    public SignedPayment bump(Bytes key, Optional<FeeRate> feeRate)
            throws PaymentException, SigningFailedException {
        return replace(key, feeRate, /* cancel= */ false);
    }

    /// The same with a transaction that pays the group alone.
    public SignedPayment cancel(Bytes key, Optional<FeeRate> feeRate)
            throws PaymentException, SigningFailedException {
        return replace(key, feeRate, /* cancel= */ true);
    }

    private SignedPayment replace(Bytes key, Optional<FeeRate> feeRate, boolean cancel)
            throws PaymentException, SigningFailedException {
        Running order = new Running(Bytes.EMPTY, /* replaces= */ true, new CompletableFuture<>());
        if (!enter(key, order)) {
            throw alreadyRunning();
        }
        try {
            if (sessionOf(key).isPresent()) {
                throw alreadyBeingSigned();
            }
            Versions versions = versions(key);
            requireNotSettled(key);
            UnsignedPayment payment = replacement(versions, feeRate, cancel);
            PaymentSigner.Started session = start(List.of(payment), key);
            SessionOutcome outcome = await(session, key);
            if (outcome instanceof SessionOutcome.Signed) {
                SignedPayment signed = signed(session, payment, key);
                order.result().complete(signed);
                return signed;
            }
            throw unsigned(session, outcome, key);
        } catch (PaymentException | SigningFailedException | RuntimeException e) {
            order.result().completeExceptionally(e);
            throw e;
        } finally {
            leave(key);
        }
    }

    private UnsignedPayment replacement(
            Versions versions, Optional<FeeRate> feeRate, boolean cancel)
            throws PaymentException, SigningFailedException {
        requireReplaceable(versions);
        List<PaymentBuilder.Replaced> replaced = new ArrayList<>();
        for (TrackedPayment version : versions.all()) {
            Transaction unsigned = version.origin().orElseThrow().unsigned();
            Sat fee =
                    payments.fee(unsigned)
                            .orElseThrow(() ->
                                    new SigningFailedException(
                                            "CHAIN_UNKNOWN",
                                            "this node does not know the payment's coins yet"));
            replaced.add(new PaymentBuilder.Replaced(fee, PaymentBuilder.signedWeight(unsigned)));
        }
        Origin newest = versions.all().getLast().origin().orElseThrow();
        Set<OutPoint> ours = versions.coins();
        List<OutPoint> spent = new ArrayList<>(List.of(versions.pinned().orElseThrow()));
        newest.coins().stream().filter(coin -> !spent.contains(coin)).forEach(spent::add);
        return new PaymentBuilder(
                        wallet,
                        coins,
                        coin -> holds.isHeld(PaymentHold.resource(coin)) && !ours.contains(coin),
                        freshChange())
                .replace(cancel ? List.of() : foreign(versions), spent, replaced, feeRate);
    }

    private List<TxOut> foreign(Versions versions) throws SigningFailedException {
        return versions.all().stream()
                .flatMap(version -> version.origin().stream())
                .filter(origin -> !isCancellation(origin))
                .findFirst()
                .map(origin -> payments.foreign(origin.unsigned()))
                .orElseThrow(() ->
                        new SigningFailedException(
                                "NOTHING_TO_REPLACE", "it pays nobody but the group"));
    }

    private void requireNotSettled(Bytes key) throws SigningFailedException {
        for (SettledHold settled : holds.settled(key)) {
            Optional<PaymentOutcome> outcome = PaymentOutcome.decode(settled.outcome());
            if (outcome.filter(PaymentOutcome::made).isPresent()) {
                throw alreadyConfirmed(outcome.get().by());
            }
        }
    }

    private static SigningFailedException alreadyConfirmed(Txid txid) {
        return new SigningFailedException(
                "ALREADY_CONFIRMED", "transaction " + txid + " is in a block already");
    }

    private static void requireReplaceable(Versions versions) throws SigningFailedException {
        Optional<TrackedPayment> confirmed = versions.in(PaymentState.CONFIRMED);
        if (confirmed.isPresent()) {
            throw alreadyConfirmed(confirmed.get().txid());
        }
        Optional<TrackedPayment> running = versions.running();
        if (running.isPresent()) {
            throw alreadyBeingSigned();
        }
        if (versions.all().stream().anyMatch(PaymentRequester::isVoid)) {
            throw new SigningFailedException(
                    "CONFLICTED", "a block spends a coin of this payment otherwise");
        }
        if (versions.all().isEmpty()) {
            throw new SigningFailedException(
                    "NOTHING_TO_REPLACE",
                    "no version of it can be signed any more: ask for it again with its key");
        }
    }

    private static SigningFailedException alreadyBeingSigned() {
        return new SigningFailedException(
                "ALREADY_RUNNING", "this payment is being signed: wait for its end");
    }

    /// False if an order with this key runs already.
    private synchronized boolean enter(Bytes key, Running order) {
        return running.putIfAbsent(key, order) == null;
    }

    private static SignedPayment signed(
            PaymentSigner.Started session, UnsignedPayment payment, Bytes key) {
        return new SignedPayment(
                session.session(),
                payment.transaction().txid(),
                Optional.of(payment.fee()),
                PaymentState.SIGNED,
                key);
    }

    /// A payment is void only where each of its versions is, and for good: otherwise another
    /// payment in its place might be the second one.
    private void requireNotVoid(Versions versions, Bytes key) throws SigningFailedException {
        if (versions.all().isEmpty()) {
            Optional<Txid> by = settledBy(key);
            if (by.isPresent()) {
                throw conflicted(by.get().toString());
            }
            return;
        }
        if (versions.all().stream().anyMatch(version -> !isVoid(version))) {
            return;
        }
        TrackedPayment first = versions.all().getFirst();
        String by = first.conflict().map(Object::toString).orElse("?");
        int depth =
                versions.all().stream()
                        .mapToInt(version -> version.depth(coins.tipHeight()))
                        .min()
                        .orElse(0);
        if (depth < PaymentProcessor.FINAL_DEPTH) {
            throw unknown(
                    "a coin of this payment",
                    key,
                    "was spent by transaction " + by + ", only " + depth + " block(s) deep");
        }
        throw conflicted(by);
    }

    private static SigningFailedException conflicted(String by) {
        return new SigningFailedException(
                "CONFLICTED",
                "a coin of this payment was spent by transaction "
                        + by
                        + ": it will never be made; to pay, use another key");
    }

    private static SigningFailedException cancelled(Txid by) {
        return new SigningFailedException(
                "CANCELLED",
                "this payment was cancelled by transaction "
                        + by
                        + "; to make it all the same, bump it, or use another key");
    }

    private static boolean isVoid(TrackedPayment version) {
        return version.state() == PaymentState.CONFLICTED
                || version.state() == PaymentState.REPLACED;
    }

    private Optional<SignedPayment> joinSession(TrackedPayment runs, Bytes key)
            throws SigningFailedException {
        Origin origin = runs.origin().orElseThrow();
        Optional<TrackedPayment> end;
        try {
            end = payments.awaitEnd(origin.session(), SESSION_TIMEOUT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unknown("session " + origin.session(), key, NODE_ENDS);
        }
        Optional<TrackedPayment> signed = versions(key).signed();
        if (signed.isPresent()) {
            return signed.flatMap(this::answer);
        }
        if (end.isPresent() && end.get().state() != PaymentState.GIVEN_UP) {
            throw unknown("session " + origin.session(), key, "has ended or is still running");
        }
        throw new SigningFailedException(
                "GIVEN_UP", "session " + origin.session() + " ended without signatures");
    }

    /// Joins a session that goes on after a restart, and of which the payments have not heard: it
    /// is not approved yet.
    private SignedPayment joinUnapproved(PaymentSigner.Started session, Bytes key, Bytes content)
            throws SigningFailedException {
        Hold hold = sessionsUnderWay().getOrDefault(session.session(), Hold.NONE);
        if (!hold.content().isEmpty() && !hold.content().equals(content)) {
            throw otherContent("session " + session.session());
        }
        SessionOutcome outcome = await(session, key);
        Optional<SignedPayment> signed = earlier(versions(key), key, content);
        if (signed.isPresent()) {
            return signed.get();
        }
        throw unsigned(session, outcome, key);
    }

    private Optional<SignedPayment> answer(TrackedPayment payment) {
        return payment.origin()
                .map(origin ->
                        new SignedPayment(
                                origin.session(),
                                payment.txid(),
                                payments.fee(origin.unsigned()),
                                payment.state(),
                                origin.key()));
    }

    /// @param over gets the session, if it ended and can no longer be signed; the payments may hear
    ///   of it only later
    private SignedPayment sign(List<UnsignedPayment> rungs, Bytes key, Set<SessionId> over)
            throws SigningFailedException {
        PaymentSigner.Started session = start(rungs, key);
        SessionOutcome outcome = await(session, key);
        if (outcome instanceof SessionOutcome.Signed) {
            return signed(session, rungs.getFirst(), key);
        }
        // An earlier version, or this one, which the others may have completed.
        Optional<SignedPayment> other = versions(key).signed().flatMap(this::answer);
        if (other.isPresent()) {
            return other.get();
        }
        if (!outcome.partialsLeft()) {
            over.add(session.session());
        }
        throw unsigned(session, outcome, key);
    }

    private static SigningFailedException unsigned(
            PaymentSigner.Started session, SessionOutcome outcome, Bytes key) {
        if (goesOn(outcome)) {
            return unknown("session " + session.session(), key, NODE_ENDS);
        }
        return outcome.partialsLeft()
                ? unknown("session " + session.session(), key, "is over: " + reason(outcome))
                : new SigningFailedException(code(outcome), reason(outcome));
    }

    /// Whether this node only stopped, or left the group: the session is there again after that,
    /// and may be signed.
    private static boolean goesOn(SessionOutcome outcome) {
        return outcome instanceof SessionOutcome.Aborted
                && (code(outcome).equals(AbortCode.SHUTTING_DOWN.name())
                        || code(outcome).equals(AbortCode.GROUP_DROPPED.name()));
    }

    private PaymentSigner.Started start(List<UnsignedPayment> rungs, Bytes key)
            throws SigningFailedException {
        try {
            return signer.start(PaymentApproval.draft(rungs, key, LIFETIME));
        } catch (IllegalStateException e) {
            throw new SigningFailedException("BUSY", String.valueOf(e.getMessage()));
        }
    }

    /// From here on the session is known to others: whatever ends the wait, they may sign.
    private static SessionOutcome await(PaymentSigner.Started session, Bytes key)
            throws SigningFailedException {
        try {
            return session.await(SESSION_TIMEOUT);
        } catch (TimeoutException e) {
            throw unknown(
                    "session " + session.session(),
                    key,
                    "has not ended within " + SESSION_TIMEOUT.toMinutes() + " min");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unknown("session " + session.session(), key, NODE_ENDS);
        }
    }

    private static SigningFailedException unknown(String what, Bytes key, String why) {
        return new SigningFailedException(
                UNKNOWN_OUTCOME,
                "%s %s; the payment may still be signed: do not repeat it without --key %s"
                        .formatted(
                                what, why, new String(key.toArray(), StandardCharsets.US_ASCII)));
    }

    private static SigningFailedException alreadyRunning() {
        return new SigningFailedException(
                "ALREADY_RUNNING", "this payment is being asked for now: wait for its end");
    }

    private static SigningFailedException otherContent(String holder) {
        return new SigningFailedException(
                "KEY_IN_USE",
                "this key belongs to another payment: "
                        + holder
                        + " has another amount or destination");
    }

    private static String code(SessionOutcome outcome) {
        return switch (outcome) {
            case SessionOutcome.Signed _ -> "";
            case SessionOutcome.Refused refused -> refused.code();
            case SessionOutcome.Aborted aborted -> aborted.code();
        };
    }

    private static String reason(SessionOutcome outcome) {
        return switch (outcome) {
            case SessionOutcome.Signed _ -> "";
            case SessionOutcome.Refused refused -> refused.by() + " refuses: " + refused.reason();
            case SessionOutcome.Aborted aborted ->
                    aborted.by()
                            + " gave up: "
                            + aborted.reason()
                            + (aborted.culprits().isEmpty()
                                    ? ""
                                    : ", because of " + aborted.culprits())
                            + (aborted.observed().isEmpty()
                                    ? ""
                                    : ", waited for " + aborted.observed())
                            + (aborted.claimed().isEmpty()
                                    ? ""
                                    : ", and blames, unproven, " + aborted.claimed())
                            + aborted.evidence().map(file -> ", see " + file).orElse("");
        };
    }
}
