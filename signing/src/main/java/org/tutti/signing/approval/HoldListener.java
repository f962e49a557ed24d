package org.tutti.signing.approval;

import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningRequest;

import java.time.Instant;
import java.util.List;

/// Told what becomes of the holds, in order, when the journal has it: nothing is dropped, and after
/// a restart every hold that is still committed or signed is told again, before anything else.
///
/// Called on the engine's thread: it must return at once, and write no file.
public interface HoldListener {
    /// This node is ready, and its Ready leaves after this call: the hold is reserved for the
    /// attempt. Told again in each attempt.
    default void reserved(SigningRequest request, Hold hold) {}

    /// This node's partial signatures leave after this call. From now on others may complete the
    /// signatures without this node hearing of it.
    default void committed(SigningRequest request, Hold hold) {}

    /// The session ended here, and no partial signature of this node's left: it cannot be signed.
    default void released(SigningRequest request, Hold hold) {}

    /// The session is over on this node, but its partial signatures left: it may still be signed by
    /// others, and learned of later.
    default void unknown(SigningRequest request, Hold hold) {}

    /// All signatures are here, each verified. At any time after `committed`, also long after the
    /// request has expired; after each restart until the hold is settled.
    ///
    /// @param at when the last signature came, by the wall clock
    default void signed(
            SigningRequest request, Hold hold, List<SchnorrSignature> signatures, Instant at) {}

    /// The hold was settled, and its resources are free.
    default void settled(SessionId session) {}

    /// Ignores everything.
    static HoldListener none() {
        return new HoldListener() {};
    }
}
