package org.tutti.coordinator.service;

import org.tutti.base.Bytes;
import org.tutti.coordinator.event.Channel;
import org.tutti.coordinator.inbox.InboxKey;
import org.tutti.coordinator.inbox.InboxPlace;
import org.tutti.coordinator.inbox.SealedDelivery;
import org.tutti.coordinator.internal.engine.CoordinatorEngine;
import org.tutti.coordinator.internal.wire.Answer;
import org.tutti.coordinator.internal.wire.ExchangeCodec;
import org.tutti.coordinator.internal.wire.Question;
import org.tutti.coordinator.message.Contact;
import org.tutti.coordinator.message.MessageException;
import org.tutti.coordinator.message.RequestId;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.kad.KadPeer;
import org.tutti.libp2p.kad.Kademlia;
import org.tutti.libp2p.kad.ListLimits;
import org.tutti.libp2p.kad.Topics;
import org.tutti.libp2p.kad.record.InvalidRecordException;
import org.tutti.libp2p.kad.record.SignedRecord;
import org.tutti.libp2p.kad.record.Topic;
import org.tutti.musig.keys.PublicKey;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// What a coordinator does with the DHT: says whom its key speaks through, finds that of others, is
/// a holder of what waits for others, and looks for what waits for its own key. Without a DHT there
/// is none of that.
///
/// The DHT is a hint (SAFETY 19): what it gives is verified by signature, or not used.
final class Directory implements AutoCloseable {
    /// The namespace of contacts in the DHT.
    static final String NAMESPACE = "contact";

    /// Strangers can add entries under a key's topic; the key's signature tells which is its own.
    private static final ListLimits CONTACTS = ListLimits.entries(16);

    /// Holders asked in one look.
    private static final int MAX_HOLDERS = 20;

    /// Signers looked for at a time; others take turns with those who are not found.
    private static final int MAX_LOOKING = 32;

    /// Recipients that this node says to be a holder for.
    private static final int MAX_RECIPIENTS = 256;

    private final Optional<Kademlia> dht;
    private final Optional<Topics> topics;
    private final Bytes network;
    private final PublicKey self;
    private final Optional<InboxKey> inbox;
    private final Host host;
    private final Loop loop;
    private final Verifier verifier;
    private final Exchanges exchanges;
    private final Tasks tasks;
    private final InstantSource clock;
    private final CoordinatorSettings settings;

    /// Guards what follows; nothing is waited for under it.
    private final Object lock = new Object();

    private Set<PublicKey> unknown = Set.of();
    private Set<PublicKey> recipients = Set.of();

    /// The day for whose place each recipient's holder is told.
    private final Map<PublicKey, Long> provided = new HashMap<>();

    private final Set<PublicKey> looking = new HashSet<>();

    /// Those that wait until somebody who is looked for is not found.
    private final Deque<PublicKey> waiting = new ArrayDeque<>();

    Directory(
            Optional<Kademlia> dht,
            Optional<Topics> topics,
            Bytes network,
            PublicKey self,
            Optional<InboxKey> inbox,
            Host host,
            Loop loop,
            Verifier verifier,
            Exchanges exchanges,
            Tasks tasks,
            InstantSource clock,
            CoordinatorSettings settings) {
        this.dht = dht;
        this.topics = topics;
        this.network = network;
        this.self = self;
        this.inbox = inbox;
        this.host = host;
        this.loop = loop;
        this.verifier = verifier;
        this.exchanges = exchanges;
        this.tasks = tasks;
        this.clock = clock;
        this.settings = settings;
    }

    void start(Bytes contact) {
        if (dht.isEmpty()) {
            return;
        }
        renewed(contact);
        tasks.run("coordinator-inbox", this::watchInbox);
        tasks.run("coordinator-holder", this::hold);
    }

    // --- contacts

    /// This node's contact has changed.
    void renewed(Bytes contact) {
        topics.ifPresent(to -> tasks.run("publish-contact", () -> publish(to, contact)));
    }

    /// Until somebody keeps it; from then on the DHT's driver publishes it again in time.
    private void publish(Topics to, Bytes contact) throws InterruptedException {
        Duration pause = settings.findFirst();
        while (true) {
            try {
                var _ = to.publish(topic(self), contact);
                return;
            } catch (IOException e) {
                requireNotInterrupted();
            } catch (InvalidRecordException e) {
                return; // The DHT was made without a validator for contacts.
            }
            Thread.sleep(pause);
            pause = longer(pause);
        }
    }

    private Topic topic(PublicKey key) {
        return new Topic(network, NAMESPACE, key.bytes());
    }

    private static void requireNotInterrupted() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
    }

    private Duration longer(Duration pause) {
        Duration doubled = pause.multipliedBy(2);
        return doubled.compareTo(settings.findMost()) < 0 ? doubled : settings.findMost();
    }

    /// What the engine wants now. On the loop's thread.
    void use(CoordinatorEngine.Wanted wanted) {
        if (dht.isEmpty()) {
            return;
        }
        Set<PublicKey> find = new LinkedHashSet<>();
        synchronized (lock) {
            unknown = Set.copyOf(wanted.unknown());
            recipients =
                    wanted.recipients().keySet().stream()
                            .limit(MAX_RECIPIENTS)
                            .collect(Collectors.toUnmodifiableSet());
            waiting.clear();
            for (PublicKey key : wanted.unknown()) {
                if (looking.contains(key)) {
                    continue;
                }
                if (looking.size() < MAX_LOOKING) {
                    looking.add(key);
                    find.add(key);
                } else {
                    waiting.add(key);
                }
            }
        }
        for (PublicKey key : find) {
            tasks.run("find-signer", () -> find(key));
        }
    }

    /// Whom to look for after one look for this key: the same, unless it was found, or others wait.
    private Optional<PublicKey> next(PublicKey key) {
        synchronized (lock) {
            boolean missing = unknown.contains(key);
            PublicKey other = waiting.pollFirst();
            if (missing && other == null) {
                return Optional.of(key);
            }
            looking.remove(key);
            if (missing) {
                waiting.addLast(key);
            }
            if (other == null) {
                return Optional.empty();
            }
            looking.add(other);
            return Optional.of(other);
        }
    }

    /// Until requests need nobody who is not found.
    private void find(PublicKey first) throws InterruptedException {
        Duration pause = settings.findFirst();
        for (Optional<PublicKey> key = Optional.of(first); key.isPresent(); key = next(key.get())) {
            try {
                List<SignedRecord> entries = new ArrayList<>();
                var _ = topics.orElseThrow().list(topic(key.get()), CONTACTS, entries::add);
                for (SignedRecord entry : entries) {
                    learn(key.get(), entry);
                }
            } catch (IOException e) {
                requireNotInterrupted(); // Otherwise nobody answers now.
            } catch (InvalidRecordException e) {
                return; // The DHT was made without a validator for contacts.
            }
            Thread.sleep(pause);
            pause = longer(pause);
        }
    }

    private void learn(PublicKey key, SignedRecord entry) throws InterruptedException {
        if (entry.value().isEmpty()) {
            return;
        }
        try {
            if (verifier.read(entry.value().get(), entry.author()) instanceof Contact contact
                    && contact.header().key().equals(key)
                    && contact.header().author().equals(entry.author())) {
                loop.post((e, now) -> e.learn(contact, now));
            }
        } catch (MessageException e) {
            // A stranger's entry under another's key.
        }
    }

    // --- holding for others

    private void hold() throws InterruptedException {
        while (true) {
            long today = InboxPlace.day(clock.instant());
            for (PublicKey recipient : toProvide(today)) {
                provide(recipient, today);
            }
            for (Map.Entry<PublicKey, Long> over : takeNotNeeded().entrySet()) {
                dht.orElseThrow()
                        .stopProviding(InboxPlace.of(network, over.getKey(), over.getValue()));
            }
            Thread.sleep(settings.findFirst());
        }
    }

    private List<PublicKey> toProvide(long today) {
        synchronized (lock) {
            return recipients.stream()
                    .filter(r -> provided.getOrDefault(r, Long.MIN_VALUE) != today)
                    .toList();
        }
    }

    private void provide(PublicKey recipient, long today) throws InterruptedException {
        try {
            var _ = dht.orElseThrow().provide(InboxPlace.of(network, recipient, today));
            synchronized (lock) {
                Long before = provided.put(recipient, today);
                if (before != null) {
                    dht.orElseThrow().stopProviding(InboxPlace.of(network, recipient, before));
                }
            }
        } catch (IOException e) {
            requireNotInterrupted(); // Otherwise it is tried again.
        }
    }

    private Map<PublicKey, Long> takeNotNeeded() {
        synchronized (lock) {
            Map<PublicKey, Long> over = new HashMap<>(provided);
            over.keySet().removeAll(recipients);
            provided.keySet().removeAll(over.keySet());
            return over;
        }
    }

    // --- what waits for this node

    private void watchInbox() throws InterruptedException {
        if (inbox.isEmpty()) {
            return;
        }
        Duration pause = settings.findFirst();
        while (true) {
            boolean complete = readInbox(inbox.get());
            Thread.sleep(complete ? settings.inboxInterval() : pause);
            pause = complete ? settings.findFirst() : longer(pause);
        }
    }

    /// @return false if somebody could not be asked
    private boolean readInbox(InboxKey key) throws InterruptedException {
        Map<PeerId, KadPeer> holders = new LinkedHashMap<>();
        boolean complete = true;
        for (Bytes place : InboxPlace.read(network, self, clock.instant())) {
            try {
                for (KadPeer holder :
                        dht.orElseThrow().findProviders(place, MAX_HOLDERS).providers()) {
                    holders.putIfAbsent(holder.peer(), holder);
                }
            } catch (IOException e) {
                requireNotInterrupted();
                complete = false;
            }
        }
        holders.remove(host.peerId());
        for (KadPeer holder : holders.values().stream().limit(MAX_HOLDERS).toList()) {
            try {
                reach(holder);
                read(key, holder.peer());
            } catch (IOException e) {
                requireNotInterrupted();
                complete = false;
            }
        }
        return complete;
    }

    /// Anybody can say that it is a holder, and where.
    private void reach(KadPeer holder) throws IOException {
        if (host.isConnected(holder.peer())) {
            return;
        }
        if (holder.addresses().isEmpty()) {
            var _ = dht.orElseThrow().findPeer(holder.peer());
        } else {
            var _ = host.connect(holder.peer(), holder.addresses());
        }
    }

    private void read(InboxKey key, PeerId holder) throws IOException, InterruptedException {
        Set<RequestId> known = known();
        Answer answer = exchanges.ask(holder, new Question.InboxQuery(self, known));
        if (!(answer instanceof Answer.Inbox(List<SealedDelivery> entries))) {
            return;
        }
        for (SealedDelivery sealed : entries) {
            if (known.contains(sealed.request())) {
                continue;
            }
            Optional<Bytes> opened = key.open(network, self, sealed);
            if (opened.isEmpty()) {
                continue;
            }
            try {
                Question.Delivery delivery =
                        ExchangeCodec.decodeDelivery(opened.get(), settings.messages());
                if (delivery.id().equals(sealed.request())) {
                    var _ = exchanges.take(holder, Channel.INBOX, List.of(delivery));
                }
            } catch (MessageException e) {
                verifier.punish(holder, e);
            }
        }
    }

    private Set<RequestId> known() throws InterruptedException {
        try {
            return loop.call((e, now) -> {
                Set<RequestId> ids = new HashSet<>();
                e.requests(now).forEach(view -> ids.add(view.request().id()));
                return ids;
            });
        } catch (InterruptedException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        inbox.ifPresent(InboxKey::close);
    }
}
