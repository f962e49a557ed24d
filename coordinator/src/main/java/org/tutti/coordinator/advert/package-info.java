/// Signers advertise what they co-sign, and are found (docs/protocol.md, "Adverts"): filters,
/// results, limits and events. Start reading at [org.tutti.coordinator.advert.SignerFilter].
@NullMarked
package org.tutti.coordinator.advert;

import org.jspecify.annotations.NullMarked;
