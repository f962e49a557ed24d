package org.tutti.node.config;

import org.tomlj.Toml;
import org.tomlj.TomlParseError;
import org.tomlj.TomlParseResult;
import org.tutti.base.Bytes;
import org.tutti.base.PlainText;
import org.tutti.bitcoin.address.Address;
import org.tutti.bitcoin.address.AddressException;
import org.tutti.bitcoin.network.Network;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.transport.tcp.TcpTransport;
import org.tutti.lightclient.sync.Birthday;
import org.tutti.musig.keys.KeyException;
import org.tutti.musig.keys.PublicKey;
import org.tutti.node.config.NodeConfig.ConnectionsConfig;
import org.tutti.node.config.NodeConfig.LimitsConfig;
import org.tutti.node.config.NodeConfig.LogConfig;
import org.tutti.node.config.NodeConfig.MemberConfig;
import org.tutti.node.config.NodeConfig.PolicyConfig;
import org.tutti.node.config.NodeConfig.RequestsConfig;
import org.tutti.node.config.NodeConfig.TimeoutsConfig;
import org.tutti.node.events.EventPlace;
import org.tutti.node.files.InexactPathException;
import org.tutti.node.files.IoReason;
import org.tutti.node.files.PathEncoding;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Reads a node's TOML file. Nothing is guessed: an unknown key, a wrong type, a value out of range
/// is an error that names file, line and key.
public final class ConfigReader {
    /// Longest file, in bytes: a thousand members fit.
    public static final int MAX_BYTES = 512 * 1024;

    /// As many as a group allows.
    public static final int MAX_MEMBERS = 1_000;

    /// Most Bitcoin peers.
    public static final int MAX_BITCOIN_PEERS = 16;

    /// Most destinations.
    public static final int MAX_DESTINATIONS = 1_000;

    /// Most addresses to listen on, and to announce.
    public static final int MAX_ADDRESSES = 16;

    private static final int MAX_CONNECTIONS = 65_536;
    private static final int MAX_MEBIBYTES = 65_536;
    static final long MAX_SAT = 21_000_000L * 100_000_000L;
    private static final int MAX_HEIGHT = 10_000_000;

    /// That of the genesis block.
    private static final LocalDate FIRST_DAY = LocalDate.of(2009, 1, 3);

    private static final int MAX_SECONDS = 3_600;
    static final int MAX_ALIAS = 32;
    private static final int MAX_LEVELS = 100;
    private static final int MAX_PATTERN = 1_000;

    /// An address of all interfaces.
    private static final Pattern ANY = Pattern.compile("^/ip4/0\\.0\\.0\\.0/|^/ip6/::/");

    private final Path file;

    private ConfigReader(Path file) {
        this.file = file;
    }

    /// @throws ConfigException if the file cannot be read or is wrong
    public static NodeConfig read(Path file) throws ConfigException {
        return new ConfigReader(file).read();
    }

    private NodeConfig read() throws ConfigException {
        TomlParseResult parsed = Toml.parse(text());
        if (parsed.hasErrors()) {
            TomlParseError error = parsed.errors().getFirst();
            throw new ConfigException(
                    file, error.position().line(), "", "not TOML: " + error.getMessage());
        }
        TomlSection root = new TomlSection(file, "", 1, parsed);
        // First: that a path cannot be named here is no mistake in the file.
        Optional<Path> data = data(root);
        Network network = root.parsed("network", ConfigReader::network);
        Optional<RequestsConfig> requests =
                RequestsReader.read(root.section("requests"), root.isThere("requests"), network);
        List<MemberConfig> members =
                members(root, root.section("dht").isThere("bootstrap"), requests.isPresent());
        NodeConfig config =
                new NodeConfig(
                        data,
                        connections(root),
                        network,
                        root.flag("allow_mainnet_signing", false),
                        birthday(root),
                        root.optionalInteger("epoch", 0, Integer.MAX_VALUE).orElse(1),
                        bitcoinPeers(root.section("bitcoin")),
                        members,
                        members.isEmpty() && !root.isThere("policy")
                                ? PolicyConfig.NOTHING
                                : policy(root.section("policy"), network),
                        requests,
                        timeouts(root.section("timeouts")),
                        log(root.section("log")));
        root.refuseUnknown();
        if (members.isEmpty() && config.connections().listen().isEmpty()) {
            throw root.error(
                    "listen", "missing: without [[members]] nothing else says where to listen");
        }
        OptionalLong room = config.connections().limits().maxConnections();
        if (room.isPresent() && room.getAsLong() < config.members().size() - 1) {
            throw root.section("limits")
                    .error(
                            "max_connections",
                            room.getAsLong() + " is less than there are other members");
        }
        return config;
    }

    private String text() throws ConfigException {
        // Not by its length, which a device or a pipe does not have.
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw new ConfigException(file, 0, "", "more than " + MAX_BYTES + " bytes");
            }
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (NoSuchFileException e) {
            throw new ConfigException(file, 0, "", "no such file");
        } catch (CharacterCodingException e) {
            throw new ConfigException(file, 0, "", "not UTF-8 text");
        } catch (IOException e) {
            throw new ConfigException(file, 0, "", "cannot be read: " + IoReason.of(e));
        }
    }

    private Optional<Path> data(TomlSection root) throws ConfigException {
        if (root.optionalString("data").isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                root.parsed(
                        "data",
                        text -> file.toAbsolutePath().resolveSibling(exact(text)).normalize()));
    }

    /// The file is UTF-8, and a path in it is these bytes.
    private String exact(String path) {
        Optional<String> fault = PathEncoding.ofThisProcess().faultOfUtf8(path);
        if (fault.isPresent()) {
            throw new InexactPathException(file + ": data: \"" + path + "\": " + fault.get());
        }
        return path;
    }

    /// A height, or a day as TOML writes it: from its beginning on, UTC.
    private static Birthday birthday(TomlSection root) throws ConfigException {
        if (root.isNumber("birthday")) {
            return new Birthday.AtHeight((int) root.integer("birthday", 0, MAX_HEIGHT));
        }
        Optional<LocalDate> day = root.optionalDay("birthday");
        if (day.isPresent() && day.get().isBefore(FIRST_DAY)) {
            throw root.error("birthday", day.get() + " is before the first block of all");
        }
        return day.<Birthday>map(
                        date -> new Birthday.AtTime(date.atStartOfDay(ZoneOffset.UTC).toInstant()))
                .orElse(Birthday.atStart());
    }

    private static Network network(String text) {
        return Network.byName(text)
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                Network.all().stream()
                                        .map(Network::name)
                                        .collect(Collectors.joining(", ", "not one of ", ""))));
    }

    private static Multiaddr listen(String text) {
        Multiaddr address = address(text);
        if (address.peerId().isPresent()) {
            throw new IllegalArgumentException(
                    "leave out the /p2p/ part: it follows from the node's own keys");
        }
        return address;
    }

    private static ConnectionsConfig connections(TomlSection root) throws ConfigException {
        return new ConnectionsConfig(
                root.oneOrMore("listen", MAX_ADDRESSES, ConfigReader::listen),
                root.oneOrMore("announce", MAX_ADDRESSES, ConfigReader::announced),
                root.list("allow", MAX_MEMBERS, PeerId::parse),
                bootstrap(root.section("dht")),
                limits(root.section("limits")));
    }

    private static List<Multiaddr> bootstrap(TomlSection dht) throws ConfigException {
        List<Multiaddr> addresses =
                dht.list(
                        "bootstrap",
                        MAX_ADDRESSES,
                        text -> {
                            Multiaddr address = dialled(text);
                            if (address.peerId().isEmpty()) {
                                throw new IllegalArgumentException(
                                        "its /p2p/ part is missing: which peer answers there");
                            }
                            return address;
                        });
        dht.refuseUnknown();
        return addresses;
    }

    private static LimitsConfig limits(TomlSection limits) throws ConfigException {
        LimitsConfig config =
                new LimitsConfig(
                        limits.optionalInteger("max_connections", 2, MAX_CONNECTIONS),
                        limits.optionalInteger("max_connections_per_host", 1, MAX_CONNECTIONS),
                        limits.optionalInteger("max_pending_connections", 1, MAX_CONNECTIONS),
                        limits.optionalInteger("receive_memory_mib", 1, MAX_MEBIBYTES),
                        limits.optionalInteger("receive_memory_per_host_mib", 1, MAX_MEBIBYTES));
        limits.refuseUnknown();
        refuseLarger(
                limits,
                "max_connections_per_host",
                config.maxConnectionsPerHost(),
                "max_connections",
                config.maxConnections());
        refuseLarger(
                limits,
                "receive_memory_per_host_mib",
                config.receiveMemoryPerHostMib(),
                "receive_memory_mib",
                config.receiveMemoryMib());
        return config;
    }

    private static void refuseLarger(
            TomlSection limits, String key, OptionalLong part, String whole, OptionalLong all)
            throws ConfigException {
        if (part.isPresent() && all.isPresent() && part.getAsLong() > all.getAsLong()) {
            throw limits.error(key, "more than " + whole + ", which is " + all.getAsLong());
        }
    }

    private static Multiaddr announced(String text) {
        Multiaddr address = listen(text);
        if (ANY.matcher(text).find()) {
            throw new IllegalArgumentException(
                    "nobody can dial this: write the address at which others reach this node");
        }
        return address;
    }

    private static Multiaddr address(String text) {
        Multiaddr address = Multiaddr.parse(text);
        if (!new TcpTransport().handles(address.withoutPeerId())) {
            throw new IllegalArgumentException("only TCP addresses are supported so far");
        }
        return address;
    }

    /// Where others dial: an address of one machine.
    private static Multiaddr dialled(String text) {
        Multiaddr address = address(text);
        if (ANY.matcher(text).find()) {
            throw new IllegalArgumentException(
                    "nobody can dial this: write the address at which the member is reached, and"
                            + " where it listens in its own file, as listen");
        }
        return address;
    }

    static String alias(String text) {
        if (text.isBlank() || text.length() > MAX_ALIAS || !PlainText.isPlain(text)) {
            throw new IllegalArgumentException(
                    "1 to " + MAX_ALIAS + " characters of plain text, without line breaks");
        }
        return text;
    }

    private static List<HostPort> bitcoinPeers(TomlSection bitcoin) throws ConfigException {
        List<HostPort> peers = bitcoin.list("peers", MAX_BITCOIN_PEERS, HostPort::parse);
        if (peers.isEmpty()) {
            throw bitcoin.error("peers", "at least one is needed, as \"127.0.0.1:18444\"");
        }
        bitcoin.refuseUnknown();
        return peers;
    }

    /// @param isFound whether a member without an address can be found
    /// @param takesRequests whether there may be no group
    private static List<MemberConfig> members(
            TomlSection root, boolean isFound, boolean takesRequests) throws ConfigException {
        List<MemberConfig> members = new ArrayList<>();
        Map<Object, Integer> seen = new HashMap<>();
        for (TomlSection section : root.sections("members", MAX_MEMBERS)) {
            MemberConfig member =
                    new MemberConfig(
                            section.parsed("peer_id", PeerId::parse),
                            section.parsed("signing_key", ConfigReader::signingKey),
                            isFound && !section.isThere("address")
                                    ? Optional.empty()
                                    : Optional.of(section.parsed("address", ConfigReader::dialled)),
                            section.optionalString("alias").isEmpty()
                                    ? Optional.empty()
                                    : Optional.of(section.parsed("alias", ConfigReader::alias)));
            section.refuseUnknown();
            members.add(member);
            refuseDuplicate(section, "peer_id", seen, member.peerId(), members.size());
            // SAFETY 16: duplicate keys in one key set are refused at wallet set-up.
            // The same point with another sign is the same key in MuSig2.
            refuseDuplicate(
                    section,
                    "signing_key",
                    seen,
                    member.signingKey().bytes().slice(1, 33),
                    members.size());
            if (member.alias().isPresent()) {
                refuseDuplicate(section, "alias", seen, member.alias().get(), members.size());
            }
            Optional<PeerId> inAddress = member.address().flatMap(Multiaddr::peerId);
            if (inAddress.isPresent() && !inAddress.get().equals(member.peerId())) {
                throw section.error("address", "its /p2p/ part names another peer than peer_id");
            }
        }
        if (members.size() < 2 && !(members.isEmpty() && takesRequests)) {
            throw root.error("members", "at least two [[members]] are needed");
        }
        return members;
    }

    private static void refuseDuplicate(
            TomlSection section, String key, Map<Object, Integer> seen, Object value, int number)
            throws ConfigException {
        Integer earlier = seen.putIfAbsent(value, number);
        if (earlier != null) {
            throw section.error(key, "the same as in [[members]] number " + earlier);
        }
    }

    static PublicKey signingKey(String hex) {
        try {
            return PublicKey.parse(Bytes.fromHex(hex));
        } catch (KeyException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    private static PolicyConfig policy(TomlSection policy, Network network) throws ConfigException {
        PolicyConfig config =
                new PolicyConfig(
                        policy.integer("max_amount_sat", 0, MAX_SAT),
                        policy.optionalInteger("max_amount_per_day_sat", 0, MAX_SAT),
                        policy.integer("max_fee_sat", 0, MAX_SAT),
                        policy.list("destinations", MAX_DESTINATIONS, t -> address(t, network)),
                        policy.flag("any_destination", false),
                        policy.flag("require_fresh_chain", false));
        policy.refuseUnknown();
        if (config.anyDestination() && !config.destinations().isEmpty()) {
            throw policy.error(
                    "any_destination", "true, and destinations are named: write one of the two");
        }
        if (!config.anyDestination() && config.destinations().isEmpty()) {
            throw policy.error(
                    "destinations",
                    "none, so that nothing could ever be paid: name some, or write any_destination"
                            + " = true");
        }
        return config;
    }

    static String address(String text, Network network) {
        try {
            Address.parse(text, network);
            return text;
        } catch (AddressException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    private static TimeoutsConfig timeouts(TomlSection timeouts) throws ConfigException {
        TimeoutsConfig config =
                new TimeoutsConfig(
                        seconds(timeouts, "readiness_seconds", 20),
                        seconds(timeouts, "nonces_seconds", 5),
                        seconds(timeouts, "partials_seconds", 5));
        timeouts.refuseUnknown();
        return config;
    }

    private static LogConfig log(TomlSection log) throws ConfigException {
        LogConfig config =
                new LogConfig(
                        log.optionalString("level").isEmpty()
                                ? LogConfig.DEFAULT.level()
                                : log.parsed("level", EventPlace::level),
                        log.section("levels").map(MAX_LEVELS, EventPlace::level),
                        log.optionalString("pattern").isEmpty()
                                ? Optional.empty()
                                : Optional.of(log.parsed("pattern", ConfigReader::pattern)));
        log.refuseUnknown();
        return config;
    }

    private static String pattern(String text) {
        if (text.isBlank() || text.length() > MAX_PATTERN || !PlainText.isPlain(text)) {
            throw new IllegalArgumentException(
                    "1 to " + MAX_PATTERN + " characters of plain text, without line breaks");
        }
        return text;
    }

    private static Duration seconds(TomlSection section, String key, int otherwise)
            throws ConfigException {
        return Duration.ofSeconds(section.optionalInteger(key, 1, MAX_SECONDS).orElse(otherwise));
    }
}
