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
            EngineNetwork.Node node = network.node(replica);
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
            assertThat(stored(network.node(replica), network)).contains(text("2 new"));
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
        network.node(nearest).hostile =
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
        network.node(liar).hostile = (_, _, _) -> new Response.Closer(invented);
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

    @Test
    void whoeverInventsProvidersCrowdsOutNobody() {
        EngineNetwork network = EngineNetwork.of(30, CONFIG);
        Bytes key = Multihash.of(HashFunction.SHA2_256, new byte[] {1}).toBytes();
        EngineNetwork.Node provider = network.list.get(7);
        network.run(provider, new Goal.Provide(key));
        EngineNetwork.Node asker = network.list.get(20);
        List<Contact> invented = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            invented.add(
                    Contact.of(
                            EngineNetwork.id(100_000 + i),
                            List.of(Multiaddr.parse("/ip4/6.6.6.6/tcp/1"))));
        }
        List<PeerId> replicas = List.copyOf(network.nearest(key, 8, asker));
        for (PeerId liar : replicas.subList(0, 2)) {
            network.node(liar).hostile = (_, _, _) -> new Response.Providers(invented, List.of());
        }
        Outcome found = network.run(asker, new Goal.FindProviders(key, 4));
        assertThat(found.providers()).hasSizeLessThanOrEqualTo(4);
        assertThat(found.providers()).extracting(Contact::peer).contains(provider.id);
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

    private static List<Output.Send> sends(EngineNetwork.Node node) {
        return node.engine.drain().stream()
                .filter(Output.Send.class::isInstance)
                .map(Output.Send.class::cast)
                .toList();
    }

    private static Now at(long seconds) {
        return new Now(seconds * EngineNetwork.SECOND, 1_800_000_000_000L + seconds * 1_000);
    }

    @Test
    void addressesThatAreNotUsableAreNeitherDialledNorHandedOn() {
        EngineConfig publicOnly =
                EngineConfig.builder()
                        .noDiversity()
                        .usable(a -> a.toString().startsWith("/ip4/1."))
                        .build();
        EngineNetwork.Node node = new EngineNetwork().add(publicOnly);
        Multiaddr good = Multiaddr.parse("/ip4/1.2.3.4/tcp/1");
        Multiaddr bad = Multiaddr.parse("/ip4/192.168.1.1/tcp/1");
        Contact peer = Contact.of(EngineNetwork.id(4), List.of(bad, good));
        node.engine.identified(peer, good, true, at(0));
        Output.Send check = sends(node).getFirst();
        assertThat(check.to().addresses()).containsExactly(good);
        // It names one that can be dialled, and one that cannot.
        Contact named = Contact.of(EngineNetwork.id(5), List.of(good, bad));
        Contact hidden = Contact.of(EngineNetwork.id(6), List.of(bad));
        node.engine.responded(check.number(), new Response.Closer(List.of(named, hidden)), at(0));
        // The look-up of our own key that follows.
        Output.Send first = sends(node).getFirst();
        node.engine.responded(first.number(), new Response.Closer(List.of(named, hidden)), at(0));
        assertThat(sends(node))
                .extracting(Output.Send::to)
                .containsExactly(named.withAddresses(List.of(good)));
        Answer answer = answer(node, new Request.FindNode(KEY));
        assertThat(((Answer.Reply) answer).response().closer())
                .containsExactly(peer.withAddresses(List.of(good)));
    }

    @Test
    void aCrowdOfNewcomersIsAskedAFewAtATimeAndNotWithoutEnd() {
        EngineNetwork.Node node = new EngineNetwork().add(CONFIG);
        List<Multiaddr> addresses = List.of(Multiaddr.parse("/ip4/1.2.3.4/tcp/1"));
        for (int i = 2; i < 1_002; i++) {
            Contact peer = Contact.of(EngineNetwork.id(i), addresses);
            node.engine.identified(peer, addresses.getFirst(), true, at(0));
        }
        List<Output.Send> asked = sends(node);
        assertThat(asked).hasSize(KademliaEngine.MAX_CHECKS);
        int all = 0;
        while (!asked.isEmpty()) {
            all += asked.size();
            for (Output.Send one : asked) {
                node.engine.failed(one.number(), Failure.NO_ANSWER, at(0));
            }
            asked = sends(node);
        }
        assertThat(all).isEqualTo(KademliaEngine.MAX_CHECKS + KademliaEngine.MAX_WAITING_CHECKS);
    }

    @Test
    void aValueThatNobodyPutForAnHourIsPutAgain() {
        EngineNetwork.Node node = new EngineNetwork().add(CONFIG);
        List<Multiaddr> addresses = List.of(Multiaddr.parse("/ip4/1.2.3.4/tcp/1"));
        Contact peer = Contact.of(EngineNetwork.id(4), addresses);
        node.engine.identified(peer, addresses.getFirst(), true, at(0));
        node.engine.responded(
                sends(node).getFirst().number(), new Response.Closer(List.of()), at(0));
        node.engine.drain();
        Value value = new Value(KEY, text("1 x"), 0);
        node.engine.answer(EngineNetwork.id(55_555), new Request.PutValue(value), at(0));
        List<Request> requests = new ArrayList<>();
        for (int minute = 1; minute <= 70; minute++) {
            node.engine.tick(at(60L * minute));
            for (List<Output.Send> asked = sends(node); !asked.isEmpty(); asked = sends(node)) {
                for (Output.Send one : asked) {
                    if (one.request() instanceof Request.PutValue put) {
                        assertThat(minute).isGreaterThanOrEqualTo(60);
                        requests.add(put);
                        node.engine.responded(
                                one.number(), new Response.Stored(put.value()), at(60L * minute));
                    } else {
                        node.engine.responded(
                                one.number(), new Response.Closer(List.of()), at(60L * minute));
                    }
                }
            }
        }
        assertThat(requests).hasSize(1);
        assertThat(requests.getFirst().key()).isEqualTo(KEY);
    }

    @Test
    void aRequestThatIsNotAnsweredIsGivenUpInTime() {
        EngineNetwork.Node node = new EngineNetwork().add(CONFIG);
        List<Multiaddr> addresses = List.of(Multiaddr.parse("/ip4/1.2.3.4/tcp/1"));
        node.engine.learn(List.of(Contact.of(EngineNetwork.id(4), addresses)), at(0));
        Output.Send sent = sends(node).getFirst();
        assertThat(node.engine.wakeAt()).hasValue(CONFIG.requestTimeout().toNanos());
        node.engine.tick(at(4));
        assertThat(node.engine.drain()).isEmpty();
        node.engine.tick(at(5));
        assertThat(node.engine.drain()).containsExactly(new Output.Cancel(sent.number()));
        // Too late: nothing comes of it.
        node.engine.responded(sent.number(), new Response.Closer(List.of()), at(6));
        assertThat(node.engine.table().size()).isZero();
        assertThat(node.engine.wakeAt()).isEmpty();
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
