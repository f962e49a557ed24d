package org.tutti.node.keystore;

import org.tutti.bitcoin.network.Network;
import org.tutti.coordinator.group.GroupKeys;
import org.tutti.coordinator.message.ProposalId;
import org.tutti.musig.keys.ExtendedPrivateKey;
import org.tutti.musig.keys.KeyException;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;

/// The seeds of this node's keys in groups with others: in `DATA/keys`, mode 0600, one file
/// `group-PROPOSAL.key` for each: 32 bytes of fresh randomness as one line of hex, from which
/// BIP32's master key is made, then the line `network NAME ID` (SIGNING-SAFETY 24). None is ever
/// replaced or deleted: money may depend on it.
///
/// Threads: any; files are made one after the other.
public final class GroupKeyFiles implements GroupKeys {
    private static final int SEED = 32;
    private static final HexFormat HEX = HexFormat.of();

    private final Path folder;
    private final Network network;
    private final SecureRandom random;
    private final SecretFiles files;

    /// @param dataFolder the node's, whose lock the caller holds
    public GroupKeyFiles(Path dataFolder, Network network, SecureRandom random) {
        this(dataFolder, network, random, new SecretFiles());
    }

    GroupKeyFiles(Path dataFolder, Network network, SecureRandom random, SecretFiles files) {
        this.folder = dataFolder.resolve("keys");
        this.network = network;
        this.random = random;
        this.files = files;
    }

    private Path file(ProposalId proposal) {
        return folder.resolve("group-" + proposal + ".key");
    }

    @Override
    public synchronized ExtendedPrivateKey create(ProposalId proposal) throws IOException {
        Optional<ExtendedPrivateKey> there = find(proposal);
        if (there.isPresent()) {
            return there.get();
        }
        byte[] seed = new byte[SEED];
        random.nextBytes(seed);
        byte[] text = text(seed);
        try {
            ExtendedPrivateKey key = key(seed);
            try {
                files.writeNew(file(proposal), text);
                return key;
            } catch (IOException e) {
                key.close();
                throw e;
            }
        } finally {
            files.wipe(seed);
            files.wipe(text);
        }
    }

    @Override
    public synchronized Optional<ExtendedPrivateKey> find(ProposalId proposal) throws IOException {
        Path file = file(proposal);
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        byte[] text = new byte[0];
        byte[] seed = new byte[SEED];
        try {
            text = files.read(file);
            if (text.length < 2 * SEED + 1 || text[2 * SEED] != '\n') {
                throw new IOException(file + ": not the key of a group");
            }
            for (int i = 0; i < 2 * SEED; i++) {
                seed[i / 2] = (byte) (seed[i / 2] << 4 | HexFormat.fromHexDigit(text[i]));
            }
            requireNetwork(file, text);
            return Optional.of(key(seed));
        } catch (KeyStoreException e) {
            throw new IOException(e.reason(), e);
        } catch (NumberFormatException e) {
            throw new IOException(file + ": not the key of a group");
        } finally {
            files.wipe(text);
            files.wipe(seed);
        }
    }

    private void requireNetwork(Path file, byte[] text) throws IOException {
        int from = 2 * SEED + 1;
        String line =
                new String(text, from, text.length - from, StandardCharsets.ISO_8859_1).strip();
        if (NetworkLine.parse(line).filter(n -> n.id().equals(network.id())).isEmpty()) {
            throw new IOException(file + ": a key for another network, or for none");
        }
    }

    private ExtendedPrivateKey key(byte[] seed) throws IOException {
        try {
            return ExtendedPrivateKey.fromSeed(seed, network.keyVersions());
        } catch (KeyException e) {
            throw new IOException("a seed without a key", e); // Less likely than 2^-127.
        }
    }

    /// No copy of the digits is left behind.
    private byte[] text(byte[] seed) {
        byte[] line =
                ("\n" + NetworkLine.of(network).text() + "\n").getBytes(StandardCharsets.US_ASCII);
        byte[] text = new byte[2 * seed.length + line.length];
        for (int i = 0; i < seed.length; i++) {
            text[2 * i] = (byte) HEX.toHighHexDigit(seed[i]);
            text[2 * i + 1] = (byte) HEX.toLowHexDigit(seed[i]);
        }
        System.arraycopy(line, 0, text, 2 * seed.length, line.length);
        return text;
    }
}
