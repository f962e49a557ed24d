package org.tutti.node.daemon;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.address.AddressException;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.libp2p.behaviour.NetworkBehaviour;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.kad.Kademlia;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.lightclient.peers.PeerAddress;
import org.tutti.lightclient.sync.LightClient;
import org.tutti.musig.keys.SecretKey;
import org.tutti.musig.memory.MemoryProtection;
import org.tutti.musig.musig.SecretNonce;
import org.tutti.node.api.NodeApi;
import org.tutti.node.config.NodeConfig;
import org.tutti.node.events.EventSink;
import org.tutti.node.events.NodeEvent;
import org.tutti.node.files.IoReason;
import org.tutti.node.keystore.NodeKeys;
import org.tutti.node.process.JvmAttach;
import org.tutti.node.process.ProcessProtection;
import org.tutti.signing.journal.FolderJournalFiles;
import org.tutti.signing.journal.Journal;
import org.tutti.signing.journal.JournalHead;
import org.tutti.signing.service.SigningService;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// A signing node while it runs.
///
/// Started in this order, each needing the ones before: data folder (locked) → keys → host →
/// signing service (replays the journal) → the group and its wallet, if one is configured → light
/// client → connections to all members → requests of others, if they are taken → control socket.
/// Closed in the opposite order; a start that fails closes what it had opened.
///
/// Threads: the caller's starts and closes. Everything else belongs to the parts.
public final class Node implements AutoCloseable {
    private final NodeEnd end;
    private final OpenParts open;
    private final EventSink events;
    private final Running running;
    private NodeConfig config;

    private Node(
            NodeConfig config, NodeEnd end, OpenParts open, EventSink events, Running running) {
        this.config = config;
        this.end = end;
        this.open = open;
        this.events = events;
        this.running = running;
    }

    /// What a started node is asked and told.
    private record Running(
            NodeApi api,
            Optional<GroupPart> group,
            Optional<RequestsPart> requests,
            LightClient lightClient,
            AdmittedPeers admitted) {}

    /// Makes an empty journal beside new keys: one that is missing at a later start was lost.
    ///
    /// @param data with the keys
    public static void makeJournal(Path data, SecureRandom random) throws IOException {
        byte[] id = new byte[JournalHead.JOURNAL_ID_BYTES];
        random.nextBytes(id);
        Journal.createIfMissing(
                FolderJournalFiles.open(data.resolve(NodeParts.JOURNAL)), Bytes.wrap(id));
    }

    /// Starts a node.
    ///
    /// @param data its data folder, with keys that [org.tutti.node.keystore.KeyStore] made
    /// @param process what was had for this process; told in the status
    /// @param events told what happens, from many threads
    /// @throws NodeException if it cannot start; nothing is left open then
    public static Node start(
            NodeConfig config, Path data, ProcessProtection process, EventSink events) {
        NodeEnd end = new NodeEnd();
        OpenParts open = new OpenParts();
        try {
            NodeParts parts = new NodeParts(config, data, Clock.systemUTC(), new SecureRandom());
            return new Node(config, end, open, events, start(parts, process, end, open, events));
        } catch (RuntimeException e) {
            open.close();
            throw e;
        }
    }

    private static Running start(
            NodeParts parts,
            ProcessProtection process,
            NodeEnd end,
            OpenParts open,
            EventSink events) {
        NodeConfig config = parts.config();
        open.add(DataFolder.lock(parts.data()));
        NodeKeys keys = open.add(parts.keys());
        Optional<Setup> setup = Setup.ifGroup(config, keys);
        events.emit(started(config, keys));
        Optional<RequestsPart> requests =
                config.requests().map(taken -> new RequestsPart(parts, taken, keys, open, events));
        Optional<Kademlia> dht = parts.dht();
        AdmittedPeers admitted =
                new AdmittedPeers(
                        config.members().stream().map(NodeConfig.MemberConfig::peerId).toList(),
                        config.connections().allow(),
                        dht.isPresent(),
                        requests.map(part -> part::signsWith));
        List<NetworkBehaviour> behaviours = new ArrayList<>();
        dht.ifPresent(behaviours::add);
        requests.ifPresent(part -> behaviours.addAll(part.behaviours()));
        Host host = open.add(parts.host(setup, keys, admitted, behaviours));

        boolean journalIsMissing = !Files.exists(parts.journal());
        SigningService service =
                open.add(
                        parts.signing(
                                keys,
                                host,
                                end::signingStopped,
                                e ->
                                        events.emit(
                                                new NodeEvent.JournalNotCompacted(
                                                        IoReason.of(e)))));
        Optional<GroupPart> group =
                setup.map(found ->
                        new GroupPart(
                                parts,
                                GroupPart.Kind.configured(parts, found, keys),
                                service,
                                open,
                                events));
        if (journalIsMissing) {
            events.emit(new NodeEvent.JournalMissing(parts.journal().toString()));
        }
        NodeParts.listen(host);
        events.emit(listening(host));
        ChainReports chain =
                new ChainReports(
                        new ChainListeners(
                                Stream.concat(
                                                group
                                                        .map(part ->
                                                                part.chain(txid ->
                                                                        isOfRequest(
                                                                                requests, txid)))
                                                        .stream(),
                                                requests.map(RequestsPart::chain).stream())
                                        .toList()),
                        events,
                        end::fail,
                        parts.clock());
        LightClient lightClient = open.add(parts.lightClient(chain));
        group.ifPresent(part -> part.follow(lightClient));
        requests.ifPresent(part -> part.follow(lightClient));
        service.start();
        dht.ifPresent(found ->
                open.add(
                                new DhtServers(
                                        host,
                                        found,
                                        config.connections().bootstrap(),
                                        DhtServers.Timing.DEFAULT))
                        .start());
        Optional<GroupService> groupService = group.map(part -> part.start(host, dht, lightClient));
        Optional<RequestService> requestService =
                requests.map(part -> part.start(host, dht, service, end::requestsStopped));
        NodeApi api =
                new NodeService(
                        new NodeService.Base(
                                config.network().name(),
                                host.peerId().toString(),
                                chain::tip,
                                lightClient::status,
                                host::refusals,
                                () ->
                                        SecretsReport.of(
                                                memoryProtection(), process, JvmAttach.open())),
                        groupService,
                        () -> requests.map(part -> part.formed().all()).orElse(List.of()),
                        requestService);
        group.ifPresent(GroupPart::awaitHolds);
        open.add(parts.control(api));
        group.ifPresent(GroupPart::rebroadcast);
        return new Running(api, group, requests, lightClient, admitted);
    }

    /// Asked anew each time: more memory is asked for when more secrets are alive than before.
    private static MemoryProtection memoryProtection() {
        return SecretKey.memoryProtection().and(SecretNonce.memoryProtection());
    }

    private static boolean isOfRequest(Optional<RequestsPart> requests, Txid txid) {
        return requests.filter(part -> part.follows(txid)).isPresent();
    }

    private static NodeEvent started(NodeConfig config, NodeKeys keys) {
        return new NodeEvent.Started(
                keys.identity().publicKey().peerId().toString(),
                keys.signing().publicKey().bytes().toHex(),
                config.network().name(),
                config.members().size());
    }

    private static NodeEvent listening(Host host) {
        return new NodeEvent.Listening(
                host.peerId().toString(),
                host.listenAddresses().stream().map(Multiaddr::toString).toList());
    }

    /// What this node can be asked, for callers in the same process; [org.tutti.node.control]
    /// serves it to other processes.
    public NodeApi api() {
        return running.api();
    }

    /// Takes over what a running node can of a configuration that was read again (policy, Bitcoin
    /// peers, aliases, who may connect beside the members), and tells what changed.
    public synchronized void reload(NodeConfig again) {
        ConfigChanges changes = ConfigChanges.between(config, again);
        try {
            if (running.group().isPresent()) {
                running.group().get().use(config, again);
            }
            if (running.requests().isPresent()) {
                running.requests().get().formed().use(config, again);
            }
        } catch (AddressException e) {
            // An address of another network: the network differs.
            reloadFailed(String.valueOf(e.getMessage()));
            return;
        }
        running.requests().ifPresent(part -> part.use(again));
        if (!config.bitcoinPeers().equals(again.bitcoinPeers())) {
            usePeers(again);
        }
        running.admitted().allowOnly(again.connections().allow());
        config = again;
        events.emit(new NodeEvent.Reloaded(changes.used(), changes.needRestart()));
    }

    private void usePeers(NodeConfig again) {
        try {
            running.lightClient()
                    .usePeers(
                            again.bitcoinPeers().stream()
                                    .map(peer -> new PeerAddress(peer.host(), peer.port()))
                                    .toList());
        } catch (InterruptedException e) {
            // The node ends.
            Thread.currentThread().interrupt();
        }
    }

    /// The configuration was read again, and it is wrong.
    public void reloadFailed(String reason) {
        events.emit(new NodeEvent.ReloadFailed(reason));
    }

    /// Waits until the node was closed.
    ///
    /// @throws NodeException if it cannot go on; close it
    public void awaitEnd() throws InterruptedException {
        end.await();
    }

    /// Ends everything that was started; the second call does nothing.
    @Override
    public void close() {
        if (open.closeAll()) {
            events.emit(new NodeEvent.Stopped());
        }
        end.end();
    }
}
