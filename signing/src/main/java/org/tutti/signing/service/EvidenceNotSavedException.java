package org.tutti.signing.service;

import java.io.IOException;
import java.io.Serial;
import java.nio.file.Path;

/// Evidence cannot be written: this node ends, as for a journal that cannot be written.
final class EvidenceNotSavedException extends RuntimeException {
    @Serial private static final long serialVersionUID = 1;

    EvidenceNotSavedException(Path folder, IOException cause) {
        super("evidence cannot be written to " + folder + ": " + cause.getMessage(), cause);
    }

    /// For the operator.
    SigningStoppedException stopped() {
        SigningStoppedException stopped =
                new SigningStoppedException("EVIDENCE_FAILED", String.valueOf(getMessage()));
        stopped.initCause(this);
        return stopped;
    }
}
