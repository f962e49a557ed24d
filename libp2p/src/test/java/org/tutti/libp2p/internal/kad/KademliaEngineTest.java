package org.tutti.libp2p.internal.kad;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.kad.TextValidator;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.multiformats.HashFunction;
import org.tutti.libp2p.multiformats.Multihash;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// Networks of engines, and one engine among peers that a test plays.
class KademliaEngineTest {
    private static final EngineConfig CONFIG =
            EngineConfig.builder().noDiversity().k(8).alpha(4).paths(2).build();
    private static final Bytes KEY = TextValidator.key("a");

    private static Bytes text(String value) {
        return TextValidator.bytes(value);
    }

    @Test
    void aLookUpFindsTheNearestOfSixty() {
        EngineNetwork network = EngineNetwork.of(60, CONFIG);
        EngineNetwork.Node asker = network.list.get(50);
        for (int i = 0; i < 20; i++) {
            Bytes key = TextValidator.key("key " + i);
            Outcome outcome = network.run(asker, new Goal.FindClosest(key));
            assertThat(outcome.closest().stream().map(Contact::peer).collect(Collectors.toSet()))
                    .isEqualTo(network.nearest(key, 8, asker));
            assertThat(outcome.messages()).isLessThan(40);
            assertThat(outcome.hops()).isBetween(1, 4);
        }
    }

    @Test
    void everyPeerOfSixtyIsFound() {
        EngineNetwork network = EngineNetwork.of(60, CONFIG);
        EngineNetwork.Node asker = network.list.get(3);
        for (EngineNetwork.Node wanted : network.list) {
            if (wanted != asker) {
                Outcome outcome = network.run(asker, new Goal.FindPeer(wanted.id));
                assertThat(outcome.peer().map(Contact::peer)).contains(wanted.id);
            }
        }
    }

    @Test
    void aPeerThatIsSaidToBeElsewhereIsStillFound() {
        EngineNetwork network = EngineNetwork.of(60, CONFIG);
        EngineNetwork.Node asker = network.list.get(3);
        EngineNetwork.Node wanted = network.list.get(40);
        Contact elsewhere = Contact.of(wanted.id, List.of(Multiaddr.parse("/ip4/6.6.6.6/tcp/666")));
        for (int i = 10; i < 20; i++) {
            network.list.get(i).hostile =
                    (node, _, request) -> new Response.Closer(List.of(elsewhere));
        }
        Outcome outcome = network.run(asker, new Goal.FindPeer(wanted.id));
        assertThat(outcome.peer()).contains(wanted.contact());
    }

    @Test
    void aPeerThatIsNotThereIsNotFound() {
        EngineNetwork network = EngineNetwork.of(30, CONFIG);
        PeerId nobody = EngineNetwork.id(999_999);
        EngineNetwork.Node liar = network.list.get(5);
        liar.hostile =
                (_, _, _) ->
                        new Response.Closer(
                                List.of(
                                        Contact.of(
                                                nobody,
                                                List.of(Multiaddr.parse("/ip4/6.6.6.6/tcp/1")))));
        Outcome outcome = network.run(network.list.get(9), new Goal.FindPeer(nobody));
        assertThat(outcome.peer()).isEmpty();
    }

    @Test
    void whatIsPutIsFoundByAnybodyAndByTheNearestKept() {
        EngineNetwork network = EngineNetwork.of(60, CONFIG);
        Outcome put = network.run(network.list.get(1), new Goal.Put(KEY, text("1 hello")));
        assertThat(put.stored()).isEqualTo(8);
        for (int i = 10; i < 20; i++) {
            Outcome get = network.run(network.list.get(i), new Goal.Get(KEY, 0));
            assertThat(get.value()).contains(text("1 hello"));
        }
    }

    @Test
    void aReaderRepairsReplicasThatAreBehind() {
        EngineNetwork network = EngineNetwork.of(40, CONFIG);
        network.run(network.list.get(1), new Goal.Put(KEY, text("1 old")));
        // Half of them hear of the new one.
        List<PeerId> replicas = List.copyOf(network.nearest(KEY, 8, network.list.get(1)));
        for (PeerId replica : replicas.subList(0, 4)) {
            EngineNetwork.Node node = network.nodes.get(replica);
            node.engine.answer(
                    network.list.getFirst().id,
                    new Request.PutValue(new Value(KEY, text("2 new"), 0)),
                    network.now());
        }
        EngineNetwork.Node reader = network.list.get(20);
        Outcome get = network.run(reader, new Goal.Get(KEY, 0));
        assertThat(get.value()).contains(text("2 new"));
        network.run(EngineNetwork.SECOND);
        for (PeerId replica : replicas) {
            assertThat(stored(network.nodes.get(replica), network)).contains(text("2 new"));
        }
    }

    private static Optional<Bytes> stored(EngineNetwork.Node node, EngineNetwork network) {
        Answer answer =
                node.engine.answer(
                        EngineNetwork.id(77_777), new Request.GetValue(KEY), network.now());
        return ((Response.Found) ((Answer.Reply) answer).response()).value().map(Value::value);
    }

    @Test
    void providersAreFoundByAnybody() {
        EngineNetwork network = EngineNetwork.of(60, CONFIG);
        EngineNetwork.Node provider = network.list.get(7);
        Bytes key = Multihash.of(HashFunction.SHA2_256, new byte[] {1}).toBytes();
        // The driver fills in our own addresses; here nobody does, and each peer takes those of the
        // connection.
        Outcome told = network.run(provider, new Goal.Provide(key));
        assertThat(told.stored()).isEqualTo(8);
        Outcome found = network.run(network.list.get(30), new Goal.FindProviders(key, 10));
        assertThat(found.providers()).extracting(Contact::peer).containsExactly(provider.id);
    }

    // Small networks.

    @Test
    void inASmallNetworkEverybodyIsToldAtOnceAndNobodyIsLookedFor() {
        EngineNetwork network = EngineNetwork.of(8, CONFIG);
        Outcome put = network.run(network.list.get(7), new Goal.Put(KEY, text("1 hello")));
        assertThat(put.stored()).isEqualTo(7);
        assertThat(put.messages()).isEqualTo(7);
        assertThat(put.nanos()).isEqualTo(2 * EngineNetwork.DELAY);
        Outcome get = network.run(network.list.get(2), new Goal.Get(KEY, 0));
        assertThat(get.value()).contains(text("1 hello"));
        assertThat(get.messages()).isEqualTo(7);
        assertThat(get.nanos()).isEqualTo(2 * EngineNetwork.DELAY);
    }

    @Test
    void inASmallNetworkASilentPeerCostsOneSecond() {
        EngineNetwork network = EngineNetwork.of(5, CONFIG);
        network.list.get(1).hostile = (_, _, _) -> null;
        Outcome put = network.run(network.list.get(4), new Goal.Put(KEY, text("1 hello")));
        assertThat(put.stored()).isEqualTo(3);
        assertThat(put.nanos()).isEqualTo(EngineNetwork.SECOND);
    }

    @Test
    void twoNodesAreANetwork() {
        EngineNetwork network = EngineNetwork.of(2, CONFIG);
        assertThat(network.run(network.list.get(1), new Goal.Put(KEY, text("1 x"))).stored())
                .isEqualTo(1);
        assertThat(network.run(network.list.get(0), new Goal.Get(KEY, 0)).value())
                .contains(text("1 x"));
    }

    @Test
    void aNodeThatKnowsNobodyEndsAtOnce() {
        EngineNetwork network = new EngineNetwork();
        EngineNetwork.Node alone = network.add(CONFIG);
        assertThat(network.run(alone, new Goal.Get(KEY, 0)).messages()).isZero();
        assertThat(network.run(alone, new Goal.Put(KEY, text("1 x"))).stored()).isZero();
    }

    // Churn.

    @Test
    void lookUpsFindNearlyAllOfTheNearestWhileAFifthOfTheNodesIsGone() {
        EngineNetwork network = EngineNetwork.of(60, CONFIG);
        for (int i = 0; i < 60; i += 5) {
            network.list.get(i).down = true;
        }
        EngineNetwork.Node asker = network.list.get(1);
        for (int i = 0; i < 10; i++) {
            Bytes key = TextValidator.key("key " + i);
            Outcome outcome = network.run(asker, new Goal.FindClosest(key));
            // Those that nobody alive knows are found by nobody.
            assertThat(outcome.closest().stream().map(Contact::peer))
                    .filteredOn(network.nearest(key, 8, asker)::contains)
                    .hasSizeGreaterThanOrEqualTo(6);
        }
    }

    @Test
    void aTableOutlastsAnOutageOfOurOwnNetwork() {
        EngineNetwork network = EngineNetwork.of(20, CONFIG);
        EngineNetwork.Node asker = network.list.get(19);
        int before = asker.engine.table().size();
        network.list.stream().filter(n -> n != asker).forEach(n -> n.down = true);
        for (int i = 0; i < 5; i++) {
            network.run(asker, new Goal.FindClosest(TextValidator.key("key " + i)));
        }
        assertThat(asker.engine.table().size()).isEqualTo(before);
        network.list.forEach(n -> n.down = false);
        Outcome outcome = network.run(asker, new Goal.FindClosest(KEY));
        assertThat(outcome.closest()).hasSize(8);
    }

    // Hostile peers.

    @Test
    void aValueThatIsNotValidIsNotTakenAndItsSenderIsScored() {
        EngineNetwork network = EngineNetwork.of(20, CONFIG);
        network.run(network.list.get(1), new Goal.Put(KEY, text("1 hello")));
        EngineNetwork.Node reader = network.list.get(15);
        PeerId nearest = network.nearest(KEY, 1, reader).iterator().next();
        network.nodes.get(nearest).hostile =
                (_, _, _) ->
                        new Response.Found(
                                Optional.of(new Value(KEY, text("no version"), 0)), List.of());
        Outcome get = network.run(reader, new Goal.Get(KEY, 0));
        assertThat(get.value()).contains(text("1 hello"));
        assertThat(reader.penalties)
                .contains(new Output.Penalize(nearest, "KAD_INVALID_VALUE", 10));
    }

    @Test
    void aValueOfAnotherKeyIsNotTaken() {
        EngineNetwork network = EngineNetwork.of(5, CONFIG);
        EngineNetwork.Node reader = network.list.get(4);
        network.list.stream()
                .filter(n -> n != reader)
                .forEach(n ->
                        n.hostile =
                                (_, _, _) ->
                                        new Response.Found(
                                                Optional.of(
                                                        new Value(
                                                                TextValidator.key("b"),
                                                                text("1 x"),
                                                                0)),
                                                List.of()));
        assertThat(network.run(reader, new Goal.Get(KEY, 0)).value()).isEmpty();
        assertThat(reader.penalties).hasSize(4);
    }

    @Test
    void listsOfPeersThatAreNotThereLeadNobodyAstrayForLong() {
        EngineNetwork network = EngineNetwork.of(60, CONFIG);
        EngineNetwork.Node asker = network.list.get(3);
        Key target = Key.of(KEY);
        List<Contact> invented = new ArrayList<>();
        for (int i = 0; i < 4_000; i++) {
            invented.add(
                    Contact.of(
                            EngineNetwork.id(100_000 + i),
                            List.of(Multiaddr.parse("/ip4/6.6.6.6/tcp/1"))));
        }
        invented.sort((l, r) -> target.compareDistance(l.key(), r.key()));
        PeerId liar = network.nearest(KEY, 1, asker).iterator().next();
        network.nodes.get(liar).hostile = (_, _, _) -> new Response.Closer(invented);
        Outcome outcome = network.run(asker, new Goal.FindClosest(KEY));
        // Five dead referrals, and those that were asked at the same time.
        assertThat(outcome.messages()).isLessThan(60);
        assertThat(outcome.closest().stream().map(Contact::peer).collect(Collectors.toSet()))
                .isEqualTo(network.nearest(KEY, 8, asker));
    }

    @Test
    void colludingPeersThatNameOnlyThemselvesHideNoValue() {
        EngineNetwork network = EngineNetwork.of(60, CONFIG);
        network.run(network.list.get(1), new Goal.Put(KEY, text("1 hello")));
        List<Contact> colluders = new ArrayList<>();
        for (int i = 10; i < 60; i += 5) {
            colluders.add(network.list.get(i).contact());
        }
        Key target = Key.of(KEY);
        colluders.sort((l, r) -> target.compareDistance(l.key(), r.key()));
        for (int i = 10; i < 60; i += 5) {
            network.list.get(i).hostile =
                    (_, _, request) ->
                            request instanceof Request.GetValue
                                    ? new Response.Found(Optional.empty(), colluders.subList(0, 8))
                                    : new Response.Closer(colluders.subList(0, 8));
        }
        for (int i = 51; i < 60; i++) {
            assertThat(network.run(network.list.get(i), new Goal.Get(KEY, 0)).value())
                    .contains(text("1 hello"));
        }
    }

    // Requests of others.

    private static Answer answer(EngineNetwork.Node node, Request request) {
        return node.engine.answer(
                EngineNetwork.id(55_555), request, new Now(0, 1_800_000_000_000L));
    }

    @Test
    void aProviderIsNotedForTheSenderAlone() {
        EngineNetwork network = new EngineNetwork();
        EngineNetwork.Node node = network.add(CONFIG);
        Bytes key = Multihash.of(HashFunction.SHA2_256, new byte[] {1}).toBytes();
        List<Multiaddr> addresses = List.of(Multiaddr.parse("/ip4/1.2.3.4/tcp/1"));
        Contact other = Contact.of(EngineNetwork.id(4), addresses);
        assertThat(answer(node, new Request.AddProvider(key, List.of(other))))
                .isEqualTo(new Answer.Refused("KAD_NO_PROVIDER"));
        assertThat(node.engine.drain())
                .containsExactly(
                        new Output.Penalize(EngineNetwork.id(55_555), "KAD_FALSE_PROVIDER", 10));
        Contact self = Contact.of(EngineNetwork.id(55_555), addresses);
        assertThat(answer(node, new Request.AddProvider(key, List.of(self, other))))
                .isEqualTo(new Answer.Taken());
        Answer found = answer(node, new Request.GetProviders(key));
        assertThat(((Response.Providers) ((Answer.Reply) found).response()).providers())
                .containsExactly(self);
    }

    @Test
    void aKeyOver80BytesIsRefusedAndScored() {
        EngineNetwork.Node node = new EngineNetwork().add(CONFIG);
        Bytes key = Bytes.wrap(new byte[81]);
        Bytes atMost = Bytes.wrap(new byte[80]);
        for (Request request :
                List.of(
                        new Request.FindNode(key),
                        new Request.GetValue(key),
                        new Request.PutValue(new Value(key, text("1 x"), 0)),
                        new Request.GetProviders(key),
                        new Request.AddProvider(key, List.of()),
                        new Request.Ping(key))) {
            assertThat(answer(node, request)).isEqualTo(new Answer.Refused("KAD_LONG_KEY"));
        }
        assertThat(node.engine.drain()).hasSize(6);
        assertThat(answer(node, new Request.FindNode(atMost))).isInstanceOf(Answer.Reply.class);
    }

    @Test
    void aFloodOfAnyRequestIsRefusedAndScoredAndOthersAreServed() {
        Bytes key = text("k");
        for (Request request :
                List.of(
                        new Request.FindNode(key),
                        new Request.GetValue(key),
                        new Request.PutValue(new Value(KEY, text("1 x"), 0)),
                        new Request.GetProviders(key),
                        new Request.AddProvider(key, List.of()),
                        new Request.Ping(key))) {
            EngineNetwork.Node node = new EngineNetwork().add(CONFIG);
            int served = 0;
            while (!answer(node, request).equals(new Answer.Refused("KAD_FLOOD"))) {
                served++;
                assertThat(served).isLessThanOrEqualTo(RequestBudget.BURST);
            }
            assertThat(node.engine.drain())
                    .contains(new Output.Penalize(EngineNetwork.id(55_555), "KAD_FLOOD", 1));
            assertThat(
                            node.engine.answer(
                                    EngineNetwork.id(4),
                                    new Request.Ping(key),
                                    new Now(0, 1_800_000_000_000L)))
                    .isInstanceOf(Answer.Reply.class);
        }
    }

    @Test
    void aValueThatIsNotValidIsRefusedAndScoredAndAnOldOneOnlyRefused() {
        EngineNetwork.Node node = new EngineNetwork().add(CONFIG);
        assertThat(answer(node, new Request.PutValue(new Value(KEY, text("x"), 0))))
                .isEqualTo(new Answer.Refused("KAD_INVALID_VALUE"));
        assertThat(node.engine.drain()).hasSize(1);
        Value two = new Value(KEY, text("2 x"), 0);
        assertThat(answer(node, new Request.PutValue(two)))
                .isEqualTo(new Answer.Reply(new Response.Stored(two)));
        assertThat(answer(node, new Request.PutValue(new Value(KEY, text("1 x"), 0))))
                .isEqualTo(new Answer.Refused("KAD_OUTDATED"));
        Value unknown = new Value(text("/nobody/a"), text("1 x"), 0);
        assertThat(answer(node, new Request.PutValue(unknown)))
                .isEqualTo(new Answer.Refused("KAD_UNKNOWN_NAMESPACE"));
        assertThat(node.engine.drain()).isEmpty();
    }

    @Test
    void anAnswerNamesAtMostKPeersAndNeverTheAsker() {
        EngineNetwork network = EngineNetwork.of(40, CONFIG);
        EngineNetwork.Node node = network.list.getFirst();
        PeerId asker = network.list.get(9).id;
        Answer answer =
                node.engine.answer(asker, new Request.FindNode(asker.multihash()), network.now());
        List<Contact> closer = ((Answer.Reply) answer).response().closer();
        assertThat(closer).hasSize(8).extracting(Contact::peer).doesNotContain(asker);
    }

    @Test
    void aConnectedClientIsNamedToWhoeverAsksForItAndToNobodyElse() {
        EngineNetwork network = EngineNetwork.of(10, CONFIG);
        EngineNetwork.Node node = network.list.getFirst();
        Contact client =
                Contact.of(EngineNetwork.id(5_000), List.of(Multiaddr.parse("/ip4/1.2.3.4/tcp/1")));
        node.engine.identified(client, client.addresses().getFirst(), false, network.now());
        network.settle(node);
        Answer named =
                node.engine.answer(
                        EngineNetwork.id(3),
                        new Request.FindNode(client.peer().multihash()),
                        network.now());
        assertThat(((Answer.Reply) named).response().closer().getFirst()).isEqualTo(client);
        Answer other =
                node.engine.answer(EngineNetwork.id(3), new Request.FindNode(KEY), network.now());
        assertThat(((Answer.Reply) other).response().closer()).doesNotContain(client);
        node.engine.disconnected(client.peer());
        Answer gone =
                node.engine.answer(
                        EngineNetwork.id(3),
                        new Request.FindNode(client.peer().multihash()),
                        network.now());
        assertThat(((Answer.Reply) gone).response().closer()).doesNotContain(client);
    }

    @Test
    void operationsAboveTheBoundAreRefused() {
        EngineNetwork network = EngineNetwork.of(2, CONFIG);
        KademliaEngine engine = network.list.get(1).engine;
        for (int i = 0; i < KademliaEngine.MAX_OPERATIONS; i++) {
            assertThat(engine.start(new Goal.Get(KEY, 0), network.now())).isPresent();
        }
        assertThat(engine.start(new Goal.Get(KEY, 0), network.now())).isEmpty();
        assertThat(engine.join(List.of(), network.now())).isEmpty();
    }

    @Test
    void aPeerThatBecomesAClientLeavesTheTable() {
        EngineNetwork network = EngineNetwork.of(3, CONFIG);
        EngineNetwork.Node node = network.list.get(0);
        EngineNetwork.Node other = network.list.get(1);
        assertThat(node.engine.table().contains(other.id)).isTrue();
        node.engine.identified(other.contact(), other.address, false, network.now());
        assertThat(node.engine.table().contains(other.id)).isFalse();
    }
}
