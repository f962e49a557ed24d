package org.tutti.testkit.kad;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.internal.kad.Answer;
import org.tutti.libp2p.internal.kad.Contact;
import org.tutti.libp2p.internal.kad.EngineConfig;
import org.tutti.libp2p.internal.kad.Failure;
import org.tutti.libp2p.internal.kad.Goal;
import org.tutti.libp2p.internal.kad.KademliaEngine;
import org.tutti.libp2p.internal.kad.LocalRecords;
import org.tutti.libp2p.internal.kad.Now;
import org.tutti.libp2p.internal.kad.Outcome;
import org.tutti.libp2p.internal.kad.Output;
import org.tutti.libp2p.internal.kad.Request;
import org.tutti.testkit.net.Actions;
import org.tutti.testkit.net.Node;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;
import java.util.random.RandomGenerator;

/// One node of the DHT: the engine, and what its driver does for it. A connection identifies itself
/// as it opens; each request has a stream of its own.
class KadNode implements Node<KadMessage> {
    /// Any time, for what records say of themselves.
    private static final long EPOCH_MILLIS = 1_767_225_600_000L;

    /// What waits for an answer, or for a connection.
    ///
    /// @param request absent where a connection is all that is wanted
    private record Sent(int peer, @Nullable Request request) {}

    private final Contact self;
    private final Directory directory;
    private final KademliaEngine engine;
    private final LocalRecords records;
    private final Map<Long, Sent> sent = new HashMap<>(4);
    private final Map<Integer, List<Long>> waiting = new HashMap<>(4);
    private final Map<Long, Consumer<Outcome>> operations = new HashMap<>(2);
    private List<Contact> bootstrap = List.of();
    private Actions<KadMessage> net = new NotRunning<>();

    /// Who has which number in the network.
    interface Directory extends ToIntFunction<PeerId> {
        Contact contact(int number);
    }

    KadNode(
            Contact self,
            Directory directory,
            EngineConfig config,
            LocalRecords records,
            RandomGenerator random) {
        this.self = self;
        this.directory = directory;
        this.records = records;
        this.engine = new KademliaEngine(config, self.peer(), records, random);
    }

    Contact self() {
        return self;
    }

    LocalRecords records() {
        return records;
    }

    KademliaEngine engine() {
        return engine;
    }

    /// Whom it asks when it starts.
    void bootstrap(List<Contact> contacts) {
        bootstrap = contacts;
    }

    Now now() {
        return new Now(net.now(), EPOCH_MILLIS + net.now() / 1_000_000);
    }

    @Override
    public void started(Actions<KadMessage> actions) {
        net = actions;
        engine.learn(bootstrap, now());
        engine.refresh(now());
        act();
    }

    /// Begins an operation.
    ///
    /// @return false if too many are going on
    boolean start(Goal goal, Consumer<Outcome> ended) {
        OptionalLong number = engine.start(goal, now());
        if (number.isEmpty()) {
            return false;
        }
        operations.put(number.getAsLong(), ended);
        act();
        return true;
    }

    @Override
    public void received(int peer, KadMessage message) {
        switch (message) {
            case KadMessage.Ask ask -> answer(peer, ask);
            case KadMessage.Reply reply -> {
                if (sent.remove(reply.id()) != null) {
                    engine.responded(reply.id(), reply.response(), now());
                }
            }
            case KadMessage.Reset reset -> fail(reset.id(), Failure.NO_ANSWER);
        }
        act();
    }

    /// What is answered is sent at once: the network has no bandwidth to wait for.
    void answer(int peer, KadMessage.Ask ask) {
        switch (engine.answer(directory.contact(peer).peer(), ask.request(), now())) {
            case Answer.Reply(var response) ->
                    net.send(peer, new KadMessage.Reply(ask.id(), response));
            case Answer.Taken() -> {}
            case Answer.Refused(var _) -> net.send(peer, new KadMessage.Reset(ask.id()));
        }
    }

    void reply(int peer, KadMessage message) {
        net.send(peer, message);
    }

    /// Asks for a connection without anything to ask there.
    void connect(int peer) {
        net.connect(peer);
    }

    private void fail(long id, Failure failure) {
        Sent request = sent.remove(id);
        if (request != null) {
            if (request.request == null) {
                engine.dialled(id, false, now());
            } else {
                engine.failed(id, failure, now());
            }
        }
    }

    @Override
    public void connected(int peer, boolean outbound) {
        Contact contact = directory.contact(peer);
        engine.identified(contact, contact.addresses().getFirst(), true, now());
        List<Long> ids = waiting.remove(peer);
        if (ids != null) {
            ids.forEach(this::send);
        }
        act();
    }

    private void send(long id) {
        Sent request = sent.get(id);
        if (request == null) {
            // Cancelled.
            return;
        }
        if (request.request == null) {
            sent.remove(id);
            engine.dialled(id, true, now());
            return;
        }
        net.send(request.peer, new KadMessage.Ask(id, request.request));
        if (request.request instanceof Request.AddProvider) {
            sent.remove(id);
            engine.written(id, now());
        }
    }

    @Override
    public void closed(int peer) {
        engine.disconnected(directory.contact(peer).peer());
        List<Long> lost = new ArrayList<>();
        sent.forEach((id, request) -> {
            if (request.peer == peer) {
                lost.add(id);
            }
        });
        lost.sort(null);
        lost.forEach(id -> fail(id, Failure.NO_ANSWER));
        act();
    }

    @Override
    public void dialFailed(int peer) {
        List<Long> ids = waiting.remove(peer);
        if (ids != null) {
            ids.forEach(id -> fail(id, Failure.UNREACHABLE));
        }
        act();
    }

    @Override
    public void woken() {
        engine.tick(now());
        act();
    }

    /// Does what the engine wants done, until it wants nothing more.
    private void act() {
        for (List<Output> outputs = engine.drain(); !outputs.isEmpty(); outputs = engine.drain()) {
            outputs.forEach(this::act);
        }
        net.wakeAt(engine.wakeAt().orElse(Long.MAX_VALUE));
    }

    private void act(Output output) {
        switch (output) {
            case Output.Send(long number, Contact to, Request request) ->
                    await(number, to, request);
            case Output.Dial(long number, Contact to) -> await(number, to, null);
            case Output.Cancel(long number) -> sent.remove(number);
            case Output.Finished(long operation, Outcome outcome) -> {
                Consumer<Outcome> ended = operations.remove(operation);
                if (ended != null) {
                    ended.accept(outcome);
                }
            }
            case Output.Penalize _, Output.Added _, Output.Removed _ -> {}
        }
    }

    private void await(long number, Contact to, @Nullable Request request) {
        int peer = directory.applyAsInt(to.peer());
        sent.put(number, new Sent(peer, request));
        if (peer < 0) {
            // An address at which nobody is.
            fail(number, Failure.UNREACHABLE);
        } else if (net.isConnected(peer)) {
            send(number);
        } else {
            waiting.computeIfAbsent(peer, _ -> new ArrayList<>(1)).add(number);
            net.connect(peer);
        }
    }

    /// What a node has that does not run yet.
    private static final class NotRunning<M> implements Actions<M> {
        @Override
        public long now() {
            return 0;
        }

        @Override
        public boolean isConnected(int peer) {
            return false;
        }

        @Override
        public void connect(int peer) {}

        @Override
        public void send(int peer, M message) {}

        @Override
        public void close(int peer) {}

        @Override
        public void wakeAt(long nanos) {}
    }
}
