package org.tutti.signing.service;

import org.jspecify.annotations.Nullable;
import org.tutti.base.BootClock;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.signing.journal.FolderJournalFiles;
import org.tutti.signing.journal.JournalFiles;
import org.tutti.signing.request.SigningLimits;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;

/// Configures a [SigningService]: what belongs to the node, whatever its groups. Host, identity and
/// data folder are required.
public final class SigningServiceBuilder {
    private @Nullable Host host;
    private @Nullable PrivateKey identity;
    private @Nullable Path dataFolder;
    private @Nullable JournalFiles journalFiles;
    SigningLimits limits = SigningLimits.DEFAULT;
    InstantSource clock = InstantSource.system();
    LongSupplier bootClock = new BootClock();
    Consumer<? super IOException> onNotCompacted = _ -> {};
    Consumer<? super Throwable> onFailure = _ -> {};
    SecureRandom random = new SecureRandom();

    /// Stands before the links: a test's, which does badly what a relay is there for.
    UnaryOperator<Consumer<GroupWay.Parcel>> sending = UnaryOperator.identity();

    SigningServiceBuilder() {}

    /// Started or not. The caller closes it, after the service.
    public SigningServiceBuilder host(Host value) {
        host = value;
        return this;
    }

    /// The host's identity key, which signs messages.
    public SigningServiceBuilder identity(PrivateKey value) {
        identity = value;
        return this;
    }

    /// The folder with `journal` and `evidence/`.
    public SigningServiceBuilder dataFolder(Path value) {
        dataFolder = value;
        return this;
    }

    /// A journal to use in place of the one in the data folder; the service closes it.
    public SigningServiceBuilder journalFiles(JournalFiles value) {
        journalFiles = value;
        return this;
    }

    /// Those of each group, and of what waits for each peer.
    public SigningServiceBuilder limits(SigningLimits value) {
        limits = value;
        return this;
    }

    public SigningServiceBuilder clock(InstantSource value) {
        clock = value;
        return this;
    }

    /// Nanoseconds on a clock that nobody sets and that counts sleep.
    public SigningServiceBuilder bootClock(LongSupplier value) {
        bootClock = value;
        return this;
    }

    /// Told once if this node can no longer sign: its journal failed, or there was an error. The
    /// owner should end the node.
    public SigningServiceBuilder onFailure(Consumer<? super Throwable> value) {
        onFailure = value;
        return this;
    }

    /// Told each time that the journal, which grows, could not be compacted, as on a full disk. It
    /// is tried again when it has grown by as much again.
    public SigningServiceBuilder onNotCompacted(Consumer<? super IOException> value) {
        onNotCompacted = value;
        return this;
    }

    public SigningServiceBuilder random(SecureRandom value) {
        random = value;
        return this;
    }

    /// Opens and reads the journal.
    ///
    /// @throws IOException if the journal is in use, damaged or cannot be read; see
    ///   [org.tutti.signing.journal.JournalException]
    /// @throws IllegalArgumentException if a required value is missing, or the identity is not the
    ///   host's
    public SigningService build() throws IOException {
        return new SigningService(this);
    }

    Host host() {
        return given(host, "host");
    }

    PrivateKey identity() {
        return given(identity, "identity");
    }

    Path evidenceFolder() {
        return given(dataFolder, "data folder").resolve("evidence");
    }

    JournalFiles openJournal() throws IOException {
        return journalFiles != null
                ? journalFiles
                : FolderJournalFiles.open(given(dataFolder, "data folder").resolve("journal"));
    }

    private static <T> T given(@Nullable T value, String name) {
        if (value == null) {
            throw new IllegalArgumentException("a signing service needs its " + name);
        }
        return value;
    }
}
