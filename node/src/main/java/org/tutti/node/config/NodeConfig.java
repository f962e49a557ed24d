package org.tutti.node.config;

import org.tutti.bitcoin.network.Network;
import org.tutti.coordinator.message.AdvertDraft;
import org.tutti.coordinator.message.TransactionType;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.lightclient.sync.Birthday;
import org.tutti.musig.keys.PublicKey;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/// Everything in a node's configuration file; all of it may be public.
///
/// @param data the node's data folder, if the file names one; absolute
/// @param connections where to accept them, whose and how many
/// @param allowMainnetSigning whether this node may sign on mainnet, where it otherwise only
///   follows
/// @param birthday no coin of the group is older
/// @param epoch number of this set of members
/// @param bitcoinPeers where to get blocks from, `host:port`
/// @param members all signers of the configured group, this node among them; empty if there is
///   none, and then `requests` is there
/// @param requests whether and how strangers may ask this node to sign
public record NodeConfig(
        Optional<Path> data,
        ConnectionsConfig connections,
        Network network,
        boolean allowMainnetSigning,
        Birthday birthday,
        long epoch,
        List<HostPort> bitcoinPeers,
        List<MemberConfig> members,
        PolicyConfig policy,
        Optional<RequestsConfig> requests,
        TimeoutsConfig timeouts,
        LogConfig log) {
    /// Where this node can be reached, and who may connect.
    ///
    /// @param listen where to accept connections; this node's member address if empty
    /// @param announce where others reach it beside that
    /// @param allow peers that may connect beside the members, to identify and ping this node
    /// @param bootstrap servers of a DHT in which members are found by their peer ids, each address
    ///   with its `/p2p` part; none if empty
    /// @param limits how much they may use
    public record ConnectionsConfig(
            List<Multiaddr> listen,
            List<Multiaddr> announce,
            List<PeerId> allow,
            List<Multiaddr> bootstrap,
            LimitsConfig limits) {
        public ConnectionsConfig {
            listen = List.copyOf(listen);
            announce = List.copyOf(announce);
            allow = List.copyOf(allow);
            bootstrap = List.copyOf(bootstrap);
        }
    }

    /// The `[limits]` table; what is absent has the default of
    /// [org.tutti.libp2p.swarm.ResourceLimits].
    ///
    /// @param receiveMemoryMib for what remotes send and nobody has read, in mebibytes
    public record LimitsConfig(
            OptionalLong maxConnections,
            OptionalLong maxConnectionsPerHost,
            OptionalLong maxPendingConnections,
            OptionalLong receiveMemoryMib,
            OptionalLong receiveMemoryPerHostMib) {
        /// The defaults.
        public static final LimitsConfig NONE =
                new LimitsConfig(
                        OptionalLong.empty(),
                        OptionalLong.empty(),
                        OptionalLong.empty(),
                        OptionalLong.empty(),
                        OptionalLong.empty());
    }

    /// One `[[members]]` table.
    ///
    /// @param address where it is dialled; without one it is found in the DHT, or connects by
    ///   itself
    /// @param alias what the member is called here, unique and plain text; nobody else is told
    public record MemberConfig(
            PeerId peerId,
            PublicKey signingKey,
            Optional<Multiaddr> address,
            Optional<String> alias) {}

    /// The `[policy]` table, for the configured group and for each that strangers form with this
    /// node. A payment that it does not allow is refused.
    ///
    /// @param maxAmountSat most that a payment may send away, in satoshi
    /// @param maxAmountPerDaySat most that all payments of 24 hours together may take from the
    ///   group, fees included, in satoshi; no limit if absent
    /// @param maxFeeSat most that a payment may pay as fee, in satoshi
    /// @param destinations scripts of the addresses that may be paid, as the addresses' text
    /// @param anyDestination whether any address may be paid
    /// @param requireFreshChain whether a payment waits until the chain is fresh
    public record PolicyConfig(
            long maxAmountSat,
            OptionalLong maxAmountPerDaySat,
            long maxFeeSat,
            List<String> destinations,
            boolean anyDestination,
            boolean requireFreshChain) {
        /// Of a node without a group and without the table: nothing is paid.
        public static final PolicyConfig NOTHING =
                new PolicyConfig(0, OptionalLong.empty(), 0, List.of(), false, false);
    }

    /// The `[requests]` table: a node that has it takes requests of signers who share no
    /// configuration with it. A request that it does not allow is refused.
    ///
    /// @param mode who decides on what the rules allow
    /// @param maxAmountSat most that one request may take from coins of its keys; one bitcoin if
    ///   absent, where a person decides
    /// @param maxAmountPerDaySat most that all requests of 24 hours may take together; no limit if
    ///   absent
    /// @param maxFeeSat most that a transaction may pay as fee; 100,000 if absent, where a person
    ///   decides
    /// @param types the types of requests that are taken; any if empty
    /// @param requesters keys that may ask; anybody's if empty
    /// @param destinations addresses that may be paid; any if empty, where `anyDestination` is true
    ///   or a person decides
    /// @param anyDestination whether any address may be paid
    /// @param raw whether messages without a transaction may be signed, of which nobody can say
    ///   what they do: a person decides on each, whatever the mode
    /// @param stepByStep whether this node's operator starts each round of a session
    /// @param contacts what keys are called here, by name
    /// @param adverts what this node advertises, and whose adverts it hears
    public record RequestsConfig(
            Mode mode,
            OptionalLong maxAmountSat,
            OptionalLong maxAmountPerDaySat,
            OptionalLong maxFeeSat,
            List<String> types,
            List<PublicKey> requesters,
            List<String> destinations,
            boolean anyDestination,
            boolean raw,
            boolean stepByStep,
            Map<String, PublicKey> contacts,
            AdvertsConfig adverts) {
        /// Who decides.
        public enum Mode {
            /// A person, on each request that the rules allow.
            ASK,
            /// The rules alone.
            RULES
        }

        public RequestsConfig {
            types = List.copyOf(types);
            requesters = List.copyOf(requesters);
            destinations = List.copyOf(destinations);
            contacts = Map.copyOf(contacts);
        }
    }

    /// What `[requests]` says of adverts.
    ///
    /// @param advertise the `[requests.advertise]` table: what this node advertises from its start;
    ///   nothing if absent
    /// @param watch of which types adverts are heard by gossip; all if `watch` is absent
    /// @param vouchers keys whose vouches this node believes
    public record AdvertsConfig(
            Optional<AdvertDraft> advertise, Set<TransactionType> watch, Set<PublicKey> vouchers) {
        public AdvertsConfig {
            watch = Set.copyOf(watch);
            vouchers = Set.copyOf(vouchers);
        }
    }

    /// The `[timeouts]` table: how long each phase of a session may take.
    public record TimeoutsConfig(Duration readiness, Duration nonces, Duration partials) {}

    /// The `[log]` table: how much of what happens is printed, and how.
    ///
    /// @param level least that matters
    /// @param levels the same for parts, by the beginning of their loggers' names
    /// @param pattern of a line, as Logback takes it
    public record LogConfig(
            System.Logger.Level level,
            Map<String, System.Logger.Level> levels,
            Optional<String> pattern) {
        /// What happens, and no more.
        public static final LogConfig DEFAULT =
                new LogConfig(System.Logger.Level.INFO, Map.of(), Optional.empty());

        public LogConfig {
            levels = Map.copyOf(levels);
        }
    }

    /// Whether a group is configured.
    public boolean hasGroup() {
        return !members.isEmpty();
    }

    public NodeConfig {
        bitcoinPeers = List.copyOf(bitcoinPeers);
        members = List.copyOf(members);
    }
}
