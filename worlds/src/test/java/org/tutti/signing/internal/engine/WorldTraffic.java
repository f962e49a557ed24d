package org.tutti.signing.internal.engine;

import org.tutti.base.Bytes;
import org.tutti.signing.internal.wire.RequestCodec;
import org.tutti.signing.request.MessageToSign;
import org.tutti.signing.request.RequestGroup;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.request.SigningRequestDraft;
import org.tutti.signing.session.SessionOutcome;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The operations of a world, and the requests for them: each is asked for until it is done, with
/// the same coins or others, with its idempotency key or without one.
final class WorldTraffic {
    private static final int SPARE_COINS = 24;
    private static final int MAX_ROUNDS = 16;

    /// From which round on those that want the same coins no longer ask at the same time: which of
    /// them is first is left to chance otherwise, and it may be one that cannot have them.
    private static final int IN_TURN = 8;

    private final WorldGroup group;
    private final World world;
    private final List<Bytes> coins = new ArrayList<>();
    private final List<Operation> operations = new ArrayList<>();
    private final Map<SessionId, Operation> bySession = new HashMap<>();
    private final int planned;
    private int asked;

    /// What a requester wants to happen once; its key is empty if it has none.
    private final class Operation {
        final int member;
        final Bytes key;
        final Bytes id;
        final Bytes content;
        final int amount;
        final List<Set<Bytes>> tries = new ArrayList<>();
        Set<Bytes> spare = Set.of();
        final Set<SessionId> running = new HashSet<>();
        boolean done;

        /// Partial signatures of its requester have left.
        boolean unknown;

        Operation(WorldNode requester, Bytes key, Bytes id, Bytes content, int amount) {
            this.member = requester.index();
            this.key = key;
            this.id = id;
            this.content = content;
            this.amount = amount;
        }

        WorldNode requester() {
            return group.node(member);
        }

        /// Without a key only if its requester knows that it did not sign.
        boolean mayHaveOtherCoins() {
            return !key.isEmpty() || !mayBeSigned();
        }

        /// After a restart its requester does not know which of its sessions goes on.
        boolean mayBeSigned() {
            return done
                    || unknown
                    || !running.isEmpty()
                    || !requester().intact()
                    || requester().machine.wasCopied
                    || requester().starts > 1;
        }
    }

    WorldTraffic(WorldGroup group) {
        this.group = group;
        this.world = group.world;
        int size = group.size();
        int most = (size <= 4 ? 3 + world.random.nextInt(4) : size <= 8 ? 2 : 1) * 5 / 2 + 2;
        this.planned = world.hasTwoGroups ? most / 2 : most;
        int shared = 2 + world.random.nextInt(3);
        coins.addAll(group.chain.coins(shared + SPARE_COINS));
    }

    static SigningRequest request(
            WorldGroup group,
            WorldNode requester,
            RequestGroup named,
            Instant created,
            Duration lifetime,
            List<MessageToSign> messages,
            Bytes context,
            Bytes key) {
        return RequestCodec.create(
                named,
                requester.member.peerId(),
                group.world.random32(),
                created,
                new SigningRequestDraft(messages, "payment", context, key, lifetime));
    }

    boolean hasMore() {
        return asked < planned;
    }

    // --- in chaos

    /// A new operation, or an old one again, by whomever.
    void ask() {
        asked++;
        WorldNode requester = world.any(group.nodes);
        if (!requester.alive()) {
            return;
        }
        List<Operation> again =
                operations.stream()
                        .filter(o -> o.requester().alive() && (!o.done || world.chance(30)))
                        .toList();
        if (!again.isEmpty() && world.chance(45)) {
            Operation operation = world.any(again);
            if (world.chance(50) && operation.mayHaveOtherCoins()) {
                ask(operation, someCoins());
            } else {
                // Without a key nobody can tell its versions from other operations: its requester
                // keeps to the last coins.
                ask(
                        operation,
                        operation.key.isEmpty()
                                ? operation.tries.getLast()
                                : world.any(operation.tries));
            }
            return;
        }
        Operation operation = newOperation(requester);
        operations.add(operation);
        if (requester.byzantine && world.chance(15)) {
            askOfAnotherGroup(requester);
        }
        ask(operation, someCoins());
        if (world.chance(60) && asked < planned + 2) {
            // At the same time, of another, for the same coins.
            WorldNode other = world.any(group.nodes);
            if (other.alive()) {
                Operation crossing = newOperation(other);
                operations.add(crossing);
                ask(crossing, operation.tries.getFirst());
            }
        }
    }

    /// A new operation, of a copy.
    void askOf(WorldNode copy) {
        Operation operation = newOperation(copy);
        operations.add(operation);
        ask(copy, operation, someCoins());
    }

    private Operation newOperation(WorldNode requester) {
        Bytes key = world.chance(65) ? world.random32() : Bytes.EMPTY;
        Bytes content = world.random32();
        if (requester.byzantine && world.chance(25)) {
            // A dishonest one uses one key for two.
            for (Operation other : operations) {
                if (other.requester().equals(requester)) {
                    key = other.key;
                }
            }
        }
        if (!key.isEmpty() && world.hasTwoGroups && world.chance(50)) {
            key = keyInOtherGroup(requester).orElse(key);
        }
        Bytes index = Bytes.wrap(new byte[] {(byte) requester.index()});
        Bytes id =
                key.isEmpty()
                        ? World.hash("operation", index, content)
                        : World.hash("keyed", index, key);
        if (!key.isEmpty()) {
            group.keyed(id);
        }
        return new Operation(requester, key, id, content, 1 + world.random.nextInt(100));
    }

    /// One that the same machine has used there: it binds nobody here.
    private Optional<Bytes> keyInOtherGroup(WorldNode requester) {
        return requester.machine.nodes.stream()
                .filter(node -> !node.equals(requester))
                .flatMap(node -> node.group.traffic.operations.stream())
                .filter(other ->
                        other.requester().machine.equals(requester.machine)
                                && !other.key.isEmpty()
                                && operations.stream().noneMatch(own -> own.key.equals(other.key)))
                .map(other -> other.key)
                .findFirst();
    }

    private Set<Bytes> someCoins() {
        Set<Bytes> some = new LinkedHashSet<>();
        some.add(coins.get(world.random.nextInt(coins.size() - SPARE_COINS)));
        if (world.chance(30)) {
            some.add(coins.get(world.random.nextInt(coins.size() - SPARE_COINS)));
        }
        return some;
    }

    private void ask(Operation operation, Set<Bytes> with) {
        ask(operation.requester(), operation, with);
    }

    private void ask(WorldNode requester, Operation operation, Set<Bytes> with) {
        if (!requester.alive()) {
            return;
        }
        WorldChain.Transaction transaction = transaction(operation, with);
        if (!operation.tries.contains(with) && !with.equals(operation.spare)) {
            operation.tries.add(with);
        }
        group.chain.know(transaction);
        SigningRequest request =
                request(
                        group,
                        requester,
                        RequestGroup.of(group.signers),
                        requester.time().wall(),
                        Duration.ofSeconds(60 + world.random.nextInt(1_500)),
                        transaction.messages(),
                        transaction.id(),
                        operation.key);
        group.know(request);
        group.adversary.hearRequest(
                request.sessionId(), requester.envelopeSigner().sign(request).envelope());
        operation.running.add(request.sessionId());
        bySession.put(request.sessionId(), operation);
        requester.handle(new EngineInput.LocalRequest(request));
        world.counts.count("requests");
    }

    /// Equal for equal coins, unless the fee is raised.
    private WorldChain.Transaction transaction(Operation operation, Set<Bytes> with) {
        boolean keyless = operation.key.isEmpty();
        return group.chain.transaction(
                new WorldChain.Operation(
                        operation.id,
                        operation.content,
                        operation.amount,
                        // A dishonest requester may pay twice if it gives no key: each is one.
                        !(keyless && group.node(operation.member).byzantine)),
                with,
                keyless ? 0 : world.random.nextInt(2));
    }

    private void askOfAnotherGroup(WorldNode requester) {
        RequestGroup own = RequestGroup.of(group.signers);
        Bytes network = world.chance(50) ? world.random32() : own.network();
        RequestGroup other = new RequestGroup(network, own.id(), own.epoch() + 1, own.keys());
        Set<Bytes> with = someCoins();
        Operation operation = newOperation(requester);
        WorldChain.Transaction transaction = transaction(operation, with);
        group.chain.know(transaction);
        SigningRequest request =
                request(
                        group,
                        requester,
                        other,
                        requester.time().wall(),
                        Duration.ofMinutes(5),
                        transaction.messages(),
                        transaction.id(),
                        Bytes.EMPTY);
        group.know(request);
        Bytes envelope = requester.envelopeSigner().sign(request).envelope();
        for (WorldNode node : group.nodes) {
            group.enqueue(requester, node, envelope);
        }
    }

    // --- ends

    void ended(WorldNode node, SessionOutcome outcome) {
        Operation operation = bySession.get(outcome.sessionId());
        if (operation == null || operation.member != node.index()) {
            return;
        }
        if (node.machine.isCopy()) {
            operation.unknown |= outcome.partialsLeft();
            return;
        }
        if (outcome instanceof SessionOutcome.Signed) {
            operation.done = true;
        } else {
            operation.unknown |= outcome.partialsLeft();
        }
        operation.running.remove(outcome.sessionId());
    }

    // --- in calm

    /// Every operation of an honest requester is asked for until it is done; then all is settled,
    /// and nothing can be had twice.
    void finishAll() {
        boolean mustEnd = group.mustEnd();
        int rounds = mustEnd ? MAX_ROUNDS : 1;
        if (mustEnd) {
            // A requester whose process died before anything was written holds nothing for it.
            operations.forEach(operation ->
                    operation.running.removeIf(
                            id -> !operation.requester().signed.containsKey(id)));
        }
        settle();
        for (int round = 0; round < rounds && !pending().isEmpty(); round++) {
            world.counts.count("rounds");
            boolean inTurn = round >= IN_TURN;
            for (Operation operation : pending()) {
                ask(operation, again(operation, round));
                if (inTurn) {
                    world.untilOver();
                }
            }
            world.untilOver();
            if (round >= 3) {
                world.advance(Duration.ofMinutes(61));
            }
            if (world.chance(15)) {
                if (world.chance(50)) {
                    world.advance(Duration.ofHours(1));
                }
                world.restartAll();
                askForDoneWithOtherCoins();
                world.untilOver();
            }
            settle();
            if (round >= 3) {
                operatorsAllowConflicts();
            }
        }
        if (mustEnd && !pending().isEmpty()) {
            throw new AssertionError(
                    "never signed, though all are honest and in time: " + describe(pending()));
        }
        if (group.size() <= 8) {
            if (world.chance(40)) {
                world.restartAll();
            }
            askForDoneWithOtherCoins();
            world.untilOver();
            settle();
        }
    }

    /// SAFETY 26: a coin is held for ever where one signer's partial signatures left, but not its
    /// requester's, who paid with other coins then. Only an operator can say that another payment
    /// may take it; each knows what was paid, and does so when others wait for it.
    private void operatorsAllowConflicts() {
        if (pending().isEmpty()) {
            return;
        }
        for (WorldNode node : group.honest()) {
            for (SessionId id : List.copyOf(node.signed.keySet())) {
                Operation operation = bySession.get(id);
                if (operation != null && operation.done && node.conflictAllowed.add(id)) {
                    node.handle(new EngineInput.AllowConflict(id));
                    world.counts.count("conflicts allowed because others wait");
                }
            }
        }
    }

    private String describe(List<Operation> pending) {
        StringBuilder text = new StringBuilder();
        for (Operation operation : pending) {
            text.append(operation.requester()).append(" with ").append(operation.tries.size());
            bySession.forEach((id, of) -> {
                if (of.equals(operation)) {
                    text.append("\n  ").append(operation.requester().outcomes.get(id));
                }
            });
        }
        return text.toString();
    }

    private List<Operation> pending() {
        return operations.stream()
                .filter(o -> o.requester().honest() && !o.done && !isImpossible(o))
                .toList();
    }

    /// One without a key can become impossible: its requester makes another then. One with a key
    /// can, where operators let another take its coins: that one is final, and the key is not free
    /// for a month.
    private boolean isImpossible(Operation operation) {
        if (!operation.key.isEmpty()) {
            return group.honest().stream()
                    .flatMap(node -> node.settled.keySet().stream())
                    .anyMatch(id -> operation.equals(bySession.get(id)));
        }
        return operation.mayBeSigned()
                && operation.tries.stream()
                        .allMatch(with -> with.stream().anyMatch(group.chain::isSpent));
    }

    /// With a key in turn with all coins that were tried before, some of which may be signed
    /// already, and with others. Without one nobody can tell its versions from other operations: as
    /// long as one may be signed, its requester keeps to the last coins that are still there.
    private Set<Bytes> again(Operation operation, int round) {
        List<Set<Bytes>> possible =
                new ArrayList<>(
                        operation.tries.stream()
                                .filter(with -> with.stream().noneMatch(group.chain::isSpent))
                                .toList());
        if (operation.key.isEmpty() && operation.mayBeSigned() && !possible.isEmpty()) {
            return possible.getLast();
        }
        if (operation.mayHaveOtherCoins() || possible.isEmpty()) {
            if (operation.spare.stream().anyMatch(group.chain::isSpent)
                    || operation.spare.isEmpty()) {
                operation.spare = Set.of(spareCoin());
            }
            possible.add(operation.spare);
        }
        return possible.get(round % possible.size());
    }

    private Bytes spareCoin() {
        return world.any(
                group.chain.unspent(coins.subList(coins.size() - SPARE_COINS, coins.size())));
    }

    private void askForDoneWithOtherCoins() {
        List<Operation> done = operations.stream().filter(o -> o.done && !o.key.isEmpty()).toList();
        if (!done.isEmpty()) {
            Operation operation = world.any(done);
            ask(operation, Set.of(spareCoin()));
            world.counts.count("asked again after it was signed");
        }
    }

    /// Who knows signatures puts them on the chain, and six blocks make them final.
    private void settle() {
        group.adversary.completeAll();
        for (Operation operation : operations) {
            operation.done |= group.chain.hasHappened(operation.id);
        }
        group.mine(WorldChain.FINAL + 1);
    }
}
