package org.tutti.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.tutti.base.Bytes;
import org.tutti.node.config.ConfigReader;
import org.tutti.node.config.NodeConfig;
import org.tutti.node.keystore.KeyStore;
import org.tutti.node.keystore.NodeKeys;
import org.tutti.signing.group.Member;
import org.tutti.signing.group.SignerGroup;
import org.tutti.signing.internal.wire.Contribution;
import org.tutti.signing.internal.wire.EnvelopeVerifier;
import org.tutti.signing.internal.wire.GroupTable;
import org.tutti.signing.internal.wire.Inbound;
import org.tutti.signing.journal.FolderJournalFiles;
import org.tutti.signing.journal.Journal;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.journal.JournalSource;
import org.tutti.signing.request.SigningLimits;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// What nodes wrote into their journals, read from copies while they run.
final class Journals {
    private Journals() {}

    static List<JournalRecord> read(Path data) throws Exception {
        Path folder = Files.createTempDirectory("journal-copy");
        try {
            Path copy = Files.copy(data.resolve("journal"), folder.resolve("journal"));
            List<JournalRecord> records = new ArrayList<>();
            try (FolderJournalFiles files = FolderJournalFiles.open(copy);
                    JournalSource source = files.source()) {
                Journal.read(source, (entry, _) -> records.add(entry.record()));
            }
            return records;
        } finally {
            Folders.delete(folder);
        }
    }

    static List<JournalRecord.Sign> signed(Path data) throws Exception {
        return read(data).stream()
                .filter(JournalRecord.Sign.class::isInstance)
                .map(JournalRecord.Sign.class::cast)
                .toList();
    }

    static SignerGroup group(NodeConfig config) throws Exception {
        return SignerGroup.of(
                config.network().id(),
                config.epoch(),
                config.members().stream()
                        .map(member ->
                                new SignerGroup.Candidate(
                                        member.peerId(),
                                        member.signingKey(),
                                        member.address().stream().toList()))
                        .toList());
    }

    /// SIGNING-SAFETY 1 and 3, over everything that these nodes ever signed: no public nonce stands
    /// under two partial signatures.
    ///
    /// @return how many partial signatures there are
    static int requireNoNonceTwice(List<Path> folders) throws Exception {
        Set<Bytes> spent = new HashSet<>();
        int signatures = 0;
        for (Path data : folders) {
            NodeConfig config = ConfigReader.read(Path.of(data + ".toml"));
            SignerGroup group = group(config);
            Member self = self(group, config, data);
            for (JournalRecord.Sign sign : signed(data)) {
                List<Bytes> own = nonces(group, sign.nonceEnvelopes().get(self.index()), self);
                assertThat(own).hasSameSizeAs(sign.messages());
                for (Bytes nonce : own) {
                    assertThat(spent.add(nonce))
                            .as("a nonce of %s stands under two partial signatures", data)
                            .isTrue();
                    signatures++;
                }
            }
        }
        return signatures;
    }

    private static Member self(SignerGroup group, NodeConfig config, Path data) throws Exception {
        try (NodeKeys keys = new KeyStore(data).open(config.network())) {
            return group.member(keys.identity().publicKey().peerId()).orElseThrow();
        }
    }

    private static List<Bytes> nonces(SignerGroup group, Bytes envelope, Member author)
            throws Exception {
        Inbound opened =
                new EnvelopeVerifier(GroupTable.of(group), SigningLimits.DEFAULT).verify(envelope);
        if (opened instanceof Inbound.Statement statement
                && statement.author().equals(author)
                && statement.contribution().body() instanceof Contribution.Nonces nonces) {
            return nonces.nonces();
        }
        throw new AssertionError("the journal holds another's nonces, or none");
    }
}
