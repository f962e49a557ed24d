package org.tutti.node.keystore;

import org.tutti.libp2p.identity.KeyFormatException;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.musig.keys.KeyException;
import org.tutti.musig.keys.SecretKey;
import org.tutti.node.files.IoReason;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;

/// A node's keys in `DATA/keys`: `identity.key` (an Ed25519 private key in libp2p's protobuf) and
/// `signing.key` (32 bytes), each as one line of hex, mode 0600. The two keys are independent of
/// each other (SIGNING-SAFETY 17).
public final class KeyStore {
    private static final String IDENTITY = "identity.key";
    private static final String SIGNING = "signing.key";
    private static final HexFormat HEX = HexFormat.of();

    private final Path folder;

    /// @param dataFolder the node's data folder; the keys are stored in `keys` below it
    public KeyStore(Path dataFolder) {
        this.folder = dataFolder.resolve("keys");
    }

    /// Makes both keys; never replaces existing ones.
    ///
    /// @throws KeyStoreException if there are keys already, or the folder cannot be written
    public NodeKeys create(SecureRandom random) throws KeyStoreException {
        PrivateKey identity = Keys.generate(KeyType.ED25519, random);
        byte[] signing = new byte[32];
        byte[] identityText = new byte[0];
        byte[] signingText = new byte[0];
        try {
            SecretKey key = drawSigningKey(signing, random);
            byte[] identityBytes = identity.toProtobuf();
            identityText = line(identityBytes);
            SecretFiles.wipe(identityBytes);
            signingText = line(signing);
            SecretFiles.writeAll(folder, Map.of(IDENTITY, identityText, SIGNING, signingText));
            return new NodeKeys(identity, key);
        } catch (FileAlreadyExistsException e) {
            throw new KeyStoreException(folder + ": has keys already; they are never replaced", e);
        } catch (IOException e) {
            throw new KeyStoreException(folder + ": cannot be written: " + IoReason.of(e), e);
        } finally {
            SecretFiles.wipe(signing);
            SecretFiles.wipe(identityText);
            SecretFiles.wipe(signingText);
        }
    }

    /// @throws KeyStoreException if a file is not there, open to others, or not a key
    public NodeKeys open() throws KeyStoreException {
        Path identityFile = folder.resolve(IDENTITY);
        byte[] identityBytes = secret(identityFile);
        byte[] signingBytes = new byte[0];
        try {
            PrivateKey identity = Keys.privateFromProtobuf(identityBytes);
            Path signingFile = folder.resolve(SIGNING);
            signingBytes = secret(signingFile);
            return new NodeKeys(identity, signingKey(signingFile, signingBytes));
        } catch (KeyFormatException e) {
            throw new KeyStoreException(identityFile + ": not a libp2p private key", e);
        } finally {
            SecretFiles.wipe(identityBytes);
            SecretFiles.wipe(signingBytes);
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

    private static byte[] secret(Path file) throws KeyStoreException {
        byte[] text = SecretFiles.read(file);
        try {
            char[] digits = new char[text.length];
            int length = 0;
            for (byte c : text) {
                if (c != '\n' && c != '\r') {
                    digits[length++] = (char) (c & 0xff);
                }
            }
            byte[] key = HEX.parseHex(digits, 0, length);
            Arrays.fill(digits, '0');
            return key;
        } catch (IllegalArgumentException e) {
            // The exception's message quotes digits of the secret: it goes no further.
            throw new KeyStoreException(file + ": not one line of hex digits");
        } finally {
            SecretFiles.wipe(text);
        }
    }

    private static byte[] line(byte[] secret) {
        byte[] text = new byte[2 * secret.length + 1];
        for (int i = 0; i < secret.length; i++) {
            text[2 * i] = (byte) HEX.toHighHexDigit(secret[i]);
            text[2 * i + 1] = (byte) HEX.toLowHexDigit(secret[i]);
        }
        text[text.length - 1] = '\n';
        return text;
    }
}
