package org.tutti.node.daemon;

import org.tutti.bitcoin.network.Network;
import org.tutti.node.config.NodeConfig;
import org.tutti.node.keystore.KeyStore;
import org.tutti.node.keystore.KeyStoreException;
import org.tutti.node.keystore.NodeKeys;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Looks at a node's configuration and data folder without starting it.
public final class NodeCheck {
    /// What was found.
    ///
    /// @param message one line
    public record Finding(Level level, String message) {}

    /// How much it matters.
    public enum Level {
        /// The node would not start.
        ERROR,
        /// It would, and the operator should know.
        WARNING
    }

    private final NodeConfig config;
    private final Path data;
    private final List<Finding> findings = new ArrayList<>();

    private NodeCheck(NodeConfig config, Path data) {
        this.config = config;
        this.data = data;
    }

    /// @param file the configuration's, which was read
    /// @param data the data folder
    /// @return what was found, errors first
    public static List<Finding> of(NodeConfig config, Path file, Path data) {
        NodeCheck check = new NodeCheck(config, data);
        check.keys();
        check.writableByOthers(file);
        check.folder();
        if (config.hasGroup()) {
            check.policy();
        }
        config.requests().ifPresent(check::requests);
        check.mainnet();
        return check.findings.stream().sorted((a, b) -> a.level().compareTo(b.level())).toList();
    }

    private void keys() {
        try (NodeKeys keys = new KeyStore(data).open(config.network())) {
            Optional<Setup> setup = Setup.ifGroup(config, keys);
            if (setup.isPresent()) {
                connections(setup.get());
            }
        } catch (KeyStoreException e) {
            error(e.reason());
        } catch (NodeException e) {
            error(e.reason());
        }
    }

    private void connections(Setup setup) {
        if (config.connections().listen().isEmpty() && setup.self().addresses().isEmpty()) {
            error("this node's table has no address, and listen is missing");
        }
        if (config.connections().allow().stream().anyMatch(setup::isMember)) {
            warning("allow: names a member; members may connect anyway");
        }
    }

    private void folder() {
        if (!Files.isDirectory(data)) {
            return; // That there are no keys is said already.
        }
        if (Files.isSymbolicLink(data.resolve("keys"))) {
            warning(data.resolve("keys") + ": is a link; what it leads to can be exchanged");
        }
        writableByOthers(data);
        if (!Files.exists(data.resolve(NodeParts.JOURNAL))) {
            warning(
                    data.resolve(NodeParts.JOURNAL)
                            + ": there are keys and no journal; if this node has signed before, see"
                            + " node recover");
        }
    }

    private void writableByOthers(Path path) {
        try {
            Set<PosixFilePermission> others =
                    EnumSet.copyOf(Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS));
            others.retainAll(
                    Set.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE));
            if (!others.isEmpty() && !Files.isSymbolicLink(path)) {
                warning(path + ": other users may write it, and so change what this node does");
            }
        } catch (IOException | UnsupportedOperationException e) {
            warning(path + ": its permissions cannot be read");
        }
    }

    private void policy() {
        NodeConfig.PolicyConfig policy = config.policy();
        if (policy.maxAmountPerDaySat().isEmpty()) {
            warning(
                    "policy.max_amount_per_day_sat: none, so that payments one after the other may"
                            + " take everything");
        } else if (policy.maxAmountPerDaySat().getAsLong() < policy.maxAmountSat()) {
            warning("policy.max_amount_per_day_sat: below max_amount_sat, which is never reached");
        }
        if (policy.anyDestination()) {
            warning("policy.any_destination: any address may be paid");
        }
        if (policy.maxFeeSat() > policy.maxAmountSat()) {
            warning("policy.max_fee_sat: above max_amount_sat");
        }
    }

    private void requests(NodeConfig.RequestsConfig requests) {
        if (config.connections().bootstrap().isEmpty()) {
            warning(
                    "dht.bootstrap: none, so that signers are found only while they are connected, and"
                            + " no request waits for this node while it is away");
        }
        if (requests.mode() == NodeConfig.RequestsConfig.Mode.RULES) {
            if (requests.maxAmountPerDaySat().isEmpty()) {
                warning(
                        "requests.max_amount_per_day_sat: none, so that requests one after the other"
                                + " may take everything");
            }
            if (requests.requesters().isEmpty()) {
                warning("requests.requesters: none, so that anybody's requests are joined");
            }
            if (requests.anyDestination()) {
                warning("requests.any_destination: any address may be paid");
            }
        }
    }

    private void mainnet() {
        if (config.network().equals(Network.MAINNET) && !config.allowMainnetSigning()) {
            warning("allow_mainnet_signing: not true, so that nothing is signed");
        }
    }

    private void error(String message) {
        findings.add(new Finding(Level.ERROR, message));
    }

    private void warning(String message) {
        findings.add(new Finding(Level.WARNING, message));
    }
}
