package org.tutti.node.daemon;

import org.jspecify.annotations.Nullable;
import org.tutti.bitcoin.address.AddressException;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.coordinator.group.GroupDescriptor;
import org.tutti.coordinator.group.GroupKeys;
import org.tutti.coordinator.group.GroupView;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.kad.Kademlia;
import org.tutti.lightclient.broadcast.BroadcastEvent;
import org.tutti.lightclient.sync.ChainListener;
import org.tutti.lightclient.sync.LightClient;
import org.tutti.musig.keys.ExtendedPrivateKey;
import org.tutti.node.config.NodeConfig;
import org.tutti.node.config.NodeConfig.PolicyConfig;
import org.tutti.node.events.EventSink;
import org.tutti.node.events.NodeEvent;
import org.tutti.node.files.IoReason;
import org.tutti.signing.service.SigningService;
import org.tutti.wallet.coins.CoinRescan;
import org.tutti.wallet.coins.LateChain;
import org.tutti.wallet.policy.StatedPolicyApproval;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;

/// The groups that strangers have formed with this node: each has what the configured group has,
/// from its forming on and after each start. What one of them cannot have ends that one alone, and
/// is told.
///
/// Threads: groups are added one after the other, under the lock of `this`; the light client's
/// thread tells the chain. The lock `chain` guards the chain's end and who is told of it; under it
/// a group that is added is told the end, and nothing else is done.
final class FormedGroups implements ChainListener {
    /// What it needs that is started after it was made.
    private record Started(
            Host host, Optional<Kademlia> dht, SigningService signing, LightClient lightClient) {}

    private final NodeParts parts;
    private final GroupKeys keys;
    private final OpenParts open;
    private final EventSink events;
    private final List<FormedGroup> groups = new CopyOnWriteArrayList<>();
    private final List<GroupPart> opened = new CopyOnWriteArrayList<>();
    private final List<ExtendedPrivateKey> secrets = new ArrayList<>();

    /// The members of what is there and of what is just being added: who may open streams.
    private final Set<PeerId> peers = ConcurrentHashMap.newKeySet();

    /// The ids of what was added, or could not be.
    private final Set<String> seen = ConcurrentHashMap.newKeySet();

    /// That a user may have changed since the start.
    private volatile NodeConfig config;

    private @Nullable Started started;

    private final Object chain = new Object();
    private final List<LateChain> chains = new ArrayList<>();
    private int tip = -1;
    private @Nullable BlockHash tipHash;

    /// To be made before the signing service, which is closed before the secrets are.
    FormedGroups(NodeParts parts, OpenParts open, EventSink events) {
        this.parts = parts;
        this.keys = parts.groupKeys();
        this.open = open;
        this.events = events;
        this.config = parts.config();
        open.add(this::wipe);
    }

    private synchronized void wipe() {
        secrets.forEach(ExtendedPrivateKey::close);
    }

    /// Groups can be added from now on.
    synchronized void start(
            Host host, Optional<Kademlia> dht, SigningService signing, LightClient lightClient) {
        started = new Started(host, dht, signing, lightClient);
    }

    /// All that are there.
    List<FormedGroup> all() {
        return List.copyOf(groups);
    }

    /// Whether a peer is a member of one.
    boolean hasPeer(PeerId peer) {
        return peers.contains(peer);
    }

    /// Whether a transaction is a payment of one.
    boolean follows(Txid txid) {
        return opened.stream().anyMatch(part -> part.follows(txid));
    }

    /// Takes over what a running node can of a configuration that was read again.
    ///
    /// @throws AddressException as [GroupPart#use]
    synchronized void use(NodeConfig before, NodeConfig again) throws AddressException {
        config = again;
        for (GroupPart part : opened) {
            part.use(before, again);
        }
    }

    /// Takes part in a group from now on; once, however often it is told. Does nothing where the
    /// group is not formed.
    synchronized void add(GroupView view) {
        Started with = started;
        if (with == null || view.descriptor().isEmpty()) {
            return;
        }
        GroupDescriptor descriptor = view.descriptor().get();
        String id = descriptor.id().toHex();
        if (!seen.add(id)) {
            return;
        }
        try {
            groups.add(open(view, descriptor, with));
        } catch (NodeException e) {
            unusable(id, e.code(), String.valueOf(e.getMessage()));
        } catch (IOException e) {
            unusable(id, "GROUP_IO", "its key or its files cannot be used: " + IoReason.of(e));
        } catch (IllegalStateException e) {
            unusable(id, "CANNOT_JOIN", String.valueOf(e.getMessage()));
        }
    }

    private void unusable(String id, String code, String reason) {
        events.emit(new NodeEvent.GroupUnusable(id, code, reason));
    }

    private FormedGroup open(GroupView view, GroupDescriptor descriptor, Started with)
            throws IOException {
        NodeParts now = new NodeParts(config, parts.data(), parts.clock(), parts.random());
        ExtendedPrivateKey secret =
                keys.find(descriptor.proposal())
                        .orElseThrow(() ->
                                new NodeException(
                                        "KEY_LOST",
                                        NodeException.Kind.ENVIRONMENT,
                                        "this node's key of the group is not there"));
        secrets.add(secret);
        Setup setup = Setup.formed(descriptor, config, with.host().peerId(), secret.publicKey());
        parts.groupList().add(new GroupList.Known(setup.group().id(), descriptor.id()));
        setup.others().forEach(member -> peers.add(member.peerId()));
        BooleanSupplier signs = () -> namedPolicy(view) && hasPolicy();
        AtomicReference<@Nullable LateChain> late = new AtomicReference<>();
        GroupPart part =
                new GroupPart(
                        now,
                        new GroupPart.Kind(
                                setup,
                                "group-" + descriptor.id().toHex(),
                                secret.secretKey(),
                                now.approved(descriptor.id()),
                                Optional.of(
                                        new GroupService.Formed(
                                                descriptor.id().toHex(),
                                                descriptor.proposal().toString(),
                                                descriptor.name())),
                                () -> isCaughtUp(late.get()),
                                approval -> StatedPolicyApproval.around(approval, signs)),
                        with.signing(),
                        open,
                        new GroupEvents(events, descriptor.id().toHex()));
        LateChain blocks =
                new LateChain(part.chain(txid -> !part.follows(txid)), descriptor.birthday());
        late.set(blocks);
        part.follow(with.lightClient());
        GroupService service = part.start(with.host(), with.dht(), with.lightClient());
        part.awaitHolds();
        follow(blocks);
        open.add(new CoinRescan(blocks, with.lightClient()::fetch, CoinRescan.PAUSE, Duration.ZERO))
                .start();
        part.rebroadcast();
        opened.add(part);
        return new FormedGroup(service, blocks, signs);
    }

    private static boolean isCaughtUp(@Nullable LateChain chain) {
        return chain != null && chain.isCaughtUp();
    }

    /// What this node told the others when it became a member.
    private static boolean namedPolicy(GroupView view) {
        return view.members().stream()
                .filter(GroupView.MemberView::self)
                .anyMatch(member -> member.policy().filter(words -> !words.isBlank()).isPresent());
    }

    private boolean hasPolicy() {
        return !config.policy().equals(PolicyConfig.NOTHING);
    }

    // --- the chain

    private void follow(LateChain blocks) {
        synchronized (chain) {
            chains.add(blocks);
            blocks.begin(tip, tipHash);
        }
    }

    /// What is told of a new end of the chain, to all that began before it.
    private List<LateChain> at(int height, BlockHash hash) {
        synchronized (chain) {
            tip = height;
            tipHash = hash;
            return List.copyOf(chains);
        }
    }

    private List<LateChain> chains() {
        synchronized (chain) {
            return List.copyOf(chains);
        }
    }

    @Override
    public void blockConnected(int height, BlockHeader header, Block block) {
        at(height, header.hash()).forEach(late -> late.blockConnected(height, header, block));
    }

    @Override
    public void blockDisconnected(int height, BlockHeader header) {
        at(height - 1, header.previous()).forEach(late -> late.blockDisconnected(height, header));
    }

    @Override
    public void tip(int height, BlockHash hash) {
        chains().forEach(late -> late.tip(height, hash));
    }

    @Override
    public void broadcast(BroadcastEvent event) {
        chains().forEach(late -> late.broadcast(event));
    }
}
