package org.tutti.lightclient.proof;

import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.proof.ProofFault;
import org.tutti.lightclient.headers.HeaderEntry;

/// What became of a proof. [Confirmed] alone is a yes, and only until the chain is reorganised.
///
/// [TooShallow], [TooLittleWork], [NotInBestChain] and [UnknownBlock] are about our chain, and may
/// be another answer later. [LeafUnauthenticated] and [Refused] are about the proof, and stay.
public sealed interface ProofVerdict {

    /// The reason as programs read it; `confirmed` for a yes.
    String code();

    /// In the best chain, deep enough.
    record Confirmed(ProvenTransaction transaction) implements ProofVerdict {
        @Override
        public String code() {
            return "confirmed";
        }
    }

    /// In the best chain, but not as deep as we demand.
    record TooShallow(ProvenTransaction transaction, int demanded) implements ProofVerdict {
        @Override
        public String code() {
            return "too-shallow";
        }
    }

    /// In the best chain, which has less work than the network's minimum.
    record TooLittleWork(ProvenTransaction transaction) implements ProofVerdict {
        @Override
        public String code() {
            return "too-little-work";
        }
    }

    /// In a block that we know and that does not count: on a fork with less work, or, on a signet,
    /// not verified yet.
    ///
    /// @param fork the last block below it that is in the best chain
    record NotInBestChain(Txid txid, HeaderEntry block, HeaderEntry fork) implements ProofVerdict {
        @Override
        public String code() {
            return "not-in-best-chain";
        }
    }

    /// We have no header of this block, or an operator has invalidated it, or one below it.
    record UnknownBlock(BlockHash block) implements ProofVerdict {
        @Override
        public String code() {
            return "unknown-block";
        }
    }

    /// Nothing shows that the branch begins at a transaction.
    record LeafUnauthenticated(Txid txid, HeaderEntry block) implements ProofVerdict {
        @Override
        public String code() {
            return "leaf-unauthenticated";
        }
    }

    /// The proof is false.
    ///
    /// @param message for people
    record Refused(HeaderEntry block, ProofFault fault, String message) implements ProofVerdict {
        @Override
        public String code() {
            return fault.code();
        }
    }
}
