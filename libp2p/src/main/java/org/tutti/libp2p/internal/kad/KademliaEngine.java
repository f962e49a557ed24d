package org.tutti.libp2p.internal.kad;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.internal.kad.records.QuorumRead;
import org.tutti.libp2p.internal.kad.records.Source;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.multiformats.MultiformatException;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.random.RandomGenerator;

/// One node of a Kademlia DHT without sockets, threads and clocks (libp2p/specs kad-dht/README.md).
/// Inputs are method calls with the time; what is to be done is collected with [#drain] after each.
/// One thread at a time.
///
/// Operations of this node (`start`) are look-ups, some with a second step in which the k nearest
/// peers are told something. Requests of others are answered at once (`answer`). Beside that the
/// engine keeps its routing table: peers enter once they answered a request, are asked again when
/// they were silent for long, and leave when they do not answer.
///
/// It is one file because it is one state: a response, a failure and a deadline each belong to a
/// look-up, to what is told after one, to a repair or to the table, and every one of them changes
/// the table too. What stands alone is elsewhere: [Lookup], [RoutingTable], [RequestBudget].
///
/// A network of at most k other nodes, all of which the table holds, is small: everybody is asked
/// at once, for a shorter time, and what is put goes to everybody without a look-up before.
public final class KademliaEngine {
    /// Operations at once. One more is refused.
    public static final int MAX_OPERATIONS = 256;

    /// Requests at once that see whether a peer is to stay in, or come into, the routing table.
    static final int MAX_CHECKS = 16;

    /// Peers that wait for such a request. One more is not asked.
    static final int MAX_WAITING_CHECKS = 256;

    /// Repairs of stale replicas on their way. One more is left to the next reader.
    static final int MAX_REPAIRS = 64;

    /// Connected peers that are kept in mind, the oldest is forgotten for one more.
    static final int MAX_CONNECTED = 16_384;

    /// Addresses of one look-up for a peer that are dialled to see whether it is there.
    static final int MAX_DIALS = 16;

    /// So many peers name providers before a look-up for them may end early.
    private static final int MIN_PROVIDER_ANSWERS = 3;

    /// Providers collected by one operation, and sent in one answer.
    public static final int MAX_PROVIDERS = 64;

    /// The deepest bucket for which a random key is looked up: to find one takes 2^depth hashes,
    /// and what is nearer to us than that the look-up of our own key finds.
    static final int MAX_REFRESH_DEPTH = 8;

    /// A peer of a full bucket that was silent for so long is asked whether it is still there.
    private static final long STALE_NANOS = 600_000_000_000L;

    /// How often a small network is looked over.
    private static final long SMALL_REFRESH_NANOS = 60_000_000_000L;

    /// How often it is looked whether a value is to be put again.
    private static final long REPLICATION_TICK_NANOS = 60_000_000_000L;

    /// Values that are put again at once.
    static final int MAX_REPLICATIONS = 8;

    private static final long SOON_NANOS = 1_000_000_000L;

    // What misbehaviour counts: see PeerScores.
    private static final double INVALID_VALUE = 10;
    private static final double FALSE_PROVIDER = 10;
    private static final double FLOOD = 1;

    /// Of a message that breaks the protocol.
    public static final double MALFORMED = 10;

    private final EngineConfig config;
    private final PeerId self;
    private final Key key;
    private final LocalRecords records;
    private final RandomGenerator random;
    private final RoutingTable table;
    private final RequestBudget budget = new RequestBudget();

    /// Connected peers that told what they speak, in the order in which they first did.
    private final Map<PeerId, Connected> connected = new LinkedHashMap<>();

    private final Map<Long, Operation> operations = new HashMap<>();
    private final Map<Long, InFlight> inFlight = new HashMap<>();

    // Each in the order of its deadlines, which are all equally far away when they begin. What was
    // answered stays until its time comes.
    private final Deque<InFlight> slowDeadlines = new ArrayDeque<>();
    private final Deque<InFlight> deadlines = new ArrayDeque<>();
    private final Deque<InFlight> smallDeadlines = new ArrayDeque<>();

    private final Map<PeerId, Contact> waitingChecks = new LinkedHashMap<>();
    private int checks;
    private int repairs;
    private long nextNumber = 1;
    private List<Output> outputs = new ArrayList<>();

    private OptionalLong lastAnswer = OptionalLong.empty();

    private boolean replicationScheduled;
    private long replicateAt;
    private int replications;

    private boolean refreshScheduled;
    private long refreshAt;

    /// Keys that the refresh has still to look up.
    private final Deque<Bytes> refreshTargets = new ArrayDeque<>();

    private boolean refreshing;

    /// Whether a look-up of our own key found nobody beyond the table, and until when we go by
    /// that.
    private boolean whole;

    private long wholeUntil;

    /// A connected peer.
    ///
    /// @param remote the other end of the connection, which nobody can choose freely
    private record Connected(Contact contact, boolean server, Multiaddr remote) {
        private int group() {
            return IpGroup.of(remote);
        }
    }

    /// For whom an operation is.
    private enum Origin {
        USER,
        REFRESH,
        REPLICATION
    }

    private enum Purpose {
        LOOK_UP,
        TELL,
        DIAL,
        CHECK,
        REPAIR
    }

    /// One request, or dial, on its way.
    ///
    /// @param operation whose it is, 0 for none
    private record InFlight(
            long number, Contact to, Request request, Purpose purpose, long operation, long sent) {}

    /// What this node is about to find or to do.
    private static final class Operation {
        private final long number;
        private final Goal goal;
        private final long started;
        private final Origin origin;
        private final boolean small;
        private final Lookup lookup;

        private int messages;
        private int hops;
        private boolean telling;
        private int awaited;
        private int told;
        private final Set<List<Multiaddr>> dialled = new HashSet<>(2);
        private int dialling;
        private Optional<Contact> peer = Optional.empty();
        private @Nullable QuorumRead read;
        private Optional<Bytes> best = Optional.empty();

        /// What each peer said, ours first.
        private final List<List<Contact>> providers = new ArrayList<>(0);

        /// Of a survey: as many as the look-up asks, 64 names each.
        private final Map<PeerId, List<PeerId>> named = new LinkedHashMap<>();

        private List<Contact> closest = List.of();

        private Operation(
                long number, Goal goal, long started, Origin origin, boolean small, Lookup lookup) {
            this.number = number;
            this.goal = goal;
            this.started = started;
            this.origin = origin;
            this.small = small;
            this.lookup = lookup;
        }
    }

    /// @param random for the keys of refreshes: nothing secret
    public KademliaEngine(
            EngineConfig config, PeerId self, LocalRecords records, RandomGenerator random) {
        this.config = config;
        this.self = self;
        this.key = Key.of(self);
        this.records = records;
        this.random = random;
        this.table = new RoutingTable(key, config);
    }

    /// What is to be done since the last call, in order.
    public List<Output> drain() {
        if (outputs.isEmpty()) {
            return List.of();
        }
        List<Output> drained = outputs;
        outputs = new ArrayList<>();
        return drained;
    }

    /// Whom this node knows.
    public RoutingTable table() {
        return table;
    }

    // Peers that come and go.

    /// A connected peer told what it speaks. Call again when it tells something else.
    ///
    /// @param contact with the addresses at which it says that it listens
    /// @param remote the other end of its connection
    /// @param server whether it answers our protocol
    public void identified(Contact contact, Multiaddr remote, boolean server, Now now) {
        if (contact.peer().equals(self)) {
            return;
        }
        if (connected.size() >= MAX_CONNECTED && !connected.containsKey(contact.peer())) {
            connected.remove(connected.keySet().iterator().next());
        }
        Contact usable = usable(contact);
        connected.put(contact.peer(), new Connected(usable, server, remote));
        if (server) {
            check(usable, now);
        } else {
            // kad-dht: only servers answer, so whoever became a client leaves.
            remove(contact.peer());
        }
    }

    /// A peer has no connection to us any more.
    public void disconnected(PeerId peer) {
        connected.remove(peer);
        waitingChecks.remove(peer);
    }

    /// Peers that may know others: of a file, or named by the operator. They are asked, and enter
    /// the table if they answer.
    public void learn(Collection<Contact> contacts, Now now) {
        contacts.forEach(c -> check(c, now));
    }

    private Contact usable(Contact contact) {
        if (allUsable(contact)) {
            return contact;
        }
        return contact.withAddresses(contact.addresses().stream().filter(config.usable()).toList());
    }

    /// Without a stream: asked for each of twenty contacts of every answer.
    private boolean allUsable(Contact contact) {
        for (Multiaddr address : contact.addresses()) {
            if (!config.usable().test(address)) {
                return false;
            }
        }
        return true;
    }

    private int group(Contact contact) {
        Connected known = connected.get(contact.peer());
        if (known != null) {
            return known.group();
        }
        return contact.addresses().isEmpty()
                ? IpGroup.NONE
                : IpGroup.of(contact.addresses().getFirst());
    }

    /// Asks a peer that might come into the table.
    private void check(Contact contact, Now now) {
        if (contact.peer().equals(self) || !table.hasRoomFor(contact, group(contact))) {
            return;
        }
        if (checks < MAX_CHECKS) {
            ask(contact, now);
        } else if (waitingChecks.size() < MAX_WAITING_CHECKS) {
            waitingChecks.putIfAbsent(contact.peer(), contact);
        }
    }

    private void ask(Contact contact, Now now) {
        checks++;
        // go, rust and js answer FIND_NODE; rust no longer knows PING. Our own key, because
        // whoever is nearest to us is worth knowing.
        send(contact, new Request.FindNode(self.multihash()), Purpose.CHECK, null, now);
    }

    private void checked(Now now) {
        checks--;
        Iterator<Contact> waiting = waitingChecks.values().iterator();
        while (checks < MAX_CHECKS && waiting.hasNext()) {
            Contact next = waiting.next();
            waiting.remove();
            if (table.contains(next.peer()) || table.hasRoomFor(next, group(next))) {
                ask(next, now);
            }
        }
    }

    private void remove(PeerId peer) {
        if (table.remove(peer)) {
            outputs.add(new Output.Removed(peer));
        }
    }

    // Requests of others.

    /// Answers a request.
    ///
    /// @param from who asks, proven by the connection's handshake
    public Answer answer(PeerId from, Request request, Now now) {
        if (!budget.take(from, request, now.nanos())) {
            penalize(from, "KAD_FLOOD", FLOOD);
            return new Answer.Refused("KAD_FLOOD");
        }
        if (request.key().length() > Request.MAX_KEY) {
            penalize(from, "KAD_LONG_KEY", MALFORMED);
            return new Answer.Refused("KAD_LONG_KEY");
        }
        return switch (request) {
            case Request.FindNode find ->
                    new Answer.Reply(new Response.Closer(closerAndTarget(find.key(), from)));
            case Request.GetValue get ->
                    new Answer.Reply(
                            new Response.Found(
                                    records.value(get.key(), now)
                                            .map(v -> new Value(get.key(), v, now.epochMillis())),
                                    closer(get.key(), from)));
            case Request.PutValue put -> keep(from, put.value(), now);
            case Request.AddProvider add -> addProvider(from, add, now);
            case Request.GetProviders get ->
                    new Answer.Reply(
                            new Response.Providers(
                                    providers(get.key(), now), closer(get.key(), from)));
            case Request.Ping _ -> new Answer.Reply(new Response.Pong());
        };
    }

    private List<Contact> closer(Bytes target, PeerId from) {
        return table.closest(Key.of(target), config.k(), from);
    }

    /// A peer that is connected is named to whoever asks for it, though it answers nobody: so
    /// clients are found, as go has it.
    private List<Contact> closerAndTarget(Bytes target, PeerId from) {
        List<Contact> closer = closer(target, from);
        if (!closer.isEmpty() && closer.getFirst().peer().multihash().equals(target)) {
            return closer;
        }
        for (Connected peer : named(target)) {
            List<Contact> all = new ArrayList<>(closer.size() + 1);
            all.add(peer.contact);
            all.addAll(closer);
            return all;
        }
        return closer;
    }

    private List<Connected> named(Bytes target) {
        if (target.length() < 2 || target.length() > PeerId.MAX_INLINE_KEY + 2) {
            return List.of();
        }
        try {
            Connected peer = connected.get(new PeerId(target));
            return peer == null || peer.server || peer.contact.addresses().isEmpty()
                    ? List.of()
                    : List.of(peer);
        } catch (MultiformatException e) {
            // A key that is no peer id.
            return List.of();
        }
    }

    private Answer keep(PeerId from, Value value, Now now) {
        return switch (records.put(value.key(), value.value(), source(from), now)) {
            // go's putValue: "value not put correctly" unless the same value comes back.
            case KEPT -> {
                scheduleReplication(now);
                yield new Answer.Reply(new Response.Stored(value));
            }
            case OUTDATED -> new Answer.Refused("KAD_OUTDATED");
            case EXPIRED -> new Answer.Refused("KAD_EXPIRED");
            case FULL -> new Answer.Refused("KAD_FULL");
            case UNKNOWN_NAMESPACE -> new Answer.Refused("KAD_UNKNOWN_NAMESPACE");
            case INVALID -> {
                penalize(from, "KAD_INVALID_VALUE", INVALID_VALUE);
                yield new Answer.Refused("KAD_INVALID_VALUE");
            }
        };
    }

    /// From where a peer puts something: the host at the other end of its connection.
    private Source source(PeerId from) {
        Connected known = connected.get(from);
        if (known == null || known.remote.isEmpty()) {
            return new Source(from, "", "");
        }
        return new Source(
                from,
                known.remote.components().getFirst().toString(),
                Integer.toHexString(known.group()));
    }

    private Answer addProvider(PeerId from, Request.AddProvider add, Now now) {
        boolean taken = false;
        boolean others = false;
        for (Contact provider : add.providers()) {
            // kad-dht, Content routing: "should validate that the received PeerInfo matches the
            // sender's peerID".
            if (provider.peer().equals(from)) {
                Contact usable = usable(provider);
                Connected known = connected.get(from);
                if (usable.addresses().isEmpty() && known != null) {
                    usable = known.contact;
                }
                taken |=
                        !usable.addresses().isEmpty()
                                && records.addProvider(add.key(), usable, source(from), now);
            } else {
                others = true;
            }
        }
        if (others) {
            penalize(from, "KAD_FALSE_PROVIDER", FALSE_PROVIDER);
        }
        return taken ? new Answer.Taken() : new Answer.Refused("KAD_NO_PROVIDER");
    }

    private List<Contact> providers(Bytes target, Now now) {
        List<Contact> providers = records.providers(target, now);
        return providers.size() > MAX_PROVIDERS ? providers.subList(0, MAX_PROVIDERS) : providers;
    }

    private void penalize(PeerId peer, String code, double points) {
        outputs.add(new Output.Penalize(peer, code, points));
    }

    // Operations of this node.

    /// Begins an operation; `Output.Finished` ends it.
    ///
    /// @return its number, or nothing if `MAX_OPERATIONS` are going on
    public OptionalLong start(Goal goal, Now now) {
        return operations.size() >= MAX_OPERATIONS
                ? OptionalLong.empty()
                : OptionalLong.of(start(goal, Origin.USER, List.of(), now));
    }

    /// Asks peers that may know others who is near us, and joins the network with those who answer:
    /// an operation as `start` begins it.
    ///
    /// @return its number, or nothing if `MAX_OPERATIONS` are going on
    public OptionalLong join(Collection<Contact> contacts, Now now) {
        if (operations.size() >= MAX_OPERATIONS) {
            return OptionalLong.empty();
        }
        Goal goal = new Goal.FindClosest(self.multihash());
        return OptionalLong.of(start(goal, Origin.USER, List.copyOf(contacts), now));
    }

    /// @param named asked first, whatever the table has
    private long start(Goal goal, Origin origin, List<Contact> named, Now now) {
        Key target = Key.of(goal.key());
        boolean small = named.isEmpty() && isSmall(now);
        int k = config.k();
        List<Contact> seeds = new ArrayList<>(named);
        for (Contact near : table.closest(target, k)) {
            if (named.stream().noneMatch(c -> c.peer().equals(near.peer()))) {
                seeds.add(near);
            }
        }
        if (seeds.size() < k) {
            addConnectedServers(seeds);
        }
        if (goal instanceof Goal.FindPeer(PeerId wanted)) {
            seeds.removeIf(c -> c.peer().equals(wanted));
        }
        Lookup lookup =
                new Lookup(
                        target,
                        self,
                        seeds,
                        k,
                        small ? k : config.alpha(),
                        small ? 1 : config.paths());
        Operation operation = new Operation(nextNumber++, goal, now.nanos(), origin, small, lookup);
        operations.put(operation.number, operation);
        begin(operation, target, now);
        return operation.number;
    }

    /// Of a fresh node, which has connections before anybody has answered it.
    private void addConnectedServers(List<Contact> seeds) {
        for (Connected peer : connected.values()) {
            if (seeds.size() >= config.k()) {
                break;
            }
            if (peer.server && !table.contains(peer.contact.peer())) {
                seeds.add(peer.contact);
            }
        }
    }

    private void begin(Operation operation, Key target, Now now) {
        switch (operation.goal) {
            case Goal.FindPeer(PeerId wanted) -> {
                Connected known = connected.get(wanted);
                if (known != null) {
                    operation.peer = Optional.of(known.contact);
                    finish(operation, now);
                    return;
                }
                table.contact(wanted).ifPresent(c -> dial(operation, c, 0, now));
            }
            case Goal.Get get ->
                    operation.read =
                            records.read(
                                    get.key(),
                                    get.quorum() == 0 ? Integer.MAX_VALUE : get.quorum());
            case Goal.Put _, Goal.Provide _ -> {
                if (operation.small) {
                    operation.closest = table.closest(target, config.k());
                    tell(operation, now);
                    return;
                }
            }
            case Goal.FindProviders find ->
                    operation.providers.add(records.providers(find.key(), now));
            case Goal.Survey survey -> named(operation, self, records.providers(survey.key(), now));
            case Goal.FindClosest _ -> {}
        }
        advance(operation, now);
    }

    /// Whether the table holds the whole network, as far as we can know.
    private boolean isSmall(Now now) {
        if (!whole || table.size() > config.k() || now.nanos() - wholeUntil > 0) {
            return false;
        }
        for (Connected peer : connected.values()) {
            if (peer.server && !table.contains(peer.contact.peer())) {
                return false;
            }
        }
        return true;
    }

    private void advance(Operation operation, Now now) {
        if (operation.telling) {
            return;
        }
        for (Optional<Contact> next = operation.lookup.next();
                next.isPresent();
                next = operation.lookup.next()) {
            send(next.get(), request(operation.goal), Purpose.LOOK_UP, operation, now);
        }
        if (operation.lookup.isDone()) {
            looked(operation, now);
        }
    }

    private static Request request(Goal goal) {
        return switch (goal) {
            case Goal.Get get -> new Request.GetValue(get.key());
            case Goal.FindProviders _, Goal.Survey _ -> new Request.GetProviders(goal.key());
            case Goal.FindPeer _, Goal.FindClosest _, Goal.Put _, Goal.Provide _ ->
                    new Request.FindNode(goal.key());
        };
    }

    /// The look-up of an operation has ended.
    private void looked(Operation operation, Now now) {
        operation.closest = operation.lookup.closest(config.k());
        switch (operation.goal) {
            case Goal.Put _, Goal.Provide _ -> tell(operation, now);
            case Goal.FindPeer _ -> {
                if (operation.dialling == 0) {
                    finish(operation, now);
                }
            }
            case Goal.FindClosest _, Goal.Get _, Goal.FindProviders _, Goal.Survey _ ->
                    finish(operation, now);
        }
    }

    private void tell(Operation operation, Now now) {
        operation.telling = true;
        operation.hops = Math.max(operation.hops, depthOfClosest(operation));
        if (operation.closest.isEmpty()) {
            finish(operation, now);
            return;
        }
        Request request =
                switch (operation.goal) {
                    case Goal.Put put ->
                            new Request.PutValue(
                                    new Value(put.key(), put.value(), now.epochMillis()));
                    case Goal.Provide provide ->
                            new Request.AddProvider(provide.key(), List.of(own()));
                    case Goal.FindPeer _,
                            Goal.FindClosest _,
                            Goal.Get _,
                            Goal.FindProviders _,
                            Goal.Survey _ ->
                            throw new IllegalStateException("nobody is told: " + operation.goal);
                };
        operation.awaited = operation.closest.size();
        for (Contact contact : operation.closest) {
            send(contact, request, Purpose.TELL, operation, now);
        }
    }

    private static int depthOfClosest(Operation operation) {
        return operation.closest.isEmpty()
                ? 0
                : operation.lookup.depth(operation.closest.getFirst().peer());
    }

    /// Our own addresses are the driver's to fill in.
    private Contact own() {
        return Contact.of(self, List.of());
    }

    private void finish(Operation operation, Now now) {
        if (operations.remove(operation.number) == null) {
            return;
        }
        switch (operation.goal) {
            case Goal.Get get -> repair(operation, get, now);
            case Goal.FindClosest find -> {
                operation.hops = depthOfClosest(operation);
                if (find.key().equals(self.multihash())) {
                    surveyed(operation, now);
                }
            }
            case Goal.Survey _ -> {
                operation.hops = depthOfClosest(operation);
                Set<PeerId> replicas = new HashSet<>();
                replicas.add(self);
                operation.closest.forEach(c -> replicas.add(c.peer()));
                operation.named.keySet().retainAll(replicas);
            }
            case Goal.FindPeer _, Goal.Put _, Goal.Provide _, Goal.FindProviders _ -> {}
        }
        if (operation.origin == Origin.REFRESH) {
            refreshed(operation, now);
            return;
        }
        if (operation.origin == Origin.REPLICATION) {
            replications--;
            return;
        }
        outputs.add(
                new Output.Finished(
                        operation.number,
                        new Outcome(
                                operation.closest,
                                operation.peer,
                                operation.best,
                                providers(operation),
                                Collections.unmodifiableMap(operation.named),
                                operation.told,
                                operation.hops,
                                operation.messages,
                                now.nanos() - operation.started)));
    }

    /// kad-dht, Entry correction: "Nodes that returned worse records are updated via a direct
    /// PUT_VALUE RPC call when the lookup completes".
    private void repair(Operation operation, Goal.Get get, Now now) {
        QuorumRead read = operation.read;
        if (read == null) {
            return;
        }
        // Our own copy is an answer like those of others; it led to nobody.
        records.value(get.key(), now)
                .ifPresent(own -> read.answer(self, Optional.of(own), now.epochMillis()));
        operation.best = read.finish(now.epochMillis());
        if (operation.best.isEmpty()) {
            return;
        }
        Request request =
                new Request.PutValue(new Value(get.key(), operation.best.get(), now.epochMillis()));
        List<PeerId> closest = operation.closest.stream().map(Contact::peer).toList();
        for (PeerId peer : read.repairs(closest)) {
            if (repairs < MAX_REPAIRS) {
                operation
                        .lookup
                        .contact(peer)
                        .ifPresent(c -> {
                            repairs++;
                            send(c, request, Purpose.REPAIR, null, now);
                        });
            }
        }
    }

    // Requests on their way.

    private void send(
            Contact to, Request request, Purpose purpose, @Nullable Operation operation, Now now) {
        long number = nextNumber++;
        InFlight sent =
                new InFlight(
                        number,
                        to,
                        request,
                        purpose,
                        operation == null ? 0 : operation.number,
                        now.nanos());
        inFlight.put(number, sent);
        if (operation != null) {
            operation.messages++;
        }
        if (operation != null && operation.small) {
            smallDeadlines.add(sent);
        } else {
            deadlines.add(sent);
            if (purpose == Purpose.LOOK_UP) {
                slowDeadlines.add(sent);
            }
        }
        outputs.add(new Output.Send(number, to, request));
    }

    /// Dials a peer that is looked for, as somebody said that it can be reached.
    private void dial(Operation operation, Contact contact, int depth, Now now) {
        if (contact.addresses().isEmpty()
                || operation.dialled.size() >= MAX_DIALS
                || !operation.dialled.add(contact.addresses())) {
            return;
        }
        operation.dialling++;
        operation.hops = depth;
        long number = nextNumber++;
        InFlight sent =
                new InFlight(
                        number,
                        contact,
                        new Request.Ping(Bytes.EMPTY),
                        Purpose.DIAL,
                        operation.number,
                        now.nanos());
        inFlight.put(number, sent);
        deadlines.add(sent);
        outputs.add(new Output.Dial(number, contact));
    }

    /// A peer that was to be dialled is connected.
    public void dialled(long number, boolean reached, Now now) {
        InFlight sent = inFlight.remove(number);
        if (sent != null) {
            dialEnded(sent, reached, now);
        }
    }

    private void dialEnded(InFlight sent, boolean reached, Now now) {
        Operation operation = operations.get(sent.operation);
        if (operation == null) {
            return;
        }
        operation.dialling--;
        if (reached) {
            operation.peer = Optional.of(sent.to);
            operation.closest = operation.lookup.closest(config.k());
            finish(operation, now);
        } else {
            advance(operation, now);
        }
    }

    /// A request was written whole that has no response (`AddProvider`).
    public void written(long number, Now now) {
        InFlight sent = inFlight.remove(number);
        if (sent != null && sent.purpose == Purpose.TELL) {
            toldOne(sent, true, now);
        }
    }

    /// A peer has answered.
    public void responded(long number, Response response, Now now) {
        InFlight sent = inFlight.remove(number);
        if (sent == null) {
            // Too late: it counts as failed already.
            return;
        }
        alive(sent.to, now);
        switch (sent.purpose) {
            case LOOK_UP -> found(sent, response, now);
            case TELL ->
                    toldOne(
                            sent,
                            sent.request instanceof Request.PutValue(Value value)
                                    && response instanceof Response.Stored(Value kept)
                                    && kept.value().equals(value.value()),
                            now);
            case CHECK -> {
                checked(now);
                grew(now);
            }
            case REPAIR -> repairs--;
            case DIAL -> {}
        }
    }

    /// A peer has answered: it may be in the table.
    private void alive(Contact to, Now now) {
        lastAnswer = OptionalLong.of(now.nanos());
        Connected known = connected.get(to.peer());
        Contact contact = known != null && known.server ? known.contact : usable(to);
        if (known != null && !known.server) {
            // It answers, and yet does not say so: it will not be there for others.
            return;
        }
        switch (table.add(contact, group(contact), now.nanos())) {
            case YES -> outputs.add(new Output.Added(contact.peer()));
            case FULL ->
                    table.mostDoubtful(contact)
                            .filter(e -> e.isSuspect() || now.nanos() - e.answered() > STALE_NANOS)
                            .filter(_ -> checks < MAX_CHECKS)
                            .ifPresent(e -> ask(e.contact(), now));
            case KNOWN, GROUP_FULL, SELF -> {}
        }
    }

    private void found(InFlight sent, Response response, Now now) {
        Operation operation = operations.get(sent.operation);
        if (operation == null) {
            return;
        }
        PeerId from = sent.to.peer();
        List<Contact> closer = new ArrayList<>(response.closer().size());
        for (Contact contact : response.closer()) {
            Contact usable = usable(contact);
            if (operation.goal instanceof Goal.FindPeer(PeerId wanted)
                    && contact.peer().equals(wanted)) {
                dial(operation, usable, operation.lookup.depth(from), now);
            } else if (!usable.addresses().isEmpty() || connected.containsKey(contact.peer())) {
                closer.add(usable);
            }
        }
        operation.lookup.answered(from, closer);
        boolean enough =
                switch (response) {
                    case Response.Found found -> taken(operation, from, found.value(), now);
                    case Response.Providers providers ->
                            taken(operation, from, providers.providers());
                    case Response.Closer _, Response.Stored _, Response.Pong _ -> false;
                };
        if (enough) {
            operation.closest = operation.lookup.closest(config.k());
            finish(operation, now);
        } else {
            advance(operation, now);
        }
    }

    /// @return whether that is enough
    private boolean taken(Operation operation, PeerId from, Optional<Value> answer, Now now) {
        QuorumRead read = operation.read;
        if (read == null) {
            return false;
        }
        Bytes key = operation.goal.key();
        boolean otherKey = answer.isPresent() && !answer.get().key().equals(key);
        Optional<Bytes> before = read.best();
        QuorumRead.Verdict verdict =
                otherKey
                        ? QuorumRead.Verdict.INVALID
                        : read.answer(from, answer.map(Value::value), now.epochMillis());
        switch (verdict) {
            case GOOD -> {
                if (!read.best().equals(before)) {
                    operation.hops = operation.lookup.depth(from);
                }
            }
            // kad-dht, Entry validation: "should validate DHT entries during retrieval".
            case INVALID -> penalize(from, "KAD_INVALID_VALUE", INVALID_VALUE);
            case STALE, ROLLED_BACK, MISSING, EXPIRED, IGNORED -> {}
        }
        return read.isDone();
    }

    private static void named(Operation operation, PeerId by, List<Contact> providers) {
        if (!providers.isEmpty()) {
            operation.named.put(
                    by, providers.stream().limit(MAX_PROVIDERS).map(Contact::peer).toList());
        }
    }

    private boolean taken(Operation operation, PeerId from, List<Contact> providers) {
        if (operation.goal instanceof Goal.Survey) {
            named(operation, from, providers);
            return false;
        }
        if (!(operation.goal instanceof Goal.FindProviders find)) {
            return false;
        }
        if (!providers.isEmpty()) {
            if (operation.hops == 0) {
                operation.hops = operation.lookup.depth(from);
            }
            operation.providers.add(providers.stream().limit(MAX_PROVIDERS).toList());
        }
        return operation.providers.size() > MIN_PROVIDER_ANSWERS
                && providers(operation).size() >= Math.min(find.max(), MAX_PROVIDERS);
    }

    /// Of each answer the first, then of each the second, and so on: whoever invents providers
    /// crowds out nobody whom others name.
    private List<Contact> providers(Operation operation) {
        if (!(operation.goal instanceof Goal.FindProviders find)) {
            return List.of();
        }
        Map<PeerId, Contact> found = new LinkedHashMap<>();
        int max = Math.min(find.max(), MAX_PROVIDERS);
        for (int i = 0; i < MAX_PROVIDERS && found.size() < max; i++) {
            for (List<Contact> answer : operation.providers) {
                if (i < answer.size() && found.size() < max) {
                    found.putIfAbsent(answer.get(i).peer(), usable(answer.get(i)));
                }
            }
        }
        return List.copyOf(found.values());
    }

    private void toldOne(InFlight sent, boolean taken, Now now) {
        Operation operation = operations.get(sent.operation);
        if (operation == null) {
            return;
        }
        operation.awaited--;
        operation.told += taken ? 1 : 0;
        if (operation.awaited == 0) {
            finish(operation, now);
        }
    }

    /// A request has no response, and will have none.
    public void failed(long number, Failure failure, Now now) {
        InFlight sent = inFlight.remove(number);
        if (sent != null) {
            failed(sent, failure, now);
        }
    }

    private void failed(InFlight sent, Failure failure, Now now) {
        PeerId peer = sent.to.peer();
        switch (failure) {
            case UNREACHABLE, TIMEOUT -> missed(peer, now);
            case NO_ANSWER -> {
                // A value is refused so, too.
                if (!(sent.request instanceof Request.PutValue)) {
                    missed(peer, now);
                }
            }
            case NOT_SUPPORTED -> remove(peer);
            case MALFORMED -> {
                penalize(peer, "KAD_MALFORMED", MALFORMED);
                remove(peer);
            }
            case OURS -> {}
        }
        Operation operation = operations.get(sent.operation);
        switch (sent.purpose) {
            case LOOK_UP -> {
                if (operation != null) {
                    operation.lookup.failed(peer);
                    advance(operation, now);
                }
            }
            case TELL -> toldOne(sent, false, now);
            case DIAL -> dialEnded(sent, false, now);
            case CHECK -> checked(now);
            case REPAIR -> repairs--;
        }
    }

    private void missed(PeerId peer, Now now) {
        RoutingTable.Departure departure = table.failed(peer, lastAnswer, now.nanos());
        if (departure.left()) {
            outputs.add(new Output.Removed(peer));
        }
        departure.successor().ifPresent(p -> outputs.add(new Output.Added(p)));
    }

    // Time.

    /// When `tick` has something to do, if nothing happens until then.
    public OptionalLong wakeAt() {
        OptionalLong first =
                refreshScheduled && !refreshing ? OptionalLong.of(refreshAt) : OptionalLong.empty();
        if (replicationScheduled && (first.isEmpty() || replicateAt - first.getAsLong() < 0)) {
            first = OptionalLong.of(replicateAt);
        }
        first = earlier(first, slowDeadlines, config.slowAfter().toNanos());
        first = earlier(first, deadlines, config.requestTimeout().toNanos());
        return earlier(first, smallDeadlines, config.smallNetworkTimeout().toNanos());
    }

    private OptionalLong earlier(OptionalLong than, Deque<InFlight> queue, long length) {
        while (!queue.isEmpty() && !inFlight.containsKey(queue.peek().number)) {
            queue.poll();
        }
        InFlight head = queue.peek();
        if (head == null) {
            return than;
        }
        long at = head.sent + length;
        return than.isPresent() && than.getAsLong() - at <= 0 ? than : OptionalLong.of(at);
    }

    /// Time has passed.
    public void tick(Now now) {
        expire(slowDeadlines, config.slowAfter().toNanos(), now, this::slow);
        expire(deadlines, config.requestTimeout().toNanos(), now, this::timedOut);
        expire(smallDeadlines, config.smallNetworkTimeout().toNanos(), now, this::timedOut);
        if (refreshScheduled && !refreshing && now.nanos() - refreshAt >= 0) {
            refresh(now);
        }
        if (replicationScheduled && now.nanos() - replicateAt >= 0) {
            replicate(now);
        }
    }

    private void scheduleReplication(Now now) {
        if (!replicationScheduled) {
            replicationScheduled = true;
            replicateAt = now.nanos() + REPLICATION_TICK_NANOS;
        }
    }

    /// Puts again what nobody has put for an hour, so that it is there when those who keep it leave
    /// (Kademlia, section 2.5).
    private void replicate(Now now) {
        replicationScheduled = false;
        int most = Math.min(MAX_REPLICATIONS - replications, MAX_OPERATIONS - operations.size());
        if (most > 0) {
            for (Bytes due : records.dueForReplication(now, most)) {
                records.value(due, now)
                        .ifPresent(value -> {
                            replications++;
                            start(new Goal.Put(due, value), Origin.REPLICATION, List.of(), now);
                        });
            }
        }
        if (records.hasValues()) {
            scheduleReplication(now);
        }
    }

    @FunctionalInterface
    private interface Expired {
        void happened(InFlight sent, Now now);
    }

    private void expire(Deque<InFlight> queue, long length, Now now, Expired expired) {
        for (InFlight head = queue.peek(); head != null; head = queue.peek()) {
            if (inFlight.containsKey(head.number)) {
                if (now.nanos() - (head.sent + length) < 0) {
                    return;
                }
                queue.poll();
                expired.happened(head, now);
            } else {
                queue.poll();
            }
        }
    }

    private void slow(InFlight sent, Now now) {
        Operation operation = operations.get(sent.operation);
        if (operation != null) {
            operation.lookup.slow(sent.to.peer());
            advance(operation, now);
        }
    }

    private void timedOut(InFlight sent, Now now) {
        inFlight.remove(sent.number);
        outputs.add(new Output.Cancel(sent.number));
        failed(sent, Failure.TIMEOUT, now);
    }

    // The routing table is looked after.

    /// Looks for the peers around our own key, and for some everywhere else, now (kad-dht,
    /// Bootstrap process). Is repeated from then on.
    public void refresh(Now now) {
        refreshScheduled = true;
        refreshAt = now.nanos() + config.refreshInterval().toNanos();
        if (refreshing) {
            return;
        }
        refreshing = true;
        refreshTargets.clear();
        refreshTargets.add(self.multihash());
        table.silentSince(now.nanos() - config.refreshInterval().toNanos(), MAX_CHECKS)
                .forEach(c -> {
                    if (checks < MAX_CHECKS) {
                        ask(c, now);
                    }
                });
        refreshNext(now);
    }

    /// The first peer that we hear of is asked for others at once; of those that come while there
    /// are few, one look-up a second will do. A newcomer to a small network that we know whole asks
    /// us.
    private void grew(Now now) {
        if (table.size() == 1 && !refreshing) {
            refresh(now);
        } else if (!whole && table.size() < config.k()) {
            long soon = now.nanos() + SOON_NANOS;
            refreshAt = refreshScheduled && refreshAt - soon < 0 ? refreshAt : soon;
            refreshScheduled = true;
        }
    }

    private void refreshNext(Now now) {
        Bytes target = refreshTargets.poll();
        if (target == null) {
            refreshing = false;
            refreshAt = now.nanos() + refreshInterval();
            return;
        }
        start(new Goal.FindClosest(target), Origin.REFRESH, List.of(), now);
    }

    /// Our own key was looked up.
    private void surveyed(Operation operation, Now now) {
        whole = table.size() > 0 && table.size() <= config.k() && operation.lookup.askedEverybody();
        wholeUntil = now.nanos() + 2 * SMALL_REFRESH_NANOS;
        if (!refreshScheduled) {
            refreshScheduled = true;
            // In a large network the buckets are still to be filled.
            refreshAt = now.nanos() + (whole ? refreshInterval() : SOON_NANOS);
        }
    }

    private long refreshInterval() {
        long interval = config.refreshInterval().toNanos();
        return whole ? Math.min(SMALL_REFRESH_NANOS, interval) : interval;
    }

    private void refreshed(Operation operation, Now now) {
        if (operation.goal.key().equals(self.multihash())) {
            if (!whole) {
                int depth = Math.min(table.depth(), MAX_REFRESH_DEPTH);
                for (int prefix = 0; prefix < depth; prefix++) {
                    refreshTargets.add(randomKey(prefix));
                }
            }
        }
        refreshNext(now);
    }

    /// Bytes whose key has so many bits in common with ours.
    private Bytes randomKey(int prefix) {
        byte[] bytes = new byte[32];
        Bytes found;
        do {
            random.nextBytes(bytes);
            found = Bytes.of(bytes);
        } while (key.commonPrefix(Key.of(found)) != prefix);
        return found;
    }
}
