package org.tutti.coordinator.service;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.coordinator.advert.AdvertEvent;
import org.tutti.coordinator.advert.AdvertLimits;
import org.tutti.coordinator.approval.RequestPolicy;
import org.tutti.coordinator.event.CoordinatorEvent;
import org.tutti.coordinator.group.GroupEvent;
import org.tutti.coordinator.group.GroupKeys;
import org.tutti.coordinator.group.GroupPolicy;
import org.tutti.coordinator.inbox.InboxKey;
import org.tutti.coordinator.message.Invitation;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.kad.Kademlia;
import org.tutti.libp2p.kad.Topics;
import org.tutti.libp2p.pubsub.Pubsub;
import org.tutti.musig.keys.ExtendedKeyVersions;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.keys.SecretKey;
import org.tutti.signing.service.SigningService;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;

/// Configures a [Coordinator]. Without DHT and gossip only peers that are connected are reached.
public final class CoordinatorBuilder {
    private @Nullable CoordinatorProtocol protocol;
    private @Nullable Host host;
    private @Nullable PrivateKey identity;
    private @Nullable SigningService signing;
    private @Nullable SecretKey signingKey;
    private @Nullable Bytes network;
    private @Nullable RequestPolicy policy;
    private @Nullable Path file;
    private @Nullable Kademlia dht;
    private @Nullable Topics topics;
    private @Nullable Pubsub pubsub;
    private @Nullable InboxKey inbox;
    private @Nullable GroupKeys groupKeys;
    ExtendedKeyVersions keyVersions = ExtendedKeyVersions.TESTNET;
    GroupPolicy groupPolicy = GroupPolicy.ASK;
    Consumer<? super GroupEvent> groupListener = _ -> {};
    CoordinatorSettings settings = CoordinatorSettings.DEFAULT;
    InstantSource clock = InstantSource.system();
    SecureRandom random = new SecureRandom();
    Consumer<? super CoordinatorEvent> listener = _ -> {};
    Consumer<Throwable> onFailure = _ -> {};
    Consumer<Duration> onClockStepped = _ -> {};
    Predicate<? super Invitation> stepwise = _ -> false;
    Predicate<PeerId> members = _ -> false;
    Consumer<? super AdvertEvent> advertListener = _ -> {};
    AdvertLimits advertLimits = AdvertLimits.DEFAULT;
    Set<PublicKey> vouchers = Set.of();
    Function<PublicKey, OptionalInt> reputation = _ -> OptionalInt.empty();

    CoordinatorBuilder() {}

    /// Whose behaviour the host has.
    public CoordinatorBuilder protocol(CoordinatorProtocol value) {
        protocol = value;
        return this;
    }

    /// Started before [Coordinator#start]. The caller closes it, after the coordinator.
    public CoordinatorBuilder host(Host value) {
        host = value;
        return this;
    }

    /// The host's identity key.
    public CoordinatorBuilder identity(PrivateKey value) {
        identity = value;
        return this;
    }

    /// In which groups are made of requests. The caller closes it, after the coordinator.
    public CoordinatorBuilder signing(SigningService value) {
        signing = value;
        return this;
    }

    /// The key that others name in their requests. The caller closes it, after the signing service.
    public CoordinatorBuilder signingKey(SecretKey value) {
        signingKey = value;
        return this;
    }

    /// 32 bytes that name the chain.
    public CoordinatorBuilder network(Bytes value) {
        network = value;
        return this;
    }

    /// Decides what this signer joins.
    public CoordinatorBuilder policy(RequestPolicy value) {
        policy = value;
        return this;
    }

    /// The file of requests; its folder must be there.
    public CoordinatorBuilder file(Path value) {
        file = value;
        return this;
    }

    /// Where signers are found by their keys, and requests wait for who is away. It needs a
    /// `SignedRecordValidator` for the network and each of the namespaces `contact` and `advert`.
    ///
    /// @param entries the host's, of that DHT
    public CoordinatorBuilder dht(Kademlia value, Topics entries) {
        dht = value;
        topics = entries;
        return this;
    }

    /// What carries requests to signers that are not connected.
    public CoordinatorBuilder pubsub(Pubsub value) {
        pubsub = value;
        return this;
    }

    /// The key that requests are encrypted to while this node is away; without it nothing is left
    /// for it. The coordinator closes it.
    public CoordinatorBuilder inbox(InboxKey value) {
        inbox = value;
        return this;
    }

    /// Where the keys of this node's groups are; without it this node makes no groups with others.
    ///
    /// @param versions of the network's extended keys
    public CoordinatorBuilder groups(GroupKeys value, ExtendedKeyVersions versions) {
        groupKeys = value;
        keyVersions = versions;
        return this;
    }

    /// Decides which groups this node becomes a member of; without it a person does.
    public CoordinatorBuilder groupPolicy(GroupPolicy value) {
        groupPolicy = value;
        return this;
    }

    /// Receives every event of groups in order, on a thread of its own.
    public CoordinatorBuilder groupListener(Consumer<? super GroupEvent> value) {
        groupListener = value;
        return this;
    }

    /// Who is listened to whatever it has sent, such as the members of a configured group; nobody
    /// by default.
    public CoordinatorBuilder members(Predicate<PeerId> value) {
        members = value;
        return this;
    }

    /// Which requests go step by step on this node ([Coordinator#startRound1]); none by default:
    /// sessions then run by themselves. Asked for each session; must return at once.
    public CoordinatorBuilder stepByStep(Predicate<? super Invitation> value) {
        stepwise = value;
        return this;
    }

    public CoordinatorBuilder settings(CoordinatorSettings value) {
        settings = value;
        return this;
    }

    public CoordinatorBuilder clock(InstantSource value) {
        clock = value;
        return this;
    }

    public CoordinatorBuilder random(SecureRandom value) {
        random = value;
        return this;
    }

    /// Receives every event in order, on a thread of its own.
    public CoordinatorBuilder listener(Consumer<? super CoordinatorEvent> value) {
        listener = value;
        return this;
    }

    /// Receives every event of adverts in order, on a thread of its own.
    public CoordinatorBuilder advertListener(Consumer<? super AdvertEvent> value) {
        advertListener = value;
        return this;
    }

    /// The bounds of adverts.
    public CoordinatorBuilder advertLimits(AdvertLimits value) {
        advertLimits = value;
        return this;
    }

    /// Keys whose vouches this node believes: a signer for whom one of them vouches is verified.
    public CoordinatorBuilder vouchers(Set<PublicKey> value) {
        vouchers = Set.copyOf(value);
        return this;
    }

    /// What reputation a signing key has, by the operator's measure; none is unknown, which no
    /// minimum takes. Returns at once, on any thread.
    public CoordinatorBuilder reputation(Function<PublicKey, OptionalInt> value) {
        reputation = value;
        return this;
    }

    /// Told once if this coordinator can do nothing any more: its file failed, or there was an
    /// error. The owner should end the node.
    public CoordinatorBuilder onFailure(Consumer<Throwable> value) {
        onFailure = value;
        return this;
    }

    /// Told when the wall clock was set by more than two hours while requests were being signed,
    /// once for each group of signers: time frees nothing until [Coordinator#acceptClock].
    public CoordinatorBuilder onClockStepped(Consumer<Duration> value) {
        onClockStepped = value;
        return this;
    }

    /// Opens and reads the file.
    ///
    /// @throws IOException if it is in use, damaged or cannot be read
    /// @throws IllegalArgumentException if a required value is missing
    public Coordinator build() throws IOException {
        return new Coordinator(this);
    }

    CoordinatorProtocol protocol() {
        return given(protocol, "protocol");
    }

    Host host() {
        return given(host, "host");
    }

    PrivateKey identity() {
        return given(identity, "identity");
    }

    SigningService signing() {
        return given(signing, "signing service");
    }

    SecretKey signingKey() {
        return given(signingKey, "signing key");
    }

    Bytes network() {
        return given(network, "network");
    }

    RequestPolicy policy() {
        return given(policy, "policy");
    }

    Path file() {
        return given(file, "file");
    }

    Optional<Kademlia> dht() {
        return Optional.ofNullable(dht);
    }

    Optional<Topics> topics() {
        return Optional.ofNullable(topics);
    }

    Optional<Pubsub> pubsub() {
        return Optional.ofNullable(pubsub);
    }

    Optional<InboxKey> inbox() {
        return Optional.ofNullable(inbox);
    }

    Optional<GroupKeys> groupKeys() {
        return Optional.ofNullable(groupKeys);
    }

    private static <T> T given(@Nullable T value, String name) {
        if (value == null) {
            throw new IllegalArgumentException("a coordinator needs its " + name);
        }
        return value;
    }
}
