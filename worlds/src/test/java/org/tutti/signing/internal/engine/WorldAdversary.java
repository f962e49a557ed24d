package org.tutti.signing.internal.engine;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.signing.blame.Evidence;
import org.tutti.signing.internal.wire.Contribution;
import org.tutti.signing.internal.wire.ContributionCodec;
import org.tutti.signing.internal.wire.Inbound;
import org.tutti.signing.internal.wire.Inbound.Statement;
import org.tutti.signing.internal.wire.NonceSetHash;
import org.tutti.signing.journal.TestJournals;
import org.tutti.signing.request.KeyTweak;
import org.tutti.signing.request.MessageToSign;
import org.tutti.signing.request.RequestGroup;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningRequest;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The dishonest members together: they hear all that is said in the group, and each sends what
/// suits them in place of what its engine would.
final class WorldAdversary {
    private static final int MAX_HEARD = 1_500;

    /// What they do in one session, besides cheating at random.
    private enum Plan {
        NOTHING,
        WITHHOLD_PARTIALS,
        LATE_NONCES,
        FALSE_NONCE_SET,
        TWO_NONCES,
        BAD_PARTIALS
    }

    private final WorldGroup group;
    private final World world;
    private final int cheatingPercent;
    private final List<Statement> heard = new ArrayList<>();
    private final Map<SessionId, Bytes> requestEnvelopes = new LinkedHashMap<>();
    private final Map<Slot, Statement[]> nonces = new LinkedHashMap<>();
    private final Map<SessionId, Plan> plans = new HashMap<>();

    WorldAdversary(WorldGroup group) {
        this.group = group;
        this.world = group.world;
        this.cheatingPercent =
                Math.min(30, 3 + world.random.nextInt(40) / Math.max(1, group.size() / 3));
    }

    void hear(Statement statement) {
        if (heard.size() < MAX_HEARD) {
            heard.add(statement);
        }
        if (statement.contribution().body() instanceof Contribution.Nonces) {
            nonces.computeIfAbsent(
                                    slot(statement.contribution()),
                                    _ -> new Statement[group.size()])[statement.author().index()] =
                    statement;
        }
    }

    void hearRequest(SessionId id, Bytes envelope) {
        requestEnvelopes.putIfAbsent(id, envelope);
    }

    @Nullable Bytes requestEnvelope(SessionId id) {
        return requestEnvelopes.get(id);
    }

    private record Slot(SessionId session, int attempt) {}

    private static Slot slot(Contribution c) {
        return new Slot(c.session(), c.attempt());
    }

    private Plan plan(SessionId id) {
        return plans.computeIfAbsent(
                id, _ -> world.chance(55) ? Plan.NOTHING : world.any(List.of(Plan.values())));
    }

    private void hit(WorldFault fault, WorldNode receiver, SessionId id) {
        if (receiver.honest() && receiver.isLive(id)) {
            world.counts.hit(fault);
        }
    }

    // --- in place of what an engine sends

    void send(WorldNode from, WorldNode receiver, Bytes envelope) {
        EngineInput opened = world.messages.openOfEngine(from, envelope);
        if (!(opened instanceof EngineInput.Received(Inbound.Statement statement))
                || !statement.author().equals(from.member)) {
            if (!world.chance(cheatingPercent)) {
                group.enqueue(from, receiver, envelope);
            }
            return;
        }
        checks().ofByzantine(statement);
        checks().madeByByzantine(statement);
        if (receiver.byzantine) {
            group.enqueue(from, receiver, envelope);
            return;
        }
        for (Bytes sent : instead(from, receiver, statement)) {
            if (world.messages.open(sent) instanceof EngineInput.Received(Inbound.Statement other)
                    && other.group().equals(group.signers)) {
                checks().ofByzantine(other);
            }
            group.enqueue(from, receiver, sent);
        }
    }

    private WorldChecks checks() {
        return group.checks;
    }

    private List<Bytes> instead(WorldNode from, WorldNode receiver, Statement s) {
        Contribution c = s.contribution();
        SessionId id = c.session();
        return switch (plan(id)) {
            case WITHHOLD_PARTIALS -> {
                if (c.body() instanceof Contribution.Partials
                        || c.body() instanceof Contribution.Final) {
                    hit(WorldFault.WITHHELD_PARTIAL, receiver, id);
                    yield List.of();
                }
                yield List.of(s.envelope());
            }
            case LATE_NONCES -> {
                if (c.body() instanceof Contribution.Partials partials) {
                    Statement[] known = nonces.get(slot(c));
                    Statement own = known == null ? null : known[from.index()];
                    if (own != null) {
                        hit(WorldFault.EQUIVOCATION, receiver, id);
                        yield List.of(
                                say(from, c, change(own.contribution().body())),
                                say(from, c, badScalars(partials)));
                    }
                }
                yield List.of(s.envelope());
            }
            case FALSE_NONCE_SET -> {
                if (c.body() instanceof Contribution.Partials partials) {
                    hit(WorldFault.FALSE_VIEW, receiver, id);
                    yield forgedSet(from, c, partials);
                }
                yield List.of(s.envelope());
            }
            case TWO_NONCES -> {
                if (c.body() instanceof Contribution.Nonces && receiver.index() % 2 == 0) {
                    hit(WorldFault.FALSE_VIEW, receiver, id);
                    yield List.of(say(from, c, change(c.body())));
                }
                yield List.of(s.envelope());
            }
            case BAD_PARTIALS -> {
                if (c.body() instanceof Contribution.Partials partials) {
                    hit(WorldFault.BAD_PARTIAL, receiver, id);
                    yield List.of(say(from, c, badScalars(partials)));
                }
                yield List.of(s.envelope());
            }
            case NOTHING ->
                    world.chance(cheatingPercent)
                            ? cheat(from, receiver, s)
                            : List.of(s.envelope());
        };
    }

    private List<Bytes> cheat(WorldNode from, WorldNode receiver, Statement s) {
        Contribution c = s.contribution();
        SessionId id = c.session();
        if (world.hasTwoGroups && world.chance(25)) {
            return mixUp(from, receiver, s);
        }
        return switch (world.random.nextInt(10)) {
            case 0 -> {
                hit(WorldFault.SILENCE, receiver, id);
                yield List.of();
            }
            case 1 -> {
                hit(WorldFault.EQUIVOCATION, receiver, id);
                yield List.of(say(from, c, change(c.body())));
            }
            case 2 -> {
                hit(WorldFault.EQUIVOCATION, receiver, id);
                yield List.of(s.envelope(), say(from, c, change(c.body())));
            }
            case 3, 4 -> {
                Statement old = world.chance(50) ? world.any(heard) : saidIn(id);
                hit(WorldFault.REPLAY, receiver, old.contribution().session());
                Bytes request = requestEnvelopes.get(old.contribution().session());
                yield request == null
                        ? List.of(old.envelope(), s.envelope())
                        : List.of(request, old.envelope(), s.envelope());
            }
            case 5 -> {
                hit(WorldFault.FORGED_ABORT, receiver, id);
                Contribution.Abort abort =
                        new Contribution.Abort(
                                world.any(List.of("BAD_PARTIAL", "NO_ANSWER", "EQUIVOCATION")),
                                List.of(world.random.nextInt(group.size())),
                                "it was not me",
                                List.of(ofSession(id), ofSession(id)));
                yield List.of(say(from, c, abort));
            }
            case 6 -> {
                hit(WorldFault.FALSE_VIEW, receiver, id);
                List<Bytes> set = new ArrayList<>();
                for (int i = 0; i < group.size(); i++) {
                    set.add(ofSession(id));
                }
                yield List.of(
                        s.envelope(),
                        say(from, c, new Contribution.NonceSet(set, group.attestations())));
            }
            case 7 -> {
                hit(WorldFault.FORGED_FINAL, receiver, id);
                SigningRequest request = group.request(id);
                int count = request == null ? 1 : request.messages().size();
                List<Bytes> signatures = new ArrayList<>();
                for (int i = 0; i < count; i++) {
                    signatures.add(Bytes.concat(world.random32(), world.random32()));
                }
                yield List.of(s.envelope(), say(from, c, new Contribution.Final(signatures)));
            }
            case 8 ->
                    List.of(
                            from.envelopeSigner()
                                    .sign(id, c.attempt() + 1 + world.random.nextInt(300), c.body())
                                    .envelope(),
                            s.envelope());
            default ->
                    List.of(
                            s.envelope(),
                            say(
                                    from,
                                    c,
                                    new Contribution.RetransmissionRequest(
                                            world.any(List.of(Contribution.Phase.values())),
                                            List.of(0, 1))));
        };
    }

    /// What was said in the other group is said in this one.
    private List<Bytes> mixUp(WorldNode from, WorldNode receiver, Statement s) {
        Contribution c = s.contribution();
        WorldAdversary other = otherGroup().adversary;
        if (other.heard.isEmpty() || other.requestEnvelopes.isEmpty()) {
            return List.of(s.envelope());
        }
        hit(WorldFault.MIXED_UP_GROUPS, receiver, c.session());
        Statement strange = world.any(other.heard);
        Contribution theirs = strange.contribution();
        return switch (world.random.nextInt(6)) {
            case 0 -> List.of(strange.envelope(), s.envelope());
            case 1 ->
                    List.of(
                            world.any(List.copyOf(other.requestEnvelopes.values())),
                            strange.envelope(),
                            s.envelope());
            case 2 ->
                    List.of(
                            from.envelopeSigner()
                                    .sign(theirs.session(), theirs.attempt(), theirs.body())
                                    .envelope(),
                            s.envelope());
            case 3 -> List.of(say(from, c, theirs.body()), s.envelope());
            case 4 -> {
                List<Bytes> set = new ArrayList<>();
                for (int i = 0; i < group.size(); i++) {
                    set.add(world.any(other.heard).envelope());
                }
                yield List.of(
                        s.envelope(),
                        say(from, c, new Contribution.NonceSet(set, group.attestations())));
            }
            default ->
                    List.of(
                            say(
                                    from,
                                    c,
                                    new Contribution.Abort(
                                            "EQUIVOCATION",
                                            List.of(world.random.nextInt(group.size())),
                                            "in another group",
                                            List.of(
                                                    strange.envelope(),
                                                    world.any(other.heard).envelope()))));
        };
    }

    private WorldGroup otherGroup() {
        return world.groups.getFirst().equals(group)
                ? world.groups.getLast()
                : world.groups.getFirst();
    }

    private Bytes say(WorldNode from, Contribution c, Contribution.Body body) {
        return from.envelopeSigner().sign(c.session(), c.attempt(), body).envelope();
    }

    private Bytes ofSession(SessionId id) {
        return saidIn(id).envelope();
    }

    /// Something that was said in this session, if it is found soon.
    private Statement saidIn(SessionId id) {
        for (int tries = 0; tries < 10; tries++) {
            Statement statement = world.any(heard);
            if (statement.contribution().session().equals(id)) {
                return statement;
            }
        }
        return world.any(heard);
    }

    private Contribution.Partials badScalars(Contribution.Partials partials) {
        return new Contribution.Partials(
                partials.partials().stream().map(_ -> world.random32()).toList(),
                partials.nonceSetHash());
    }

    private Contribution.Body change(Contribution.Body body) {
        return switch (body) {
            case Contribution.Ready ready ->
                    new Contribution.Ready(
                            ready.attestation(),
                            TestJournals.head(world.random.nextInt(9), world.random32()));
            case Contribution.Nonces n -> {
                List<Bytes> swapped = new ArrayList<>();
                n.nonces()
                        .forEach(nonce ->
                                swapped.add(Bytes.concat(nonce.slice(33, 66), nonce.slice(0, 33))));
                yield new Contribution.Nonces(
                        swapped.size() > 1 && world.chance(15)
                                ? swapped.subList(1, swapped.size())
                                : swapped,
                        n.head());
            }
            case Contribution.Partials p ->
                    world.chance(50)
                            ? badScalars(p)
                            : new Contribution.Partials(p.partials(), world.random32());
            case Contribution.NonceSet _ -> new Contribution.NonceSet(List.of(), List.of());
            case Contribution.Abort _,
                    Contribution.Refuse _,
                    Contribution.Final _,
                    Contribution.RetransmissionRequest _ ->
                    body;
        };
    }

    /// A nonce set that its author has named, with nonces of an honest signer that it did not make.
    private List<Bytes> forgedSet(WorldNode from, Contribution c, Contribution.Partials partials) {
        Statement[] known = nonces.get(slot(c));
        if (known == null) {
            return List.of();
        }
        List<Bytes> envelopes = new ArrayList<>();
        List<Bytes> payloads = new ArrayList<>();
        for (Statement statement : known) {
            if (statement == null) {
                return List.of();
            }
            envelopes.add(statement.envelope());
            payloads.add(statement.payload());
        }
        int victim = world.any(group.honest()).index();
        Contribution of = known[victim].contribution();
        Contribution forged =
                new Contribution(
                        of.group(),
                        of.boot(),
                        of.session(),
                        of.attempt(),
                        victim,
                        change(of.body()));
        payloads.set(victim, ContributionCodec.encode(forged));
        envelopes.set(victim, ForgedEnvelopes.seal(from.machine.identity, forged));
        return List.of(
                say(
                        from,
                        c,
                        new Contribution.Partials(partials.partials(), NonceSetHash.of(payloads))),
                say(from, c, new Contribution.NonceSet(envelopes, group.attestations())));
    }

    // --- besides

    /// Somebody who knows all partial signatures of a session puts the transaction on the chain,
    /// whatever has become of the session.
    void completeSomething() {
        List<SessionId> complete =
                group.checks.complete.stream()
                        .sorted((a, b) -> a.bytes().compareTo(b.bytes()))
                        .toList();
        if (!complete.isEmpty()) {
            complete(world.any(complete));
        }
    }

    void completeAll() {
        group.checks.complete.stream()
                .sorted((a, b) -> a.bytes().compareTo(b.bytes()))
                .forEach(this::complete);
    }

    void complete(SessionId id) {
        SigningRequest request = group.request(id);
        if (request != null
                && group.protectedBySomebody()
                && group.chain.confirm(group.chain.find(request.context()))) {
            world.counts.count("confirmed");
        }
    }

    /// A request that needs no wallet, of any member.
    void askForAnything(WorldNode node) {
        WorldNode requester = world.any(group.nodes);
        SigningRequest request =
                WorldTraffic.request(
                        group,
                        requester,
                        RequestGroup.of(group.signers),
                        node.time().wall(),
                        Duration.ofSeconds(1),
                        List.of(new MessageToSign(world.random32(), KeyTweak.none())),
                        Bytes.EMPTY,
                        Bytes.EMPTY);
        group.know(request);
        if (!requester.equals(node) && requester.alive()) {
            node.handle(world.messages.open(requester.envelopeSigner().sign(request).envelope()));
        }
    }

    /// Tries to make evidence against honest signers from what they have said.
    void frame() {
        if (group.allHonest() || group.size() > 8) {
            return;
        }
        for (WorldNode victim : group.honest()) {
            List<Statement> said = saidOnceBy(victim);
            if (said.size() >= 2) {
                frameByTwo(victim, said);
                frameByTwo(victim, said);
                frameByPartials(victim, said);
            }
            for (WorldNode other : victim.machine.nodes) {
                if (!other.equals(victim)) {
                    frameAcross(victim, said, other.group.adversary.saidOnceBy(other));
                }
            }
        }
    }

    private List<Statement> saidOnceBy(WorldNode node) {
        return heard.stream()
                .filter(s ->
                        s.author().equals(node.member)
                                && s.contribution().body() instanceof Contribution.OncePerAttempt)
                .toList();
    }

    /// By what the same machine has said in another group.
    private void frameAcross(WorldNode victim, List<Statement> said, List<Statement> elsewhere) {
        if (said.isEmpty() || elsewhere.isEmpty()) {
            return;
        }
        for (int i = 0; i < 2; i++) {
            Statement one = world.any(said);
            Statement two = world.any(elsewhere);
            accuse(
                    victim,
                    Evidence.Kind.EQUIVOCATION,
                    one.contribution().session(),
                    List.of(),
                    one.envelope(),
                    two.envelope());
            accuse(
                    victim,
                    Evidence.Kind.BAD_PARTIAL,
                    one.contribution().session(),
                    envelopes(slot(one.contribution())),
                    two.envelope());
        }
    }

    private void frameByTwo(WorldNode victim, List<Statement> said) {
        Statement one = world.any(said);
        for (Statement two : said) {
            if (one.contribution().body().getClass().equals(two.contribution().body().getClass())
                    && !one.payload().equals(two.payload())
                    && (one.contribution().attempt() == two.contribution().attempt()
                            || world.chance(30))) {
                accuse(
                        victim,
                        Evidence.Kind.EQUIVOCATION,
                        one.contribution().session(),
                        List.of(),
                        one.envelope(),
                        two.envelope());
                return;
            }
        }
    }

    private void frameByPartials(WorldNode victim, List<Statement> said) {
        for (Statement statement : said) {
            if (statement.contribution().body() instanceof Contribution.Partials) {
                List<SessionId> ids = List.copyOf(requestEnvelopes.keySet());
                if (ids.isEmpty()) {
                    return;
                }
                SessionId other = world.any(ids);
                accuse(
                        victim,
                        Evidence.Kind.BAD_PARTIAL,
                        world.chance(50) ? statement.contribution().session() : other,
                        envelopes(
                                nonces.isEmpty() || world.chance(60)
                                        ? slot(statement.contribution())
                                        : anySlot()),
                        statement.envelope());
                accuse(
                        victim,
                        Evidence.Kind.BAD_CONTRIBUTION,
                        other,
                        List.of(),
                        statement.envelope());
                return;
            }
        }
    }

    private Slot anySlot() {
        return world.any(List.copyOf(nonces.keySet()));
    }

    private List<Bytes> envelopes(Slot slot) {
        Statement[] known = nonces.getOrDefault(slot, new Statement[0]);
        List<Bytes> envelopes = new ArrayList<>();
        for (Statement statement : known) {
            if (statement != null) {
                envelopes.add(statement.envelope());
            }
        }
        return envelopes;
    }

    private void accuse(
            WorldNode victim,
            Evidence.Kind kind,
            SessionId session,
            List<Bytes> nonceEnvelopes,
            Bytes... proof) {
        Bytes request = requestEnvelopes.get(session);
        Optional<Bytes> ready =
                heard.stream()
                        .filter(s ->
                                s.author().equals(victim.member)
                                        && s.contribution().session().equals(session)
                                        && s.contribution().body() instanceof Contribution.Ready)
                        .map(Statement::envelope)
                        .findFirst();
        if (request == null || ready.isEmpty()) {
            return;
        }
        WorldChecks.requireAcquits(
                victim,
                new Evidence(
                        kind,
                        victim.index(),
                        request,
                        ready.get(),
                        nonceEnvelopes,
                        List.of(proof)));
        world.counts.count("attempts to frame somebody");
    }
}
