package org.tutti.signing.internal.engine;

import org.tutti.base.Bytes;
import org.tutti.musig.musig.InvalidTweakException;
import org.tutti.musig.musig.KeyAggContext;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.signing.blame.Evidence;
import org.tutti.signing.blame.Verdict;
import org.tutti.signing.internal.wire.Contribution;
import org.tutti.signing.internal.wire.Inbound;
import org.tutti.signing.internal.wire.Inbound.Statement;
import org.tutti.signing.journal.JournalHead;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.request.MessageToSign;
import org.tutti.signing.request.RequestGroup;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.session.SessionOutcome;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What must hold in every simulated world, seen from outside: on the wire, in the files, and in
/// what the nodes report.
final class WorldChecks {
    /// What an honest signer never gives cause for, whether or not a third party would see it.
    private static final Set<String> PROVABLE =
            Set.of("EQUIVOCATION", "BAD_PARTIAL", "BAD_CONTRIBUTION", "BAD_VIEW");

    private final WorldGroup group;
    private final World world;
    private final Map<Slot, Bytes> signedOnce = new HashMap<>();
    private final Map<Attempt, BitSet> readies = new HashMap<>();
    private final Map<PartialSet, BitSet> partials = new HashMap<>();
    private final Map<Bytes, Integer> firstSent = new HashMap<>();
    private final Map<SessionId, List<SchnorrSignature>> verified = new HashMap<>();
    private final Set<Bytes> convicting = new HashSet<>();
    private final KeyContexts keys;

    /// Sessions of which a full set of signatures is known to somebody.
    final Set<SessionId> complete = new HashSet<>();

    WorldChecks(WorldGroup group) {
        this.group = group;
        this.world = group.world;
        this.keys = new KeyContexts(group.signers);
    }

    private static AssertionError wrong(String what) {
        return new AssertionError(what);
    }

    private record Attempt(SessionId session, int attempt) {
        static Attempt of(Contribution c) {
            return new Attempt(c.session(), c.attempt());
        }
    }

    /// @param boot empty for all processes
    private record Slot(int signer, Attempt attempt, Contribution.Phase phase, Bytes boot) {}

    /// Partial signatures that make signatures together.
    private record PartialSet(Attempt attempt, Bytes nonceSetHash) {}

    // --- on the wire

    /// What a dishonest member's message says, whatever is in it.
    void ofByzantine(Statement statement) {
        Contribution c = statement.contribution();
        if (c.body() instanceof Contribution.Ready) {
            bits(readies, Attempt.of(c)).set(statement.author().index());
        }
    }

    /// The partial signatures that a dishonest member has made, and may send or not.
    void madeByByzantine(Statement statement) {
        if (statement.contribution().body() instanceof Contribution.Partials body) {
            partialsExist(statement, body);
        }
    }

    /// A message of an honest node leaves, for the first time.
    void ofHonest(WorldNode node, Statement statement) {
        Contribution c = statement.contribution();
        if (!statement.author().equals(node.member)
                || firstSent.putIfAbsent(statement.envelope(), node.index()) != null) {
            return;
        }
        if (c.body() instanceof Contribution.OncePerAttempt once) {
            requireOncePerSlot(node, statement, once);
        }
        switch (c.body()) {
            case Contribution.Ready ready -> {
                if (node.machine.isCopy()) {
                    world.counts.count("copies are ready");
                }
                requireDurable(node, ready.head());
                SigningRequest request = group.request(c.session());
                if (request == null || !request.group().equals(RequestGroup.of(group.signers))) {
                    throw wrong(node + " is ready for a request of another group");
                }
                bits(readies, Attempt.of(c)).set(node.index());
            }
            case Contribution.Nonces nonces -> {
                requireDurable(node, nonces.head());
                if (bits(readies, Attempt.of(c)).cardinality() < group.size()) {
                    throw wrong(node + " made nonces before all were ready");
                }
            }
            case Contribution.Partials body -> ofHonest(node, statement, body);
            case Contribution.Refuse _,
                    Contribution.Abort _,
                    Contribution.NonceSet _,
                    Contribution.Final _,
                    Contribution.RetransmissionRequest _ -> {}
        }
    }

    /// SAFETY 8: no process; and SAFETY 2: nor a later one, unless its clock was set, its journal
    /// is not its own, or there are two.
    private void requireOncePerSlot(
            WorldNode node, Statement statement, Contribution.OncePerAttempt body) {
        Contribution c = statement.contribution();
        Attempt attempt = Attempt.of(c);
        requireOnce(node, new Slot(node.index(), attempt, body.phase(), c.boot()), statement);
        if (node.intact() && node.machine.clockUntouched && !node.machine.wasCopied) {
            requireOnce(
                    node, new Slot(node.index(), attempt, body.phase(), Bytes.EMPTY), statement);
        }
    }

    private void requireOnce(WorldNode node, Slot slot, Statement statement) {
        Bytes earlier = signedOnce.putIfAbsent(slot, statement.payload());
        if (earlier != null && !earlier.equals(statement.payload())) {
            throw wrong(node + " signed two different messages for one slot");
        }
    }

    private static void requireDurable(WorldNode node, JournalHead head) {
        if (head.count() > 0 && !node.machine.durable.hasHead(node.group.id(), head)) {
            throw wrong(node + " told a head that a crash can lose, or another group's");
        }
    }

    private void ofHonest(WorldNode node, Statement statement, Contribution.Partials body) {
        SessionId id = statement.contribution().session();
        // SAFETY 3.
        if (!node.machine.durable.hasPartials(group.id(), statement.envelope())) {
            throw wrong(node + " sent partial signatures that are not in its journal");
        }
        SigningRequest request = group.request(id);
        if (request == null) {
            throw wrong(node + " signed what nobody asked for");
        }
        if (!node.stored.contains(statement.envelope())) {
            requireNotExpired(node, request);
        }
        if (!node.approved.contains(id) && !node.signed.containsKey(id)) {
            throw wrong(node + " signed without the approval of this moment");
        }
        WorldChain.Transaction transaction = group.chain.find(request.context());
        if (node.intact()) {
            requireNoConflict(node, id, transaction);
        }
        node.signed.put(id, transaction);
        node.wallet.signs(transaction);
        node.hasSignedSinceCopied |= !node.stored.contains(statement.envelope());
        partialsExist(statement, body);
    }

    /// SAFETY 14: by the policy and the chain of this moment.
    void requirePermitted(WorldNode node, SigningRequest request) {
        WorldChain.Transaction transaction = group.chain.find(request.context());
        if (transaction.amount() > node.wallet.limit()
                || transaction.coins().stream().anyMatch(group.chain::isSpent)) {
            throw wrong(node + " approved what its policy or the chain forbids");
        }
    }

    /// SAFETY 30: by either clock, counted from when this process first heard of it.
    private static void requireNotExpired(WorldNode node, SigningRequest request) {
        EngineTime now = node.time();
        EngineTime first = node.seen.getOrDefault(request.sessionId(), now);
        Duration left = Duration.between(first.wall(), request.expires());
        Instant deadline = World.START.plus(first.boot()).plus(left);
        if (!now.wall().isBefore(request.expires())
                || !World.START.plus(now.boot()).isBefore(deadline)) {
            throw wrong(
                    node
                            + " signed after the request had expired: heard of it at "
                            + first
                            + ", now "
                            + now
                            + ", expires "
                            + request.expires());
        }
    }

    /// SAFETY 25 to 27.
    private static void requireNoConflict(
            WorldNode node, SessionId id, WorldChain.Transaction transaction) {
        Set<Bytes> common = new HashSet<>(transaction.coins());
        boolean versions = false;
        for (Map.Entry<SessionId, WorldChain.Transaction> other : node.signed.entrySet()) {
            WorldChain.Transaction earlier = other.getValue();
            if (other.getKey().equals(id)) {
                continue;
            }
            if (earlier.operation().equals(transaction.operation())
                    && node.group.isKeyed(transaction)) {
                if (!earlier.content().equals(transaction.content())) {
                    throw wrong(node + " signed two contents under one idempotency key");
                }
                versions = true;
                common.retainAll(earlier.coins());
            } else if (earlier.conflictsWith(transaction)
                    && !node.conflictAllowed.contains(other.getKey())) {
                throw wrong(node + " signed two operations that use the same");
            }
        }
        if (versions && common.isEmpty()) {
            throw wrong(node + " signed two versions that can both happen");
        }
        if (!node.signed.containsKey(id)
                && node.group.isKeyed(transaction)
                && node.settled.values().stream()
                        .anyMatch(done -> done.operation().equals(transaction.operation()))) {
            throw wrong(node + " signed an operation again that was settled");
        }
    }

    private void partialsExist(Statement statement, Contribution.Partials body) {
        Attempt attempt = Attempt.of(statement.contribution());
        BitSet made = bits(partials, new PartialSet(attempt, body.nonceSetHash()));
        made.set(statement.author().index());
        if (made.cardinality() == group.size()) {
            complete.add(statement.contribution().session());
        }
    }

    private static <K> BitSet bits(Map<K, BitSet> map, K key) {
        return map.computeIfAbsent(key, _ -> new BitSet());
    }

    // --- groups

    /// A message of another group does nothing, nor does it disturb the engine.
    static void requireIgnored(
            WorldNode node, Inbound message, EngineInput input, EngineTime time) {
        List<EngineOutput> outputs;
        try {
            outputs = node.engine().handle(input, time);
        } catch (RuntimeException e) {
            throw new AssertionError(node + " is disturbed by another group's " + message, e);
        }
        if (!outputs.isEmpty()) {
            throw wrong(node + " answers another group's " + message + ": " + outputs);
        }
    }

    // --- ends

    void ended(WorldNode node, SessionOutcome outcome) {
        switch (outcome) {
            case SessionOutcome.Signed signed -> {
                requireValid(node, signed);
                complete.add(signed.sessionId());
            }
            case SessionOutcome.Refused _ -> {}
            case SessionOutcome.Aborted aborted -> {
                if (aborted.code().equals("INTERNAL") && aborted.by().equals(node.member)) {
                    throw wrong(node + " ended with an internal error: " + aborted.reason());
                }
                boolean honestBlamed =
                        aborted.culprits().stream().anyMatch(m -> group.node(m.index()).honest());
                if (honestBlamed) {
                    throw wrong(node + " blames an honest signer: " + aborted);
                }
                if (aborted.by().equals(node.member)
                        && PROVABLE.contains(aborted.code())
                        && aborted.observed().stream()
                                .anyMatch(m -> group.node(m.index()).honest())) {
                    throw wrong(node + " finds an honest signer at fault: " + aborted);
                }
                if (!aborted.culprits().isEmpty()) {
                    world.counts.count("ends with a culprit");
                }
                requireSomebodyNamed(node, aborted);
            }
        }
    }

    /// A session that ends because messages are missing says whose.
    private static void requireSomebodyNamed(WorldNode node, SessionOutcome.Aborted aborted) {
        Set<String> naming = Set.of("NO_ANSWER", "EXPIRED", "ATTEMPTS_EXHAUSTED");
        boolean ownEnd =
                aborted.reason().contains("before the restart")
                        || aborted.reason().contains("restarted too often")
                        || aborted.reason().contains("did not become free");
        if (naming.contains(aborted.code())
                && aborted.by().equals(node.member)
                && !ownEnd
                && Named.by(aborted).isEmpty()) {
            throw wrong(node + " names nobody: " + aborted);
        }
    }

    private void requireValid(WorldNode node, SessionOutcome.Signed signed) {
        if (signed.signatures().equals(verified.get(signed.sessionId()))) {
            return;
        }
        SigningRequest request = group.request(signed.sessionId());
        if (request == null
                || !MusigRounds.verifyFinal(request, keysOf(request), signed.signatures())) {
            throw wrong(node + " reports signatures that are not valid");
        }
        verified.put(signed.sessionId(), signed.signatures());
    }

    private List<KeyAggContext> keysOf(SigningRequest request) {
        List<KeyAggContext> contexts = new ArrayList<>();
        try {
            for (MessageToSign message : request.messages()) {
                contexts.add(keys.of(message));
            }
        } catch (InvalidTweakException e) {
            throw new IllegalStateException(e);
        }
        return contexts;
    }

    // --- evidence

    /// Every file convicts a dishonest signer. Equal ones of several nodes are looked at once.
    void requireConvicts(Bytes file) {
        world.counts.count("evidence files");
        if (!convicting.add(file)) {
            return;
        }
        if (!(Evidence.verify(file) instanceof Verdict.Guilty guilty)) {
            throw wrong("an evidence file that does not convict: " + Evidence.verify(file));
        }
        if (group.node(guilty.signer()).honest()) {
            throw wrong("an honest signer is convicted: " + guilty);
        }
    }

    static void requireAcquits(WorldNode victim, Evidence evidence) {
        if (Evidence.verify(evidence.encode()) instanceof Verdict.Guilty guilty) {
            throw wrong(victim + " is framed: " + guilty);
        }
    }

    // --- holds and memory

    /// SAFETY 25: what left is held until it was settled, or the operator allows a conflict.
    static void requireHeld(WorldNode node) {
        if (!node.alive()) {
            return;
        }
        node.signed.forEach((id, transaction) -> {
            for (Bytes coin : transaction.coins()) {
                if (!node.conflictAllowed.contains(id) && !node.engine().isHeld(coin)) {
                    throw wrong(node + " released what session " + id.brief() + " holds");
                }
            }
        });
    }

    /// SAFETY 25: a block that is not deep enough may leave the chain.
    static void requireFinal(WorldNode node, WorldChain.Transaction transaction) {
        if (node.honest() && !node.group.chain.isSettled(transaction)) {
            throw wrong(node + " settled what may still leave the chain");
        }
    }

    /// SAFETY 29: the owner of a hold may have missed the signatures.
    static void requireToldAgain(
            WorldNode node, List<JournalRecord> records, List<EngineOutput> outputs) {
        Set<SessionId> finals = new HashSet<>();
        Set<SessionId> signs = new HashSet<>();
        Set<SessionId> settled = new HashSet<>();
        for (JournalRecord record : records) {
            switch (record) {
                case JournalRecord.Final fin -> finals.add(fin.session());
                case JournalRecord.Sign sign -> signs.add(sign.session());
                case JournalRecord.Settled over -> settled.add(over.session());
                case JournalRecord.Ready ready -> {
                    if (ready.hold().isNone()) {
                        settled.add(ready.session()); // So says a snapshot.
                    }
                }
                case JournalRecord.Ended _,
                        JournalRecord.ConflictAllowed _,
                        JournalRecord.Started _,
                        JournalRecord.Agreed _,
                        JournalRecord.OfRecovery _,
                        JournalRecord.Refused _,
                        JournalRecord.OfSnapshot _ -> {}
            }
        }
        finals.retainAll(signs);
        finals.removeAll(settled);
        for (EngineOutput output : outputs) {
            if (output instanceof EngineOutput.HoldChanged changed
                    && changed.change() == EngineOutput.HoldChanged.Change.SIGNED) {
                finals.remove(changed.request().sessionId());
            }
        }
        if (node.byzantine || finals.isEmpty()) {
            return;
        }
        throw wrong(node + " did not tell the signatures again");
    }

    static void requireWiped(WorldNode node) {
        if (node.honest() && node.world.watch.unwiped(node) > 0) {
            throw wrong(node + " stopped with a secret nonce in memory");
        }
    }
}
