package org.tutti.node.daemon;

import org.tutti.base.Bytes;
import org.tutti.node.config.NodeConfig;
import org.tutti.node.daemon.NodeException.Kind;
import org.tutti.node.files.IoReason;
import org.tutti.node.keystore.NodeKeys;
import org.tutti.signing.journal.FolderJournalFiles;
import org.tutti.signing.journal.JournalException;
import org.tutti.signing.journal.JournalHead;
import org.tutti.signing.journal.JournalRecovery;
import org.tutti.wallet.policy.DailySpending;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/// Makes a new journal for a node whose journal is lost, damaged or went back (SAFETY 34). The node
/// does not run meanwhile.
///
/// @param peerId the node's
/// @param journal id of the new one, 32 hex digits: what the others' operators accept
/// @param putAside where an earlier journal is now
public record NodeRecovery(String peerId, String journal, Optional<String> putAside) {
    /// Most journals that were put aside.
    private static final int MAX_PUT_ASIDE = 1_000;

    /// Makes it, and uses up the day's limit, because what was approved before may be forgotten. A
    /// journal that waits for the others already is left as it is.
    ///
    /// @param earlierUnknown the operator knows that all members have lost their journals
    /// @param replace put a journal aside that can be read and that no member has objected to
    /// @throws NodeException `JOURNAL_IS_GOOD` without `replace`; or if a file cannot be written
    public static NodeRecovery begin(
            NodeConfig config, Path data, boolean earlierUnknown, boolean replace) {
        NodeParts parts = new NodeParts(config, data, Clock.systemUTC(), new SecureRandom());
        try (DataFolder _ = DataFolder.lock(data);
                NodeKeys keys = parts.keys()) {
            List<Bytes> groups =
                    new ArrayList<>(
                            Setup.ifGroup(config, keys).stream()
                                    .map(setup -> setup.group().id())
                                    .toList());
            List<GroupList.Known> formed = parts.groupList().read();
            formed.forEach(known -> groups.add(known.group()));
            if (groups.isEmpty()) {
                throw new NodeException(
                        "NO_GROUP",
                        Kind.CONFIGURATION,
                        "the configuration has no [[members]], and strangers have formed no group"
                                + " with this node");
            }
            String peerId = keys.identity().publicKey().peerId().toString();
            return begin(parts, peerId, groups, formed, earlierUnknown, replace);
        } catch (IOException e) {
            throw new NodeException(
                    "RECOVERY_IO",
                    Kind.ENVIRONMENT,
                    data + ": cannot be used: " + IoReason.of(e),
                    e);
        }
    }

    /// @param groups ids of all groups, of which `formed` are those that strangers have formed
    private static NodeRecovery begin(
            NodeParts parts,
            String peerId,
            List<Bytes> groups,
            List<GroupList.Known> formed,
            boolean earlierUnknown,
            boolean replace)
            throws IOException {
        Path journal = parts.journal();
        Optional<Path> putAside = Optional.empty();
        Bytes id = newId(parts.random());
        List<Bytes> recovering = groups;
        if (Files.exists(journal)) {
            Map<Bytes, Optional<JournalRecovery.Found>> found = new LinkedHashMap<>();
            for (Bytes group : groups) {
                found.put(group, read(journal, group));
            }
            List<Bytes> waiting = in(found, JournalRecovery.State.RECOVERING);
            boolean wentBack = !in(found, JournalRecovery.State.WENT_BACK).isEmpty();
            if (!waiting.isEmpty() && !wentBack) {
                // Others may have handed over all to another group of this journal.
                recovering = waiting;
                id = Objects.requireNonNull(found.get(waiting.getFirst())).orElseThrow().id();
            } else {
                boolean good = in(found, JournalRecovery.State.GOOD).size() == groups.size();
                requireNotGood(good, journal, replace);
                putAside = Optional.of(putAside(journal));
            }
        }
        if (parts.config().policy().maxAmountPerDaySat().isPresent()) {
            if (parts.config().hasGroup()) {
                DailySpending.useUp(parts.approved(), id, parts.clock().instant());
            }
            for (GroupList.Known known : formed) {
                Path approved = parts.approved(known.descriptor());
                DailySpending.useUp(approved, id, parts.clock().instant());
            }
        }
        if (parts.config().requests().flatMap(r -> present(r.maxAmountPerDaySat())).isPresent()) {
            DailySpending.useUp(parts.approvedRequests(), id, parts.clock().instant());
        }
        JournalRecovery.begin(FolderJournalFiles.open(journal), id, recovering, earlierUnknown);
        return new NodeRecovery(peerId, id.toHex(), putAside.map(Path::toString));
    }

    private static Optional<Long> present(OptionalLong value) {
        return value.isPresent() ? Optional.of(value.getAsLong()) : Optional.empty();
    }

    private static Bytes newId(SecureRandom random) {
        byte[] id = new byte[JournalHead.JOURNAL_ID_BYTES];
        random.nextBytes(id);
        return Bytes.wrap(id);
    }

    /// @return empty if it is damaged
    private static Optional<JournalRecovery.Found> read(Path journal, Bytes group)
            throws IOException {
        try {
            return Optional.of(JournalRecovery.read(FolderJournalFiles.open(journal), group));
        } catch (JournalException e) {
            return switch (e.code()) {
                case CORRUPT, TOO_LARGE -> Optional.empty();
                case LOCKED, UNSUPPORTED_VERSION, IO -> throw e;
            };
        }
    }

    private static List<Bytes> in(
            Map<Bytes, Optional<JournalRecovery.Found>> found, JournalRecovery.State state) {
        return found.entrySet().stream()
                .filter(entry -> entry.getValue().filter(f -> f.state() == state).isPresent())
                .map(Map.Entry::getKey)
                .toList();
    }

    private static void requireNotGood(boolean good, Path journal, boolean replace) {
        if (good && !replace) {
            throw new NodeException(
                    "JOURNAL_IS_GOOD",
                    Kind.CONFIGURATION,
                    journal
                            + " can be read, and no member has shown that it went back: there is"
                            + " nothing to recover. If you know that it is not the last one,"
                            + " --replace puts it aside");
        }
    }

    /// Nothing is deleted: an operator may want to look at it.
    private static Path putAside(Path journal) throws IOException {
        for (int i = 1; i <= MAX_PUT_ASIDE; i++) {
            Path aside = journal.resolveSibling(journal.getFileName() + ".replaced-" + i);
            if (!Files.exists(aside)) {
                return Files.move(journal, aside, StandardCopyOption.ATOMIC_MOVE);
            }
        }
        throw new IOException("too many journals were put aside");
    }
}
