package org.tutti.coordinator.advert;

import org.tutti.coordinator.message.Advert;
import org.tutti.musig.keys.PublicKey;

import java.time.Instant;

/// What happens to adverts, this node's own and those of others.
public sealed interface AdvertEvent {
    Instant at();

    /// Whose advert.
    PublicKey key();

    /// This node advertises, for the first time or again.
    record SignerAdvertised(Instant at, Advert advert) implements AdvertEvent {
        @Override
        public PublicKey key() {
            return advert.header().key();
        }
    }

    /// A signer was found that was not known.
    record SignerDiscovered(Instant at, Advert advert, Via via) implements AdvertEvent {
        @Override
        public PublicKey key() {
            return advert.header().key();
        }
    }

    /// A signer that is known has a newer advert.
    record SignerUpdated(Instant at, Advert advert, Via via) implements AdvertEvent {
        @Override
        public PublicKey key() {
            return advert.header().key();
        }
    }

    /// A signer, perhaps this one, has taken its advert back.
    record SignerWithdrawn(Instant at, PublicKey key) implements AdvertEvent {}

    /// A signer that is known cannot be asked at once any more.
    record SignerUnavailable(Instant at, PublicKey key, Reason reason) implements AdvertEvent {}

    /// Why a signer is not available.
    enum Reason {
        /// Its advert counts no longer.
        EXPIRED,
        /// The connection to its peer is closed; its advert still counts.
        DISCONNECTED
    }
}
