package org.tutti.node.keystore;

import org.tutti.bitcoin.network.Network;
import org.tutti.coordinator.inbox.InboxKey;
import org.tutti.libp2p.identity.KeyFormatException;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.musig.keys.KeyException;
import org.tutti.musig.keys.SecretKey;
import org.tutti.node.files.IoReason;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Map;

/// A node's keys in `DATA/keys`, mode 0600: `identity.key`, an Ed25519 private key in libp2p's
/// protobuf as one line of hex; and `signing.key`, 32 bytes as one line of hex, then the line
/// `network NAME ID` with the network that the key was made for; and `inbox.key`, 32 bytes as one
/// line of hex, to which requests are encrypted while the node is away. The keys are independent of
/// each other (SIGNING-SAFETY 17).
///
/// Key and network stand in one file, so that no copy of the key is without its network
/// (SIGNING-SAFETY 24).
public final class KeyStore {
    private static final String IDENTITY = "identity.key";
    private static final String SIGNING = "signing.key";
    private static final String INBOX = "inbox.key";
    private static final HexFormat HEX = HexFormat.of();

    private final Path folder;
    private final SecretFiles files;

    /// @param dataFolder the node's data folder; the keys are stored in `keys` below it
    public KeyStore(Path dataFolder) {
        this(dataFolder, new SecretFiles());
    }

    KeyStore(Path dataFolder, SecretFiles files) {
        this.folder = dataFolder.resolve("keys");
        this.files = files;
    }

    /// Makes all keys; never replaces existing ones.
    ///
    /// @param network the one network that the signing key will sign for
    /// @throws KeyStoreException if there are keys already, or the folder cannot be written
    public NodeKeys create(Network network, SecureRandom random) throws KeyStoreException {
        PrivateKey identity = Keys.generate(KeyType.ED25519, random);
        byte[] identityBytes = identity.toProtobuf();
        byte[] identityText = lines(identityBytes, "");
        byte[] signing = new byte[SecretKey.BYTES];
        byte[] signingText = new byte[0];
        byte[] inbox = new byte[InboxKey.BYTES];
        random.nextBytes(inbox);
        byte[] inboxText = lines(inbox, "");
        try {
            SecretKey key = drawSigningKey(signing, random);
            signingText = lines(signing, NetworkLine.of(network).text() + "\n");
            files.writeAll(
                    folder, Map.of(IDENTITY, identityText, SIGNING, signingText, INBOX, inboxText));
            return new NodeKeys(identity, key, network.id());
        } catch (FileAlreadyExistsException e) {
            throw new KeyStoreException(folder + ": has keys already; they are never replaced", e);
        } catch (IOException e) {
            throw new KeyStoreException(folder + ": cannot be written: " + IoReason.of(e), e);
        } finally {
            files.wipe(identityBytes);
            files.wipe(identityText);
            files.wipe(signing);
            files.wipe(signingText);
            files.wipe(inbox);
            files.wipe(inboxText);
        }
    }

    /// The key of this node's inbox; it is made where there is none, as in a folder from before
    /// nodes had one. Call it only while holding the lock of the data folder.
    ///
    /// @throws KeyStoreException if its file is open to others or not a key, or cannot be written
    public InboxKey inbox(SecureRandom random) throws KeyStoreException {
        Path file = folder.resolve(INBOX);
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            makeInbox(file, random);
        }
        byte[] text = files.read(file);
        byte[] key = new byte[0];
        try {
            key = secret(file, text, text.length);
            if (key.length != InboxKey.BYTES) {
                throw new KeyStoreException(file + ": not an inbox key");
            }
            return InboxKey.of(key);
        } finally {
            files.wipe(text);
            files.wipe(key);
        }
    }

    private void makeInbox(Path file, SecureRandom random) throws KeyStoreException {
        byte[] inbox = new byte[InboxKey.BYTES];
        random.nextBytes(inbox);
        byte[] text = lines(inbox, "");
        try {
            files.writeNew(file, text);
        } catch (IOException e) {
            throw new KeyStoreException(file + ": cannot be written: " + IoReason.of(e), e);
        } finally {
            files.wipe(inbox);
            files.wipe(text);
        }
    }

    /// @param network the one that the node is about to sign for
    /// @throws KeyStoreException if a file is not there, open to others, or not a key;
    ///   KEY_OF_ANOTHER_NETWORK or KEY_WITHOUT_NETWORK if the signing key was not made for
    ///   `network`
    public NodeKeys open(Network network) throws KeyStoreException {
        Path identityFile = folder.resolve(IDENTITY);
        byte[] identityText = files.read(identityFile);
        byte[] identityBytes = new byte[0];
        try {
            identityBytes = secret(identityFile, identityText, identityText.length);
            PrivateKey identity = Keys.privateFromProtobuf(identityBytes);
            return new NodeKeys(identity, signingKey(network), network.id());
        } catch (KeyFormatException e) {
            throw new KeyStoreException(identityFile + ": not a libp2p private key", e);
        } finally {
            files.wipe(identityText);
            files.wipe(identityBytes);
        }
    }

    private SecretKey signingKey(Network network) throws KeyStoreException {
        Path file = folder.resolve(SIGNING);
        byte[] text = files.read(file);
        byte[] key = new byte[0];
        try {
            int end = endOfLine(text);
            key = secret(file, text, end);
            // Not a key at all is said first: its remedy is another.
            SecretKey made = signingKey(file, key);
            try {
                requireNetwork(file, text, end, network);
                return made;
            } catch (KeyStoreException e) {
                made.close();
                throw e;
            }
        } finally {
            files.wipe(text);
            files.wipe(key);
        }
    }

    private static int endOfLine(byte[] text) {
        for (int i = 0; i < text.length; i++) {
            if (text[i] == '\n') {
                return i;
            }
        }
        return text.length;
    }

    private void requireNetwork(Path file, byte[] text, int from, Network network)
            throws KeyStoreException {
        String rest =
                new String(text, from, text.length - from, StandardCharsets.ISO_8859_1).strip();
        if (rest.isEmpty()) {
            throw new KeyStoreException(
                    KeyStoreException.Code.KEY_WITHOUT_NETWORK,
                    file
                            + ": does not say which network this key is for, and the configuration"
                            + " names "
                            + network.name()
                            + "; make new keys in another data folder with: tutti node init --network "
                            + network.name()
                            + "; or, only if this key was never used on another network, append"
                            + " this line to the file: "
                            + NetworkLine.of(network).text());
        }
        NetworkLine line =
                NetworkLine.parse(rest)
                        .orElseThrow(() ->
                                new KeyStoreException(
                                        file
                                                + ": the line after the key is not: network NAME"
                                                + " ID"));
        if (!line.id().equals(network.id())) {
            throw new KeyStoreException(
                    KeyStoreException.Code.KEY_OF_ANOTHER_NETWORK,
                    file
                            + ": this key is for "
                            + line.described()
                            + ", the configuration names "
                            + network.name()
                            + "; a key signs for one network only, so make keys for "
                            + network.name()
                            + " in another data folder");
        }
    }

    private static SecretKey signingKey(Path file, byte[] bytes) throws KeyStoreException {
        try {
            return SecretKey.of(bytes);
        } catch (KeyException e) {
            throw new KeyStoreException(file + ": not a secp256k1 secret key", e);
        }
    }

    /// Fills `secret` until it is a key: all but one in 2^127 draws are.
    private static SecretKey drawSigningKey(byte[] secret, SecureRandom random) {
        while (true) {
            random.nextBytes(secret);
            try {
                return SecretKey.of(secret);
            } catch (KeyException e) {
                // Zero or not below the group's order: draw again.
            }
        }
    }

    /// The bytes that `text` has as hex digits before `end`. No copy of the digits is made, and no
    /// message quotes them.
    private byte[] secret(Path file, byte[] text, int end) throws KeyStoreException {
        int digits = end;
        while (digits > 0 && (text[digits - 1] == '\n' || text[digits - 1] == '\r')) {
            digits--;
        }
        byte[] secret = new byte[digits / 2];
        try {
            for (int i = 0; i < digits; i++) {
                int digit = HexFormat.fromHexDigit(text[i]);
                // An odd digit has no place in the array.
                secret[i / 2] = (byte) (secret[i / 2] << 4 | digit);
            }
            return secret;
        } catch (IndexOutOfBoundsException | NumberFormatException e) {
            files.wipe(secret);
            throw new KeyStoreException(file + ": not one line of hex digits");
        }
    }

    /// The secret as a line of hex digits, then the rest.
    private static byte[] lines(byte[] secret, String rest) {
        byte[] after = rest.getBytes(StandardCharsets.US_ASCII);
        byte[] text = new byte[2 * secret.length + 1 + after.length];
        for (int i = 0; i < secret.length; i++) {
            text[2 * i] = (byte) HEX.toHighHexDigit(secret[i]);
            text[2 * i + 1] = (byte) HEX.toLowHexDigit(secret[i]);
        }
        text[2 * secret.length] = '\n';
        System.arraycopy(after, 0, text, 2 * secret.length + 1, after.length);
        return text;
    }
}
