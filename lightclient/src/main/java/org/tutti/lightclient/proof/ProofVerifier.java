package org.tutti.lightclient.proof;

import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.proof.Inclusion;
import org.tutti.bitcoin.proof.InclusionProof;
import org.tutti.lightclient.headers.HeaderChain;
import org.tutti.lightclient.headers.HeaderEntry;

import java.util.Optional;

/// Holds proofs against a chain of headers, as it is now.
///
/// A proof is checked against the header that our own chain has, then the block's place in the best
/// chain decides: a header of a fork is as well formed as any other, so finding it is not enough.
/// An answer holds until the chain moves; whoever acted on one asks again after a reorganisation.
///
/// Not thread-safe, like the chain: asked on the thread that owns it.
public final class ProofVerifier {
    private final HeaderChain chain;
    private final ProofPolicy policy;

    public ProofVerifier(HeaderChain chain, ProofPolicy policy) {
        this.chain = chain;
        this.policy = policy;
    }

    public ProofVerdict verify(InclusionProof proof) {
        Optional<HeaderEntry> found = chain.find(proof.block());
        if (found.isEmpty()) {
            return new ProofVerdict.UnknownBlock(proof.block());
        }
        HeaderEntry block = found.get();
        return switch (proof.check(block.header())) {
            case Inclusion.Proven(Txid txid, int index, int _) -> place(txid, index, block);
            case Inclusion.LeafUnauthenticated(Txid txid) ->
                    new ProofVerdict.LeafUnauthenticated(txid, block);
            case Inclusion.Refused(var fault, String message) ->
                    new ProofVerdict.Refused(block, fault, message);
        };
    }

    private ProofVerdict place(Txid txid, int index, HeaderEntry block) {
        if (!chain.isOnBestChain(block)) {
            return new ProofVerdict.NotInBestChain(txid, block, chain.fork(block));
        }
        int confirmations = chain.tip().height() - block.height() + 1;
        ProvenTransaction proven = new ProvenTransaction(txid, index, block, confirmations);
        if (policy.needsMinimumWork() && !chain.hasEnoughWork()) {
            return new ProofVerdict.TooLittleWork(proven);
        }
        if (confirmations < policy.minConfirmations()) {
            return new ProofVerdict.TooShallow(proven, policy.minConfirmations());
        }
        return new ProofVerdict.Confirmed(proven);
    }
}
