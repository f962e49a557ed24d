package org.tutti.libp2p.mdns;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.behaviour.BehaviourContext;
import org.tutti.libp2p.behaviour.InboundProtocol;
import org.tutti.libp2p.behaviour.NetworkBehaviour;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.time.Timer;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/// mDNS for a host: whoever is discovered can be dialled by its peer id alone, and `MdnsEvent`
/// tells who comes and goes. Starts with the host, says goodbye when it closes.
///
/// ```java
/// Host host = Host.builder().identity(key).listen(address).behaviour(new MdnsBehaviour()).build();
/// host.subscribe(MdnsEvent.class, event -> …);
/// host.start();
/// ```
public final class MdnsBehaviour implements NetworkBehaviour {
    private final MdnsLink link;
    private final RandomGenerator random;
    // Set by the host before it starts; the host's threads read it.
    private final AtomicReference<@Nullable Attached> attached = new AtomicReference<>();

    private record Attached(BehaviourContext context, Mdns mdns) {}

    /// On all interfaces of this machine that can multicast.
    public MdnsBehaviour() {
        this(new MulticastLink(MulticastLink.PORT), new SecureRandom());
    }

    MdnsBehaviour(MdnsLink link, RandomGenerator random) {
        this.link = link;
        this.random = random;
    }

    @Override
    public List<InboundProtocol> protocols() {
        return List.of();
    }

    @Override
    public void attached(BehaviourContext context) {
        Mdns fresh =
                new Mdns(
                        context.self(),
                        () ->
                                Stream.concat(
                                                context.externalAddresses().stream(),
                                                context.listenAddresses().stream())
                                        .toList(),
                        event -> tell(context, event),
                        link,
                        new Borrowed(context.timer()),
                        random);
        if (!attached.compareAndSet(null, new Attached(context, fresh))) {
            throw new IllegalStateException("a behaviour belongs to one host");
        }
    }

    private Attached attachment() {
        Attached set = attached.get();
        if (set == null) {
            throw new IllegalStateException("no host has this behaviour");
        }
        return set;
    }

    private static void tell(BehaviourContext context, MdnsEvent event) {
        if (event instanceof MdnsEvent.Discovered(PeerId peer, List<Multiaddr> addresses)) {
            context.addAddresses(peer, addresses);
        }
        context.emit(event);
    }

    @Override
    public void started() {
        Attached set = attachment();
        set.context.start("libp2p-mdns-start", () -> start(set));
    }

    private static void start(Attached set) {
        try {
            set.mdns.start();
        } catch (IOException e) {
            set.context.emit(new MdnsEvent.Unavailable(String.valueOf(e.getMessage())));
        } catch (IllegalStateException e) {
            // The host was closed before its sockets were open.
        }
    }

    @Override
    public void stopping() {
        Attached set = attachment();
        set.context.start("libp2p-mdns-stop", set.mdns::close);
    }

    /// The host's: not ours to close.
    private record Borrowed(Timer timer) implements Timer {
        @Override
        public long nanoTime() {
            return timer.nanoTime();
        }

        @Override
        public void schedule(Duration delay, Runnable task) {
            timer.schedule(delay, task);
        }

        @Override
        public void close() {}
    }
}
