package org.tutti.node.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.bitcoin.address.Address;
import org.tutti.bitcoin.descriptor.MusigDescriptor;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.script.Script;
import org.tutti.coordinator.service.Coordinator;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.kad.Kademlia;
import org.tutti.libp2p.kad.record.SignedRecordValidator;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.musig.keys.PublicKey;
import org.tutti.node.api.ApiException;
import org.tutti.node.api.GroupOrder;
import org.tutti.node.api.NodeStatus;
import org.tutti.node.api.PayRequest;
import org.tutti.node.api.PaymentResult;
import org.tutti.node.config.ConfigReader;
import org.tutti.node.control.ControlClient;
import org.tutti.node.events.NodeEvent;
import org.tutti.node.keystore.KeyStore;
import org.tutti.node.keystore.NodeKeys;
import org.tutti.node.process.ProcessProtection;
import org.tutti.regtest.RegtestEvents;
import org.tutti.regtest.RegtestNode;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/// Whole nodes in this process that know a server of a DHT and nothing of each other: they become a
/// group, and its money is theirs to spend.
@Timeout(180)
class FormedGroupNodesTest {
    private static final Script NOBODYS_SCRIPT =
            Script.fromHex("512050929b74c1a04954b78b4b6035e97a5e078a5a0f28ec96d547bfee9ace803ac0");
    private static final long BLOCK_REWARD = 5_000_000_000L;

    private static final String POLICY =
            """
            [policy]
            max_amount_sat = 8_000_000_000
            max_amount_per_day_sat = 20_000_000_000
            max_fee_sat = 100_000
            any_destination = true
            """;

    @TempDir Path folder;

    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private final RegtestNode bitcoin;
    private final String bootstrap;
    private final List<Signer> signers = new ArrayList<>();

    FormedGroupNodesTest() throws Exception {
        bitcoin = RegtestNode.start(0, new RegtestEvents() {});
        open.push(bitcoin);
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
        bootstrap = host.addresses().getFirst().toString();
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable part : open) {
            part.close();
        }
    }

    /// One of them.
    private final class Signer {
        final String name;
        final PublicKey key;
        final RecordedEvents events = new RecordedEvents();
        private Optional<Node> node = Optional.empty();

        Signer(String name) throws Exception {
            this.name = name;
            Path data = folder.resolve(name);
            try (NodeKeys keys = new KeyStore(data).create(Network.REGTEST, new SecureRandom())) {
                key = keys.signing().publicKey();
            }
            Node.makeJournal(data, new SecureRandom());
        }

        /// @param birthday of the node: the light client tells no older block by itself
        void start(String policy, int birthday) throws Exception {
            Path config = folder.resolve(name + ".toml");
            Files.writeString(
                    config,
                    """
                    listen = "/ip4/127.0.0.1/tcp/0"
                    network = "regtest"
                    birthday = %d
                    [bitcoin]
                    peers = ["%s:%d"]
                    [dht]
                    bootstrap = ["%s"]
                    %s
                    [requests]
                    mode = "ask"
                    """
                            .formatted(
                                    birthday, bitcoin.host(), bitcoin.port(), bootstrap, policy));
            Node started =
                    Node.start(
                            ConfigReader.read(config),
                            folder.resolve(name),
                            ProcessProtection.NOT_ASKED_FOR,
                            events);
            open.push(started);
            node = Optional.of(started);
        }

        void stop() {
            node.orElseThrow().close();
        }

        ControlClient ask() {
            return new ControlClient(folder.resolve(name), Duration.ofSeconds(60));
        }

        NodeStatus.FormedGroup group() throws ApiException {
            return ask().status().groups().orElseThrow().getFirst();
        }
    }

    private void start(String policy, String... names) throws Exception {
        for (String name : names) {
            Signer signer = new Signer(name);
            signer.start(policy, 1);
            signers.add(signer);
        }
    }

    /// Alice proposes, all consent.
    ///
    /// @return the descriptor's id
    private String form(String name, boolean fixed, String words) throws Exception {
        Signer alice = signers.getFirst();
        List<String> members = new ArrayList<>();
        for (Signer other : signers.subList(1, signers.size())) {
            members.add(other.key.bytes().toHex() + "@" + other.ask().status().peerId());
        }
        String proposal =
                alice.ask()
                        .proposeGroup(
                                new GroupOrder(
                                        name,
                                        members,
                                        Optional.of(fixed),
                                        Optional.empty(),
                                        Optional.of("limits of my configuration"),
                                        Optional.empty(),
                                        Optional.empty(),
                                        Optional.empty()))
                        .proposal();
        for (Signer other : signers.subList(1, signers.size())) {
            other.events.await(NodeEvent.GroupProposed.class);
            other.ask().consentToGroup(proposal, words);
        }
        String id = "";
        for (Signer signer : signers) {
            id = signer.events.await(NodeEvent.GroupFormed.class).descriptor();
        }
        for (Signer signer : signers) {
            signer.events.await(NodeEvent.Agreed.class);
            // Before anything is signed for it: whoever loses the journal has to ask its members.
            assertThat(folder.resolve(signer.name).resolve("groups")).content().contains(id);
        }
        return id;
    }

    private static Script script(String address) throws Exception {
        return Address.parse(address, Network.REGTEST).scriptPubKey();
    }

    private void mineTo(String address) throws Exception {
        bitcoin.mine(1, script(address));
        for (Signer signer : signers) {
            assertThat(signer.events.await(NodeEvent.UtxoReceived.class).height())
                    .isEqualTo(bitcoin.height());
        }
    }

    private void mine(int count) throws Exception {
        bitcoin.mine(count, NOBODYS_SCRIPT);
        for (Signer signer : signers) {
            signer.events.awaitTip(bitcoin.height());
        }
    }

    private void confirm(PaymentResult paid) throws Exception {
        while (bitcoin.mempool().isEmpty()) {
            Thread.sleep(10); // The test's own time limit ends it.
        }
        bitcoin.mine(1, NOBODYS_SCRIPT);
        for (Signer signer : signers) {
            assertThat(signer.events.await(NodeEvent.Confirmed.class).txid())
                    .isEqualTo(paid.txid());
            signer.events.awaitTip(bitcoin.height());
        }
    }

    private static PayRequest order(long amount, long coins, String group) throws Exception {
        return new PayRequest(
                Address.of(NOBODYS_SCRIPT, Network.REGTEST).text(),
                amount,
                Optional.empty(),
                Optional.of(coins),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                group.isEmpty() ? Optional.empty() : Optional.of(group));
    }

    @Test
    void aGroupOfStrangersIsFundedAtItsAddressesPaysAndIsThereAgainAfterARestart()
            throws Exception {
        start(POLICY, "alice", "bob", "carol");
        mine(3);
        String id = form("savings", /* fixed= */ false, "my limits");
        Signer alice = signers.getFirst();
        Signer bob = signers.get(1);
        MusigDescriptor descriptor =
                MusigDescriptor.parse(alice.ask().exportGroup(id).descriptor());

        // Each address is told until somebody has paid to it.
        for (int i = 0; i < 2; i++) {
            String address = alice.ask().address().address();
            assertThat(script(address)).isEqualTo(descriptor.script(0, i));
            assertThat(bob.ask().address(Optional.of("savings")).address()).isEqualTo(address);
            mineTo(address);
        }
        mine(100);
        assertThat(alice.group().balance().spendableCoins()).isEqualTo(2);

        // Two coins whose keys are derived along two paths; the rest goes to the change branch.
        PaymentResult first = alice.ask().pay(order(6_000_000_000L, 2, ""));
        confirm(first);
        NodeStatus.FormedGroup group = bob.group();
        assertThat(group.group()).isEqualTo(id);
        assertThat(group.coins()).hasSize(1);
        assertThat(group.coins().getFirst().valueSat())
                .isEqualTo(2 * BLOCK_REWARD - 6_000_000_000L - first.feeSat().orElseThrow());
        assertThat(bitcoin.block(bitcoin.height()).transactions().getLast().outputs())
                .anyMatch(out -> out.scriptPubKey().equals(descriptor.script(1, 0)));
        assertThat(alice.ask().payment(first.txid()).group()).contains(id);

        // Bob was away while somebody paid, and his light client begins above that block.
        bob.stop();
        signers.remove(bob);
        mineTo(alice.ask().address().address());
        mine(2);
        signers.add(1, bob);
        bob.start(POLICY, bitcoin.height());
        bob.events.await(NodeEvent.AllMembersConnected.class);
        for (Signer signer : signers) {
            while (!signer.group().caughtUp() || signer.group().coins().size() != 2) {
                Thread.sleep(20); // The test's own time limit ends it.
            }
        }
        mine(100);

        // A coin of the change branch and one of the other, asked for by who was away.
        PaymentResult second = payWhenConnected(bob, order(7_000_000_000L, 2, id.substring(0, 8)));
        confirm(second);
        assertThat(alice.group().coins()).hasSize(1);
        assertThat(alice.ask().payments().payments()).hasSize(2);
        // A start finds the group, and is told that it is formed: it is there once.
        assertThat(signers).noneMatch(one -> one.events.has(NodeEvent.GroupUnusable.class));
        assertThat(bitcoin.block(bitcoin.height()).transactions().getLast().outputs())
                .anyMatch(out -> out.scriptPubKey().equals(descriptor.script(1, 1)));
    }

    /// Others may say hello later than they are connected.
    private static PaymentResult payWhenConnected(Signer signer, PayRequest order)
            throws Exception {
        while (true) {
            try {
                return signer.ask().pay(order);
            } catch (ApiException e) {
                if (!e.code().equals("NOT_CONNECTED")) {
                    throw e;
                }
                Thread.sleep(20); // The test's own time limit ends it.
            }
        }
    }

    /// Alice's proposals, one after the other; bob is asked.
    @Test
    void aNodeIsInSeveralGroupsAndSignsOnlyForThoseWhoseMembersItNamedAPolicyTo() throws Exception {
        start(POLICY, "alice", "bob");
        Signer alice = signers.getFirst();
        Signer bob = signers.get(1);
        String member = bob.key.bytes().toHex() + "@" + bob.ask().status().peerId();
        String late =
                alice.ask()
                        .proposeGroup(
                                new GroupOrder(
                                        "late",
                                        List.of(member),
                                        Optional.empty(),
                                        Optional.of(145L),
                                        Optional.of("my limits"),
                                        Optional.empty(),
                                        Optional.empty(),
                                        Optional.empty()))
                        .proposal();
        bob.events.await(NodeEvent.GroupProposed.class);
        assertThatExceptionOfType(ApiException.class)
                .isThrownBy(() -> bob.ask().consentToGroup(late, "my limits"))
                .satisfies(e -> assertThat(e.code()).isEqualTo("BIRTHDAY_AHEAD"));

        form("silent", /* fixed= */ true, "");
        mineTo(alice.ask().address().address());
        String rent = form("rent", /* fixed= */ true, "my limits");
        String address = alice.ask().address(Optional.of("rent")).address();
        mineTo(address);
        assertThat(alice.events.groups()).contains(rent);
        mine(100);
        // The only one there is.
        assertThat(alice.ask().address(Optional.of(rent)).address()).isEqualTo(address);
        List<NodeStatus.FormedGroup> groups = bob.ask().status().groups().orElseThrow();
        assertThat(groups)
                .extracting(NodeStatus.FormedGroup::name)
                .containsExactly("silent", "rent");
        assertThat(groups).extracting(NodeStatus.FormedGroup::signs).containsExactly(false, true);
        assertThat(groups).allMatch(group -> group.balance().totalSat() == BLOCK_REWARD);
        for (String name : List.of("", "silent", "holidays")) {
            assertThatExceptionOfType(ApiException.class)
                    .isThrownBy(() -> alice.ask().pay(order(1_000_000_000L, 1, name)))
                    .satisfies(e ->
                            assertThat(e.code())
                                    .isEqualTo(
                                            name.isEmpty()
                                                    ? "AMBIGUOUS"
                                                    : name.equals("silent")
                                                            ? "NO_POLICY"
                                                            : "NO_SUCH_GROUP"));
        }
        PaymentResult paid = alice.ask().pay(order(1_000_000_000L, 1, "rent"));
        confirm(paid);
        assertThat(alice.ask().payment(paid.session()).group()).contains(rent);
        assertThat(bob.ask().status().groups().orElseThrow())
                .extracting(group -> group.balance().totalSat() == BLOCK_REWARD)
                .containsExactly(true, false);
    }
}
