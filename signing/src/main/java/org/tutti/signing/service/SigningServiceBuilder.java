package org.tutti.signing.service;

import org.jspecify.annotations.Nullable;
import org.tutti.base.BootClock;
import org.tutti.base.Bytes;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.musig.keys.SecretKey;
import org.tutti.signing.approval.Approval;
import org.tutti.signing.approval.HoldListener;
import org.tutti.signing.group.SignerGroup;
import org.tutti.signing.internal.wire.Terms;
import org.tutti.signing.journal.FolderJournalFiles;
import org.tutti.signing.journal.JournalFiles;
import org.tutti.signing.request.SigningLimits;
import org.tutti.signing.session.SessionEvent;
import org.tutti.signing.session.SessionTimeouts;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/// Configures a [SigningService]. Host, identity, group, signing key, approval and data folder are
/// required.
public final class SigningServiceBuilder {
    private @Nullable Host host;
    private @Nullable PrivateKey identity;
    private @Nullable SignerGroup group;
    private @Nullable SecretKey signingKey;
    private @Nullable Approval approval;
    private @Nullable Path dataFolder;
    private @Nullable JournalFiles journalFiles;
    SessionTimeouts timeouts = SessionTimeouts.DEFAULT;
    SigningLimits limits = SigningLimits.DEFAULT;
    InstantSource clock = InstantSource.system();
    LongSupplier bootClock = new BootClock();
    HoldListener holdListener = HoldListener.none();
    Bytes terms = Bytes.EMPTY;
    Consumer<? super Throwable> onFailure = _ -> {};
    SecureRandom random = new SecureRandom();
    Consumer<? super SessionEvent> listener = _ -> {};

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

    public SigningServiceBuilder group(SignerGroup value) {
        group = value;
        return this;
    }

    /// The member's signing key. The caller closes it, after the service.
    public SigningServiceBuilder signingKey(SecretKey value) {
        signingKey = value;
        return this;
    }

    public SigningServiceBuilder approval(Approval value) {
        approval = value;
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

    public SigningServiceBuilder timeouts(SessionTimeouts value) {
        timeouts = value;
        return this;
    }

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

    /// Told what becomes of the holds.
    public SigningServiceBuilder holdListener(HoldListener value) {
        holdListener = value;
        return this;
    }

    /// What all members must agree on besides keys, network and epoch, such as the group's address:
    /// opaque, at most 256 bytes. Each signs it with its signing key when it connects; nothing is
    /// signed with a member that says something else.
    public SigningServiceBuilder terms(Bytes value) {
        Terms.requireShort(value);
        terms = value;
        return this;
    }

    /// Told once if this node can sign no more: its journal failed, or there was an error. The
    /// owner should end the node.
    public SigningServiceBuilder onFailure(Consumer<? super Throwable> value) {
        onFailure = value;
        return this;
    }

    public SigningServiceBuilder random(SecureRandom value) {
        random = value;
        return this;
    }

    /// Receives every event, in order, on its own thread.
    public SigningServiceBuilder listener(Consumer<? super SessionEvent> value) {
        listener = value;
        return this;
    }

    /// Opens and reads the journal.
    ///
    /// @throws IOException if the journal is in use, damaged or cannot be read; see
    ///   [org.tutti.signing.journal.JournalException]
    /// @throws IllegalArgumentException if host, identity, keys and group do not match
    public SigningService build() throws IOException {
        return new SigningService(this);
    }

    Host host() {
        return given(host, "host");
    }

    PrivateKey identity() {
        return given(identity, "identity");
    }

    SignerGroup group() {
        return given(group, "group");
    }

    SecretKey signingKey() {
        return given(signingKey, "signing key");
    }

    Approval approval() {
        return given(approval, "approval");
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
