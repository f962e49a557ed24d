package org.tutti.node.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.bitcoin.address.Address;
import org.tutti.bitcoin.descriptor.MusigDescriptor;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.psbt.Psbt;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.FeeRate;
import org.tutti.bitcoin.units.Sat;
import org.tutti.coordinator.event.RequestPhase;
import org.tutti.coordinator.event.SignerState;
import org.tutti.coordinator.group.GroupPhase;
import org.tutti.coordinator.service.Coordinator;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.kad.Kademlia;
import org.tutti.libp2p.kad.record.SignedRecordValidator;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.musig.keys.PublicKey;
import org.tutti.node.api.AdvertOrder;
import org.tutti.node.api.ApiException;
import org.tutti.node.api.GroupExport;
import org.tutti.node.api.GroupInfo;
import org.tutti.node.api.GroupOrder;
import org.tutti.node.api.RequestInfo;
import org.tutti.node.api.RequestOrder;
import org.tutti.node.api.SessionEvents;
import org.tutti.node.api.SessionInfo;
import org.tutti.node.api.SessionWatch;
import org.tutti.node.api.SignerInfo;
import org.tutti.node.api.SignerQuery;
import org.tutti.node.api.Signers;
import org.tutti.node.config.ConfigReader;
import org.tutti.node.control.ControlClient;
import org.tutti.node.events.NodeEvent;
import org.tutti.node.keystore.KeyStore;
import org.tutti.node.keystore.NodeKeys;
import org.tutti.node.process.ProcessProtection;
import org.tutti.regtest.RegtestEvents;
import org.tutti.regtest.RegtestNode;
import org.tutti.wallet.coins.GroupWallet;
import org.tutti.wallet.request.RequestDrafts;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/// Whole nodes that share no group, in this process, with servers of a DHT and a Bitcoin peer;
/// asked over their control sockets.
@Timeout(180)
class RequestNodesTest {
    private static final Script NOBODYS_SCRIPT =
            Script.fromHex("512050929b74c1a04954b78b4b6035e97a5e078a5a0f28ec96d547bfee9ace803ac0");

    /// One signer.
    private final class Signer {
        final String name;
        final PublicKey key;
        final RecordedEvents events = new RecordedEvents();
        private final String mode;
        private @Nullable Node node;

        void stop() throws Exception {
            Objects.requireNonNull(node, "it was not started").close();
        }

        /// The `[policy]` table, for groups that strangers form.
        String policy = "";

        Signer(String name, String mode) throws Exception {
            this.name = name;
            this.mode = mode;
            Path data = folder.resolve(name);
            try (NodeKeys keys = new KeyStore(data).create(Network.REGTEST, new SecureRandom())) {
                key = keys.signing().publicKey();
            }
            Node.makeJournal(data, new SecureRandom());
        }

        Node start() throws Exception {
            Path config = folder.resolve(name + ".toml");
            Files.writeString(
                    config,
                    """
                    listen = "/ip4/127.0.0.1/tcp/0"
                    network = "regtest"
                    birthday = 0
                    [bitcoin]
                    peers = ["%s:%d"]
                    [dht]
                    bootstrap = [%s]
                    [requests]
                    mode = "%s"
                    max_amount_sat = 10_000_000_000
                    max_fee_sat = 100_000
                    any_destination = true
                    raw = true
                    %s
                    [requests.contacts]
                    alice = "%s"
                    """
                            .formatted(
                                    bitcoin.host(),
                                    bitcoin.port(),
                                    String.join(", ", bootstrap()),
                                    mode,
                                    policy,
                                    signers.getFirst().key.bytes().toHex()));
            Node node =
                    Node.start(
                            ConfigReader.read(config),
                            folder.resolve(name),
                            ProcessProtection.NOT_ASKED_FOR,
                            events);
            open.push(node);
            this.node = node;
            return node;
        }

        ControlClient ask() {
            return new ControlClient(folder.resolve(name), Duration.ofSeconds(30));
        }
    }

    @TempDir Path folder;

    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private final List<Host> servers = new ArrayList<>();
    private final List<Signer> signers = new ArrayList<>();
    private final RegtestNode bitcoin;

    RequestNodesTest() throws Exception {
        bitcoin = RegtestNode.start(0, new RegtestEvents() {});
        open.push(bitcoin);
    }

    private void servers(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            Kademlia dht =
                    Kademlia.builder()
                            .mode(Kademlia.Mode.SERVER)
                            .validator(
                                    new SignedRecordValidator(
                                            Network.REGTEST.id(), Coordinator.DHT_NAMESPACE))
                            .validator(
                                    new SignedRecordValidator(
                                            Network.REGTEST.id(), Coordinator.ADVERT_NAMESPACE))
                            .build();
            Host host =
                    Host.builder()
                            .identity(Keys.generate(KeyType.ED25519, new SecureRandom()))
                            .listen(Multiaddr.parse("/ip4/127.0.0.1/tcp/0"))
                            .behaviour(dht)
                            .build();
            open.push(host);
            host.start();
            if (!servers.isEmpty()) {
                dht.bootstrap(servers.stream().flatMap(h -> h.addresses().stream()).toList());
            }
            servers.add(host);
        }
    }

    private List<String> bootstrap() {
        return servers.stream().map(host -> "\"" + host.addresses().getFirst() + "\"").toList();
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable part : open) {
            part.close();
        }
    }

    private List<String> keys() {
        return signers.stream().map(signer -> signer.key.bytes().toHex()).toList();
    }

    /// Spends the only coin of the keys.
    private Psbt spend() throws Exception {
        GroupWallet wallet =
                GroupWallet.of(
                        signers.stream().map(signer -> signer.key).toList(), Network.REGTEST);
        bitcoin.mine(1, wallet.scriptPubKey());
        int height = bitcoin.height();
        bitcoin.mine(100, NOBODYS_SCRIPT);
        Transaction coinbase = bitcoin.block(height).transactions().getFirst();
        return RequestDrafts.spend(
                wallet,
                new OutPoint(coinbase.txid(), 0),
                coinbase.outputs().getFirst().value(),
                new TxOut(Sat.of(1_000_000_000), NOBODYS_SCRIPT),
                FeeRate.satPerVirtualByte(2));
    }

    @Test
    void strangersBecomeAGroupThatTheirConfigurationsDoNotName() throws Exception {
        servers(3);
        for (String name : List.of("alice", "bob", "carol")) {
            signers.add(new Signer(name, "ask"));
        }
        for (Signer signer : signers) {
            signer.start();
        }
        ControlClient alice = signers.get(0).ask();
        List<String> members = new ArrayList<>();
        for (Signer other : signers.subList(1, 3)) {
            members.add(other.key.bytes().toHex() + "@" + other.ask().status().peerId());
        }
        GroupInfo proposed =
                alice.proposeGroup(
                        new GroupOrder(
                                "savings",
                                members,
                                Optional.empty(),
                                Optional.of(0L),
                                Optional.of("nothing by itself"),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty()));
        assertThat(proposed.phase()).isEqualTo(GroupPhase.CONSENTED);
        assertThat(proposed.members()).hasSize(3);
        assertThatExceptionOfType(ApiException.class)
                .isThrownBy(() -> alice.exportGroup(proposed.proposal()))
                .satisfies(e -> assertThat(e.code()).isEqualTo("NOT_FORMED"));
        // They find each other's addresses in the DHT.
        for (Signer other : signers.subList(1, 3)) {
            other.events.await(NodeEvent.GroupProposed.class);
            GroupInfo consented =
                    other.ask().consentToGroup(proposed.proposal().substring(0, 8), "");
            assertThat(consented.own()).isFalse();
        }
        List<GroupExport> exports = new ArrayList<>();
        for (Signer signer : signers) {
            NodeEvent.GroupFormed formed = signer.events.await(NodeEvent.GroupFormed.class);
            GroupExport export = signer.ask().exportGroup(formed.descriptor());
            assertThat(export.address()).isEqualTo(formed.address()).startsWith("bcrt1p");
            assertThat(signer.ask().group(proposed.proposal()).address())
                    .contains(formed.address());
            exports.add(export);
        }
        assertThat(exports).containsOnly(exports.getFirst());
        MusigDescriptor imported = MusigDescriptor.parse(exports.getFirst().descriptor());
        assertThat(Address.of(imported.script(0, 0), Network.REGTEST).text())
                .isEqualTo(exports.getFirst().address());
        oneLosesItsDisk(signers.get(2), exports.getFirst());
        oneLeaves(exports.getFirst());
    }

    /// All but its keys.
    private void oneLosesItsDisk(Signer carol, GroupExport group) throws Exception {
        carol.stop();
        Path data = folder.resolve(carol.name);
        try (Stream<Path> files = Files.walk(data)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                if (!file.equals(data) && !data.relativize(file).startsWith("keys")) {
                    Files.delete(file);
                }
            }
        }
        carol.start();
        assertThat(carol.ask().groups().groups())
                .noneMatch(known -> known.phase() == GroupPhase.FORMED);
        assertThatExceptionOfType(ApiException.class)
                .isThrownBy(() -> carol.ask().importGroup("00"))
                .satisfies(e -> assertThat(e.code()).isEqualTo("BAD_RECORD"));
        GroupInfo back = carol.ask().importGroup(group.record());
        assertThat(back.phase()).isEqualTo(GroupPhase.FORMED);
        assertThat(back.address()).contains(group.address());
        assertThat(carol.events.await(NodeEvent.GroupFormed.class).descriptor())
                .isEqualTo(group.id());
        assertThat(carol.ask().exportGroup(group.id())).isEqualTo(group);
    }

    /// Carol leaves, and the others go on without her: under other keys, at another address.
    private void oneLeaves(GroupExport old) throws Exception {
        Signer alice = signers.get(0);
        Signer bob = signers.get(1);
        Signer carol = signers.get(2);
        GroupInfo next =
                alice.ask()
                        .proposeGroup(
                                new GroupOrder(
                                        "savings of two",
                                        List.of(bob.key.bytes().toHex()),
                                        Optional.empty(),
                                        Optional.of(0L),
                                        Optional.empty(),
                                        Optional.empty(),
                                        Optional.of(old.id().substring(0, 8)),
                                        Optional.empty()));
        assertThat(next.epoch()).isEqualTo(2);
        assertThat(next.previous()).contains(old.id());
        assertThat(next.leaving())
                .extracting(GroupInfo.Member::key)
                .containsExactly(carol.key.bytes().toHex());
        for (Signer other : List.of(bob, carol)) {
            other.events.await(NodeEvent.GroupProposed.class);
            other.ask().consentToGroup(next.proposal(), "");
        }
        NodeEvent.GroupFormed formed = alice.events.await(NodeEvent.GroupFormed.class);
        assertThat(formed.epoch()).isEqualTo(2);
        assertThat(formed.previous()).isEqualTo(old.id());
        assertThat(formed.address()).isNotEqualTo(old.address());
        assertThat(bob.events.await(NodeEvent.GroupFormed.class)).isEqualTo(formed);
        NodeEvent.GroupLeft left = carol.events.await(NodeEvent.GroupLeft.class);
        assertThat(left.successor()).isEqualTo(formed.descriptor());
        assertThat(carol.ask().group(next.proposal()).phase()).isEqualTo(GroupPhase.LEFT);
        for (Signer signer : signers) {
            GroupInfo before = signer.ask().group(old.id());
            assertThat(before.successor()).contains(formed.descriptor());
            assertThat(before.address()).contains(old.address());
        }
    }

    @Test
    void signersWithoutAGroupSignARequestAndItsTransactionIsConfirmed() throws Exception {
        servers(3);
        signers.add(new Signer("alice", "rules"));
        signers.add(new Signer("bob", "rules"));
        signers.add(new Signer("carol", "ask"));
        Psbt psbt = spend();
        for (Signer signer : signers) {
            signer.start();
            signer.events.awaitTip(101);
        }
        Signer alice = signers.get(0);
        Signer carol = signers.get(2);
        RequestInfo made = alice.ask().createRequest(RequestOrder.of(keys(), psbt.toBase64()));
        String id = made.request();
        assertThat(made.own()).isTrue();
        assertThat(made.amountSat()).isGreaterThan(1_000_000_000L).isLessThan(1_000_100_000L);
        assertThat(made.address().map(this::script))
                .contains(psbt.prevouts().getFirst().scriptPubKey());
        assertThat(alice.events.await(NodeEvent.RequestCreated.class).request()).isEqualTo(id);

        NodeEvent.RequestArrived arrived = carol.events.await(NodeEvent.RequestArrived.class);
        assertThat(arrived.request()).isEqualTo(id);
        assertThat(arrived.requester()).isEqualTo(alice.key.bytes().toHex());
        NodeEvent.ApprovalNeeded needed = carol.events.await(NodeEvent.ApprovalNeeded.class);
        assertThat(needed.summary()).isNotEmpty();
        RequestInfo waits = carol.ask().request(id.substring(0, 8));
        assertThat(waits.phase()).isEqualTo(RequestPhase.AWAITING_APPROVAL);
        assertThat(waits.signers())
                .extracting(RequestInfo.Signer::name)
                .containsOnlyOnce(Optional.of("alice"));
        assertThat(carol.ask().status().requests().orElseThrow()).hasSize(1);
        carol.ask().joinRequest(id);

        for (Signer signer : signers) {
            signer.events.await(NodeEvent.SessionReady.class);
        }
        assertThat(alice.events.await(NodeEvent.Announced.class).inputs()).isEqualTo(1);
        String txid = "";
        for (Signer signer : signers) {
            NodeEvent.Finalized done = signer.events.await(NodeEvent.Finalized.class);
            assertThat(done.request()).isEqualTo(id);
            NodeEvent.Signed signed = signer.events.await(NodeEvent.Signed.class);
            assertThat(signed.prevouts()).hasSize(1);
            assertThat(signed.inputs().getFirst().signature())
                    .isEqualTo(done.signatures().getFirst());
            txid = signed.txid();
            signer.events.await(NodeEvent.Checked.class);
        }
        SessionInfo session = carol.ask().session(id);
        assertThat(session.phase()).isEqualTo(SessionInfo.Phase.SIGNED);
        assertThat(carol.ask().sessions().sessions()).hasSize(1);
        SessionEvents seen =
                carol.ask().sessionEvents(new SessionWatch(Optional.of(0L), Optional.of(id), 0));
        assertThat(seen.lines().getFirst()).contains("\"event\":\"request-arrived\"");
        assertThat(seen.lines()).anyMatch(line -> line.contains("\"event\":\"finalized\""));

        // The requester and the elected signer send it at once: the peer asks one of them for it.
        alice.events.awaitAny(List.of(NodeEvent.Broadcast.class, NodeEvent.BroadcastSeen.class));
        assertThat(signers).allMatch(signer -> signer.events.has(NodeEvent.RequestJoined.class));
        assertThat(signers.stream().filter(s -> s.events.has(NodeEvent.ShouldBroadcast.class)))
                .hasSize(1);
        while (bitcoin.mempool().isEmpty()) {
            Thread.sleep(10); // It was asked for, and is on its way.
        }
        bitcoin.mine(6, NOBODYS_SCRIPT);
        for (Signer signer : signers) {
            NodeEvent.Confirmed confirmed = signer.events.await(NodeEvent.Confirmed.class);
            assertThat(confirmed.txid()).isEqualTo(txid);
            assertThat(signer.events.await(NodeEvent.BroadcastConfirmed.class).request())
                    .isEqualTo(id);
            assertThat(signer.events.await(NodeEvent.SessionClosed.class).request()).isEqualTo(id);
            assertThat(signer.ask().requests().requests()).isEmpty();
        }
        assertThatExceptionOfType(ApiException.class)
                .isThrownBy(() -> alice.ask().address())
                .satisfies(e -> assertThat(e.code()).isEqualTo("NO_GROUP"));
        Instant before = Instant.now();
        assertThat(Instant.parse(alice.ask().acceptClock().time())).isAfterOrEqualTo(before);
    }

    @Test
    void aNodeAdvertisesAndAnotherFindsItAndIsToldWhatBecomesOfIt() throws Exception {
        servers(3);
        signers.add(new Signer("alice", "ask"));
        signers.add(new Signer("bob", "ask"));
        Signer alice = signers.get(0);
        Signer bob = signers.get(1);
        Node alices = alice.start();
        bob.start();
        String key = alice.key.bytes().toHex();

        notFound(
                () -> alice.ask().advertise(AdvertOrder.of(List.of("barter"), "alice")),
                "BAD_REQUEST");
        SignerInfo made = alice.ask().advertise(AdvertOrder.of(List.of("swap"), "alice"));
        assertThat(made.key()).isEqualTo(key);
        assertThat(alice.events.await(NodeEvent.SignerAdvertised.class).signer()).isEqualTo(key);
        SignerQuery query = SignerQuery.of(List.of("swap"));
        Signers found = bob.ask().findSigners(query);
        for (int i = 0; found.signers().isEmpty() && i < 100; i++) {
            Thread.sleep(100);
            found = bob.ask().findSigners(query);
        }
        assertThat(found.signers()).hasSize(1);
        assertThat(found.signers().getFirst().key()).isEqualTo(key);
        assertThat(found.signers().getFirst().contact()).contains("alice");
        assertThat(found.signers().getFirst().via()).contains("dht");
        NodeEvent.SignerDiscovered discovered = bob.events.await(NodeEvent.SignerDiscovered.class);
        assertThat(discovered.nickname()).isEqualTo("alice");
        assertThat(discovered.via()).isEqualTo("dht");
        assertThat(bob.ask().findSigners(SignerQuery.of(List.of("escrow"))).signers()).isEmpty();

        // Asked by what its advert says, it is connected, and tells what is new.
        String request = bob.ask().createRequest(raw(600)).request();
        assertThat(alice.events.await(NodeEvent.ApprovalNeeded.class).request()).isEqualTo(request);
        alice.ask().advertise(AdvertOrder.of(List.of("swap"), "alicia"));
        assertThat(bob.events.await(NodeEvent.SignerUpdated.class).nickname()).isEqualTo("alicia");
        assertThat(alice.ask().withdrawAdvert().advertised()).isTrue();
        assertThat(bob.events.await(NodeEvent.SignerWithdrawn.class).signer()).isEqualTo(key);
        alice.ask().advertise(AdvertOrder.of(List.of("swap"), "alice"));
        bob.events.await(NodeEvent.SignerDiscovered.class);
        alices.close();
        assertThat(bob.events.await(NodeEvent.SignerUnavailable.class).reason())
                .isEqualTo("disconnected");
        SessionEvents seen =
                bob.ask().signerEvents(new SessionWatch(Optional.of(0L), Optional.of(key), 0));
        assertThat(seen.lines()).hasSizeGreaterThanOrEqualTo(5);
    }

    @Test
    void whatPeopleDecideAndWhatBecomesOfItIsTold() throws Exception {
        servers(3);
        signers.add(new Signer("alice", "ask"));
        signers.add(new Signer("bob", "ask"));
        Signer alice = signers.get(0);
        Signer bob = signers.get(1);
        alice.start();
        Node bobs = bob.start();

        String refused = alice.ask().createRequest(raw(60)).request();
        assertThat(alice.events.await(NodeEvent.ParticipantConnected.class).signer())
                .isEqualTo(bob.key.bytes().toHex());
        bob.events.await(NodeEvent.ApprovalNeeded.class);
        assertThat(bob.ask().refuseRequest(refused, "not today").request()).isEqualTo(refused);
        for (Signer signer : signers) {
            NodeEvent.RequestRefused told = signer.events.await(NodeEvent.RequestRefused.class);
            assertThat(told.signer()).isEqualTo(bob.key.bytes().toHex());
            assertThat(told.code()).isEqualTo("REFUSED_BY_OPERATOR");
            assertThat(told.reason()).isEqualTo("not today");
            signer.events.await(NodeEvent.SessionClosed.class);
        }
        notFound(() -> bob.ask().joinRequest(refused), "NO_SUCH_REQUEST");

        String withdrawn = alice.ask().createRequest(raw(60)).request();
        bob.events.await(NodeEvent.ApprovalNeeded.class);
        notFound(() -> bob.ask().withdrawRequest(withdrawn, ""), "NOT_OURS");
        awaitState(alice, withdrawn, SignerState.AWAITING_APPROVAL);
        alice.ask().withdrawRequest(withdrawn, "paid otherwise");
        for (Signer signer : signers) {
            assertThat(signer.events.await(NodeEvent.RequestWithdrawn.class).reason())
                    .isEqualTo("paid otherwise");
        }

        String signed = alice.ask().createRequest(raw(600)).request();
        bob.events.await(NodeEvent.ApprovalNeeded.class);
        bob.ask().joinRequest(signed);
        NodeEvent.SessionCreated session = alice.events.await(NodeEvent.SessionCreated.class);
        assertThat(bob.events.await(NodeEvent.SessionJoined.class).session())
                .isEqualTo(session.session());
        for (Signer signer : signers) {
            signer.events.await(NodeEvent.Round1Complete.class);
            signer.events.await(NodeEvent.Round2Complete.class);
            assertThat(signer.events.await(NodeEvent.Finalized.class).signatures()).hasSize(1);
        }

        String expiring = alice.ask().createRequest(raw(8)).request();
        bob.events.await(NodeEvent.ApprovalNeeded.class);
        bobs.close();
        assertThat(alice.events.await(NodeEvent.ParticipantDisconnected.class).signer())
                .isEqualTo(bob.key.bytes().toHex());
        assertThat(alice.events.await(NodeEvent.RequestExpired.class).request())
                .isEqualTo(expiring);
    }

    @Test
    void coinsFromBeforeARequestAreFoundByWhoeverHasJoinedIt() throws Exception {
        servers(3);
        signers.add(new Signer("alice", "rules"));
        signers.add(new Signer("bob", "ask"));
        Signer alice = signers.get(0);
        Signer bob = signers.get(1);
        GroupWallet wallet =
                GroupWallet.of(
                        signers.stream().map(signer -> signer.key).toList(), Network.REGTEST);
        bitcoin.mine(2, NOBODYS_SCRIPT);
        bitcoin.mine(1, wallet.scriptPubKey());
        bitcoin.mine(3, NOBODYS_SCRIPT);
        String txid = bitcoin.block(3).transactions().getFirst().txid().toString();
        for (Signer signer : signers) {
            signer.start();
            signer.events.awaitTip(6);
        }
        String id =
                alice.ask()
                        .createRequest(
                                order(keys(), List.of("42".repeat(32)), 600, Optional.of(2L)))
                        .request();
        NodeEvent.RequestCoin found = alice.events.await(NodeEvent.RequestCoin.class);
        assertThat(found.txid()).isEqualTo(txid);
        assertThat(found.state()).isEqualTo(NodeEvent.CoinState.RECEIVED);
        bob.events.await(NodeEvent.ApprovalNeeded.class);
        // What others only ask for has no block fetched.
        assertThat(bob.events.take()).noneMatch(NodeEvent.RequestCoin.class::isInstance);
        bob.ask().joinRequest(id);
        assertThat(bob.events.await(NodeEvent.RequestCoin.class).txid()).isEqualTo(txid);
    }

    /// Signed by rules, for a coin that does not exist: no time frees it, and the operator does.
    @Test
    void whatWasSignedForACoinThatNeverCameIsHeldUntilTheOperatorReleasesIt() throws Exception {
        servers(3);
        signers.add(new Signer("alice", "rules"));
        signers.add(new Signer("bob", "rules"));
        for (Signer signer : signers) {
            signer.start();
        }
        Signer alice = signers.get(0);
        GroupWallet wallet =
                GroupWallet.of(
                        signers.stream().map(signer -> signer.key).toList(), Network.REGTEST);
        Psbt psbt =
                RequestDrafts.spend(
                        wallet,
                        new OutPoint(Txid.hashOf(new byte[] {1}), 0),
                        Sat.of(2_000_000_000),
                        new TxOut(Sat.of(1_000_000_000), NOBODYS_SCRIPT),
                        FeeRate.satPerVirtualByte(2));
        String id = alice.ask().createRequest(RequestOrder.of(keys(), psbt.toBase64())).request();
        notFound(() -> alice.ask().releaseRequest(id), "NOT_WAITING");
        for (Signer signer : signers) {
            signer.events.await(NodeEvent.Finalized.class);
        }
        assertThat(alice.ask().request(id).phase()).isEqualTo(RequestPhase.SIGNED);
        bitcoin.mine(8, NOBODYS_SCRIPT);
        alice.events.awaitTip(8);
        assertThat(alice.ask().request(id).phase()).isEqualTo(RequestPhase.SIGNED);

        assertThat(alice.ask().releaseRequest(id).request()).isEqualTo(id);
        alice.events.await(NodeEvent.SessionClosed.class);
        notFound(() -> alice.ask().request(id), "NO_SUCH_REQUEST");
        // Each operator for itself.
        assertThat(signers.get(1).ask().request(id).phase()).isEqualTo(RequestPhase.SIGNED);
        // The coin is free for another request.
        String again =
                alice.ask().createRequest(RequestOrder.of(keys(), psbt.toBase64())).request();
        assertThat(again).isNotEqualTo(id);
        assertThat(alice.events.await(NodeEvent.RequestJoined.class).request()).isEqualTo(again);
    }

    @Test
    void whatIsNoRequestIsRefusedAndNothingIsMade() throws Exception {
        servers(1);
        signers.add(new Signer("alice", "ask"));
        signers.add(new Signer("bob", "ask"));
        signers.getFirst().start();
        ControlClient alice = signers.getFirst().ask();
        String bob = signers.getLast().key.bytes().toHex();
        bad(alice, order(List.of(bob), List.of("00".repeat(32)), 60), "keys: this node's own");
        bad(alice, order(List.of("alice", "zoe"), List.of("00".repeat(32)), 60), "zoe: neither");
        bad(alice, order(List.of("alice", bob), List.of("00"), 60), "hashes: 64 hex digits");
        bad(alice, order(List.of("alice", bob), List.of("00".repeat(32)), 0), "expirySeconds");
        bad(alice, order(List.of("alice", bob), List.of(), 60), "");
        notFound(
                () -> alice.createRequest(RequestOrder.of(List.of("alice", bob), "cHNidP8=")),
                "BAD_PSBT");
        notFound(() -> alice.request("00".repeat(32)), "NO_SUCH_REQUEST");
        notFound(() -> alice.session("00".repeat(32)), "NO_SUCH_SESSION");
        notFound(
                () ->
                        alice.sessionEvents(
                                new SessionWatch(Optional.empty(), Optional.empty(), 20_001)),
                "BAD_REQUEST");
        assertThat(alice.requests().requests()).isEmpty();
    }

    /// Until the other signer is known to be in this state.
    private static void awaitState(Signer signer, String request, SignerState state)
            throws Exception {
        while (signer.ask().request(request).signers().stream()
                .filter(other -> !other.self())
                .noneMatch(other -> other.state() == state)) {
            Thread.sleep(20); // The test's own time limit ends it.
        }
    }

    private static void bad(ControlClient node, RequestOrder order, String reason) {
        assertThatExceptionOfType(ApiException.class)
                .isThrownBy(() -> node.createRequest(order))
                .satisfies(e -> assertThat(e.code()).isIn("BAD_REQUEST", "INVALID"))
                .withMessageContaining(reason);
    }

    /// Something that a node refuses.
    @FunctionalInterface
    private interface Asked {
        Record ask() throws ApiException;
    }

    private static void notFound(Asked asked, String code) {
        assertThatExceptionOfType(ApiException.class)
                .isThrownBy(asked::ask)
                .satisfies(e -> assertThat(e.code()).isEqualTo(code));
    }

    private RequestOrder raw(long seconds) {
        return order(keys(), List.of("42".repeat(32)), seconds);
    }

    private static RequestOrder order(List<String> keys, List<String> hashes, long seconds) {
        return order(keys, hashes, seconds, Optional.empty());
    }

    private static RequestOrder order(
            List<String> keys, List<String> hashes, long seconds, Optional<Long> birthday) {
        return new RequestOrder(
                keys,
                Optional.empty(),
                Optional.of(hashes),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(seconds),
                birthday);
    }

    private Script script(String address) {
        try {
            return Address.parse(address, Network.REGTEST).scriptPubKey();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
